"""Enrolment as a student does it: consent, camera or files, and the way on when it fails."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from facerecog.samples import photo
from tests.browser.conftest import (
    INSECURE_HOST,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
)
from tests.conftest import Person

THREE_SIDES = "obama+obama3+obama2"  # straight, a little left, a little right


def agree(page: Page) -> None:
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Agree and continue").click()


def stored(site: Site, student: Person) -> dict[str, object]:
    answer = site.api.get("/student/me", student).json
    row: dict[str, object] = answer["student"]
    return row


def test_three_pictures_are_taken_when_each_is_good(visitors: Visitors, site: Site) -> None:
    student = site.api.student()
    page = visitors.open("/my/face", by=student, face=THREE_SIDES)
    require_accessible(page)
    agree(page)
    expect(page.get_by_text("Look straight into the camera")).to_be_visible()
    require_accessible(page)
    expect(page.get_by_role("heading", name="Are these good?")).to_be_visible(timeout=40_000)
    expect(page.get_by_role("img", name="Picture")).to_have_count(3)
    require_accessible(page)
    # one that is not good is taken again alone
    page.get_by_role("button", name="Take again: Picture 3").click()
    expect(page.locator("#poses [aria-current=step]")).to_have_attribute("data-pose", "right")
    expect(page.get_by_role("heading", name="Are these good?")).to_be_visible(timeout=40_000)
    expect(page.get_by_role("img", name="Picture")).to_have_count(3)
    require_no_sideways_scrolling(page)
    page.get_by_role("button", name="Enrol my face").click()
    expect(page.get_by_role("heading", name="Your face is enrolled")).to_be_visible()
    row = stored(site, student)
    assert row["templates"] == 3
    assert row["consent_at"] is not None


def test_without_consent_no_camera_starts_and_nothing_is_stored(
    visitors: Visitors, site: Site
) -> None:
    student = site.api.student()
    page = visitors.open("/my/face", by=student, face="obama")
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.get_by_label("I agree")).to_be_visible()
    assert page.evaluate("document.querySelector('video').srcObject") is None
    page.get_by_role("link", name="Not now").click()
    page.wait_for_url("**/my")
    assert stored(site, student)["consent_at"] is None


def test_a_face_that_does_not_turn_can_skip_and_enrols_with_one_picture(
    visitors: Visitors, site: Site
) -> None:
    student = site.api.student()
    page = visitors.open("/my/face", by=student, face="obama")
    agree(page)
    skip = page.get_by_role("button", name="Skip this picture")
    expect(page.get_by_text("Turn your head a little to your left")).to_be_visible()
    skip.click()
    expect(page.get_by_text("Turn your head a little to your right")).to_be_visible()
    skip.click()
    page.get_by_role("button", name="Enrol my face").click()
    expect(page.get_by_role("heading", name="Your face is enrolled")).to_be_visible()
    assert stored(site, student)["templates"] == 1


def test_nobody_in_view_is_asked_into_the_oval(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/my/face", by=site.api.student(), face="nobody")
    agree(page)
    expect(page.get_by_text("Bring your face into the oval")).to_be_visible()


def test_files_are_a_way_on_where_there_is_no_camera(visitors: Visitors, site: Site) -> None:
    student = site.api.student()
    page = visitors.open("/my/face", by=student)
    agree(page)
    expect(page.get_by_text("No camera was found")).to_be_visible()
    require_accessible(page)
    page.locator("#files").set_input_files([photo("obama"), photo("biden")])
    send = page.get_by_role("button", name="Enrol my face")
    send.click()
    expect(page.get_by_text("Picture 2: The pictures do not show the same person")).to_be_visible()
    page.get_by_role("button", name="Take them again").click()
    page.locator("#files").set_input_files([photo("obama"), photo("obama2")])
    send.click()
    expect(page.get_by_role("heading", name="Your face is enrolled")).to_be_visible()
    assert stored(site, student)["templates"] == 2


def test_a_camera_that_was_refused_tells_where_to_allow_it(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/my/face", by=site.api.student(), face="obama", camera_allowed=False)
    agree(page)
    expect(page.get_by_text("The camera is not allowed")).to_be_visible()
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Turn your head a little to your left")).to_be_visible()


def test_a_camera_in_use_says_what_to_close(visitors: Visitors, site: Site) -> None:
    page = visitors.open(None, by=site.api.student(), face="obama")
    # No second program can hold Chromium's fake camera, so the browser's refusal is its own word.
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('busy', 'NotReadableError'))"
    )
    page.goto("/my/face")
    agree(page)
    expect(page.get_by_text("The camera is in use")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_without_https_the_page_says_why_there_is_no_camera(visitors: Visitors, site: Site) -> None:
    port = site.url.rsplit(":", 1)[1]
    student = site.api.student()
    page = visitors.open("/my/face", face="obama", base_url=f"http://{INSECURE_HOST}:{port}")
    page.get_by_label("E-mail address").fill(student.row["email"])
    page.get_by_label("Password").fill(student.password)
    page.get_by_role("button", name="Sign in").click()
    agree(page)
    expect(page.get_by_text("Browsers give no camera to this address")).to_be_visible()
    page.get_by_role("link", name="Why, and what the administrator can do").click()
    expect(page.get_by_text("make run-https")).to_be_visible()
    require_accessible(page)


def test_a_device_with_two_cameras_can_switch(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/my/face", by=site.api.student(), face="2*")
    agree(page)
    switch = page.get_by_role("button", name="Use the other camera")
    expect(switch).to_be_visible()
    device = (
        "document.querySelector('#video').srcObject?.getVideoTracks()[0].getSettings().deviceId"
    )
    first = page.evaluate(device)
    switch.click()
    until(page, lambda: page.evaluate(device) not in (None, first))


def test_the_face_is_deleted_from_the_account_page(visitors: Visitors, site: Site) -> None:
    student = site.api.student("obama")
    page = visitors.open("/account", by=student)
    page.get_by_role("button", name="Delete my face").click()
    dialog = page.get_by_role("dialog")
    require_accessible(page)
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    assert stored(site, student)["templates"] == 1
    page.get_by_role("button", name="Delete my face").click()
    dialog.get_by_role("button", name="Delete my face").click()
    expect(page.get_by_text("No face is enrolled for you.")).to_be_visible()
    row = stored(site, student)
    assert (row["templates"], row["consent_at"]) == (0, None)
