"""The pages of an administrator."""

from __future__ import annotations

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from attendance import __version__
from attendance.notices import sending as notices
from attendance.webhooks import sending
from tests.attendance.receiving import receiving
from tests.browser.conftest import (
    LAPTOP,
    PHONE,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)
from tests.conftest import PASSWORD, Person, code_of

PAGES = [
    "",
    "/students",
    "/courses",
    "/settings",
    "/audit",
    "/keys",
    "/webhooks",
    "/notices",
    "/accuracy",
    "/system",
]


@pytest.fixture
def site_settings() -> dict[str, Any]:
    return {"teacher_sign_up": "approval"}


@pytest.fixture
def admin(site: Site) -> Person:
    return site.api.teacher(name="Ada Admin")


def wait_for_approval(site: Site, name: str, email: str) -> None:
    body = {"name": name, "email": email, "password": PASSWORD}
    assert site.api.post("/teacher/signup", json=body).status_code == 202


def sign_in(site: Site, email: str) -> Any:
    return site.api.post("/teacher/login", json={"email": email, "password": PASSWORD})


def line(page: Page, name: str) -> Locator:
    return page.locator("#rows tr", has_text=name)


def answer_yes(page: Page, button: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()


def test_a_teacher_is_approved_made_administrator_suspended_and_deleted(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    email = "grace@school.example"
    wait_for_approval(site, "Grace Hopper", email)
    page = visitors.open("/manage", by=admin, phone=False)
    # the administrator is told wherever he or she is; who waits stands first
    told = page.locator(".site-nav .count")
    expect(told).to_contain_text("1 teacher waits for approval")
    expect(page.locator("#rows tr").first).to_contain_text("Waiting for approval")
    assert code_of(sign_in(site, email)) == (403, "account_pending")
    page.get_by_role("button", name="Approve: Grace Hopper").click()
    expect(line(page, "Grace Hopper")).to_contain_text("Active")
    expect(told).to_have_count(0)
    assert sign_in(site, email).status_code == 200

    page.get_by_role("button", name="More: Grace Hopper").click()
    require_accessible(page)
    answer_yes(page, "Make an administrator")
    answer_yes(page, "Yes")
    expect(line(page, "Grace Hopper")).to_contain_text("Administrator")

    page.get_by_role("button", name="More: Grace Hopper").click()
    answer_yes(page, "Suspend")
    answer_yes(page, "Suspend")
    expect(line(page, "Grace Hopper")).to_contain_text("Suspended")
    assert code_of(sign_in(site, email)) == (403, "account_suspended")

    page.get_by_role("button", name="More: Grace Hopper").click()
    answer_yes(page, "Delete")
    answer_yes(page, "Delete")
    expect(page.get_by_text("Grace Hopper was deleted.")).to_be_visible()
    expect(line(page, "Grace Hopper")).to_have_count(0)
    assert code_of(sign_in(site, email)) == (401, "login_failed")


def test_the_last_administrator_cannot_leave(visitors: Visitors, site: Site, admin: Person) -> None:
    page = visitors.open("/manage", by=admin, phone=False)
    page.get_by_role("button", name="More: Ada Admin").click()
    answer_yes(page, "Suspend")
    answer_yes(page, "Suspend")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "This is the last administrator"
    )
    page.keyboard.press("Escape")
    expect(line(page, "Ada Admin")).to_contain_text("Active")


def test_another_teacher_takes_over_when_one_with_sessions_is_deleted(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    wait_for_approval(site, "Grace Hopper", "grace@school.example")
    page = visitors.open("/manage", by=admin, phone=False)
    page.get_by_role("button", name="Approve: Grace Hopper").click()
    expect(line(page, "Grace Hopper")).to_contain_text("Active")
    token = sign_in(site, "grace@school.example").json["access_token"]
    site.api.post("/session/start", token, json={"subject": "COBOL"})
    page.reload()
    page.get_by_role("button", name="More: Grace Hopper").click()
    answer_yes(page, "Delete")
    dialog = page.get_by_role("dialog")
    answer_yes(page, "Delete")
    expect(dialog.get_by_label("Who takes over?")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Who takes over?").select_option(str(admin.row["id"]))
    answer_yes(page, "Delete")
    expect(line(page, "Grace Hopper")).to_have_count(0)
    [session] = site.api.get("/session/mine", admin).json["sessions"]
    assert session["subject"] == "COBOL"


def test_a_student_gets_a_new_password_by_a_link_and_is_deleted(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    student = site.api.student(name="Blaise Pascal")
    site.api.student(name="Somebody Else")
    page = visitors.open("/manage/students", by=admin, phone=False)
    page.get_by_label("Search by number, name or e-mail address").fill("pasc")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.get_by_role("button", name="More: Blaise Pascal").click()
    answer_yes(page, "Reset the password")
    answer_yes(page, "Make a link")
    link = page.get_by_role("textbox", name="Link").input_value()
    require_accessible(page)
    phone = visitors.open(link.removeprefix(site.url))
    phone.get_by_label("New password").fill("another long password")
    phone.get_by_role("button", name="Set the password and sign in").click()
    phone.wait_for_url("**/my")
    answer_yes(page, "Close")
    page.get_by_role("button", name="More: Blaise Pascal").click()
    with page.expect_download() as download:
        answer_yes(page, "Export everything that is kept")
    assert student.row["email"] in download.value.path().read_text()
    page.get_by_role("button", name="More: Blaise Pascal").click()
    answer_yes(page, "Delete")
    # which rule holds for the marks is said before and after
    expect(page.get_by_role("dialog")).to_contain_text("The marks stay without a name")
    answer_yes(page, "Delete")
    told = page.get_by_text("Blaise Pascal was deleted. The marks stay without a name.")
    expect(told).to_be_visible()
    expect(page.locator("#none")).to_be_visible()
    answer = site.api.get(f"/admin/students/{student.row['id']}", admin)
    assert code_of(answer) == (404, "student_not_found")


def test_a_setting_is_changed_and_one_of_the_environment_is_not(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    page = visitors.open("/manage/settings", by=admin, phone=False)
    in_group = page.get_by_role("group", name="Sessions").get_by_label("Late after (minutes)")
    expect(in_group).to_be_visible()
    expect(page.locator("#fields > :not(fieldset)")).to_have_count(0)
    threshold = page.get_by_label("Largest distance of the student's own face")
    expect(threshold).to_have_value("")
    expect(page.get_by_text("about 1 stranger in 10,000 comes so near.")).to_be_visible()
    expect(page.get_by_label("New teachers")).to_be_disabled()
    expect(page.get_by_text("Set in the environment of the server.").first).to_be_visible()
    threshold.fill("9")
    page.get_by_role("button", name="Save").click()
    expect(threshold).to_have_attribute("aria-invalid", "true")
    threshold.fill("0.8")
    page.get_by_label("Keep enrolment photographs").check()
    language = page.get_by_label("Language of e-mails")
    expect(language).to_have_value("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("Saved.")
    expect(page.get_by_text("Changed here; usually not set.")).to_be_visible()
    assert (site.parts.settings.face_threshold, site.parts.settings.keep_photos) == (0.8, True)
    language.select_option("Deutsch")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changed here; usually not set.")).to_have_count(2)
    assert site.parts.settings.mail_language == "de"
    language.select_option("not set")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changed here; usually not set.")).to_have_count(1)
    assert site.parts.settings.mail_language is None

    page.goto("/manage/audit")
    expect(line(page, "setting:face_threshold")).to_contain_text("0.8")
    expect(page.locator("#rows")).not_to_contain_text("null")
    page.get_by_label("Who", exact=True).fill("ada adm")  # a name, in any case and whole or not
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#rows tr", has_text="setting:")).to_have_count(4)
    page.get_by_label("Who", exact=True).fill("grace")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#none")).to_be_visible()
    page.get_by_label("Who", exact=True).fill("")
    page.get_by_label("What").fill("setting.change")
    page.get_by_label("Whom").fill("setting:keep_photos")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#rows tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [entry["subject"] for entry in lines] == ["setting:keep_photos"]


def test_a_key_is_shown_once_and_revoked(visitors: Visitors, site: Site, admin: Person) -> None:
    page = visitors.open("/manage/keys", by=admin, phone=False)
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog", name="New key")
    dialog.get_by_label("Which device is it for?").fill("Door camera")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one")
    require_accessible(page)
    dialog.get_by_label("read the list of students").check()
    dialog.get_by_label("identify faces").check()
    dialog.get_by_role("button", name="Create").click()
    shown = page.get_by_role("dialog", name="The key of Door camera")
    key = shown.get_by_role("textbox", name="API key").input_value()
    assert key.startswith("ak_")
    shown.get_by_role("button", name="Close").click()
    expect(shown).to_have_count(0)
    assert key not in page.content()
    for meaning in ("identify faces", "read the list of students"):
        expect(line(page, "Door camera")).to_contain_text(meaning)
    page.get_by_role("button", name="Revoke: Door camera").click()
    answer_yes(page, "Revoke")
    expect(page.locator("#none")).to_be_visible()
    assert site.api.get("/admin/api-keys", admin).json["api_keys"] == []


def test_a_webhook_is_made_tried_switched_off_and_removed(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    page = visitors.open("/manage/webhooks", by=admin, phone=False)
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog", name="New webhook")
    address = dialog.get_by_label("Address of the receiver")
    create = dialog.get_by_role("button", name="Create")
    address.fill("http://169.254.169.254/")
    create.click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one")
    dialog.get_by_label("sessions that have ended").check()
    create.click()
    expect(address).to_have_accessible_error_message("Messages cannot be sent to this address.")
    require_accessible(page)
    with receiving() as receiver:
        address.fill(receiver.url)
        create.click()
        shown = page.get_by_role("dialog", name="The secret of this webhook")
        secret = shown.get_by_role("textbox", name="Secret").input_value()
        assert secret.startswith("whsec_")
        shown.get_by_role("button", name="Close").click()
        expect(shown).to_have_count(0)
        assert secret not in page.content()
        expect(line(page, receiver.url)).to_contain_text("sessions that have ended")
        page.get_by_role("button", name=f"Try: {receiver.url}").click()
        expect(page.get_by_text("A trial message is on its way")).to_be_visible()
        page.get_by_role("button", name=f"Log: {receiver.url}").click()
        log = page.get_by_role("dialog", name="What was sent")
        expect(log.locator("tbody tr")).to_contain_text("waits")
        with ThreadPoolExecutor(1) as pool:
            sending.send_due(site.parts, pool)
        receiver.wait_for(1)
        expect(log.locator("tbody tr")).to_contain_text("delivered")
        expect(log.locator("tbody tr")).to_contain_text("HTTP 204")
        # nothing is cut: what is wider than the dialog is scrolled inside it
        for screen in (PHONE, LAPTOP):
            page.set_viewport_size(screen)
            assert log.locator("article").evaluate("(it) => it.scrollWidth - it.clientWidth") <= 0
        require_accessible(page)
        log.get_by_role("button", name="Close").click()
    page.get_by_role("button", name=f"Switch off: {receiver.url}").click()
    expect(page.get_by_role("button", name=f"Switch on: {receiver.url}")).to_be_visible()
    [made] = site.api.get("/admin/webhooks", admin).json["webhooks"]
    assert made["enabled"] is False
    page.get_by_role("button", name=f"Remove: {receiver.url}").click()
    answer_yes(page, "Remove")
    expect(page.locator("#none")).to_be_visible()
    assert site.api.get("/admin/webhooks", admin).json["webhooks"] == []


def test_health_and_storage_are_shown(visitors: Visitors, site: Site, admin: Person) -> None:
    page = visitors.open("/manage/system", by=admin, phone=False)
    expect(page.locator("#about")).to_contain_text(__version__)
    expect(page.locator("#about")).to_contain_text("none yet")  # no backup
    expect(page.locator("#about")).to_contain_text("not set up: links are handed on")  # no mail
    expect(page.locator("#about")).to_contain_text("off: phones give no camera")  # no HTTPS
    expect(page.locator("#health")).not_to_contain_text("_")  # words, not names of fields
    expect(page.locator("#health")).to_contain_text("Ready")
    expect(page.locator("#health")).to_contain_text(site.parts.database.dialect)
    expect(page.locator("#storage")).to_contain_text(re.compile("[kM]B"))
    expect(page.locator("#kept")).to_contain_text("Teachers")


def test_a_teacher_who_does_not_administer_is_told_so(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    wait_for_approval(site, "Grace Hopper", "grace@school.example")
    [row] = site.api.get("/admin/teachers?state=pending", admin).json["teachers"]
    site.api.post(f"/admin/teachers/{row['id']}/approve", admin)
    page = visitors.open(None, by=Person(row, "", ""), phone=False)
    for path in PAGES:
        page.goto(f"/manage{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "This page is not for your account"
        )
    expect(page.get_by_role("link", name="Manage")).to_have_count(0)


@pytest.mark.parametrize("screen", [{"width": 320, "height": 640}, LAPTOP])
def test_every_page_of_an_administrator_is_accessible(
    visitors: Visitors, site: Site, admin: Person, screen: dict[str, int]
) -> None:
    wait_for_approval(site, "Wolfeschlegelsteinhausenbergerdorff", "w@school.example")
    site.api.student(name="Adolph Blaine Charles David Earl Frederick")
    site.api.post("/course", admin, json={"code": "MA-1", "name": "Mathematics"})
    site.api.post(
        "/admin/api-keys", admin, json={"name": "Door camera", "scopes": ["register", "verify"]}
    )
    site.api.post(
        "/admin/webhooks",
        admin,
        json={"url": "https://hooks.school.example/marks", "events": ["attendance_marked"]},
    )
    page = visitors.open(None, by=admin, viewport=screen, locale="de")
    for path in PAGES:
        page.goto(f"/manage{path}")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        require_accessible(page)
        require_no_sideways_scrolling(page)


def test_look_alikes_are_allowed_as_a_pair_and_withdrawn(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    one, other = site.api.student("obama", name="Ann Twin"), site.api.student(name="Bea Twin")
    page = visitors.open("/manage/accuracy", by=admin, phone=False)
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#accuracy")).to_contain_text("nothing to compare yet")
    page.get_by_role("button", name="Allow a pair").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Number of the one student").fill(one.row["student_id"])
    dialog.get_by_label("Number of the other student").fill(one.row["student_id"])
    dialog.get_by_role("button", name="Allow", exact=True).click()
    expect(dialog).to_contain_text("two different students")
    dialog.get_by_label("Number of the other student").fill(other.row["student_id"])
    dialog.get_by_role("button", name="Allow", exact=True).click()
    expect(line(page, "Bea Twin")).to_contain_text("Withdraw")
    site.api.enrol(other, "obama2")
    page.reload()
    expect(line(page, "Bea Twin")).to_contain_text("0.")  # how near they are
    expect(page.locator("#impostor")).to_contain_text("1 of 1")
    require_accessible(page)
    require_no_sideways_scrolling(page)
    line(page, "Bea Twin").get_by_role("button", name="Withdraw").click()
    answer_yes(page, "Withdraw")
    expect(line(page, "Bea Twin")).to_contain_text("not allowed")
    line(page, "Bea Twin").get_by_role("button", name="Allow").click()
    answer_yes(page, "Allow")
    expect(line(page, "Bea Twin")).to_contain_text("Withdraw")


def test_a_student_is_corrected_loses_the_face_and_becomes_one_with_another_account(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    one = site.api.student("obama", name="Jnae Roe", student_id="S-1")
    into = site.api.student(name="Jane Roe", student_id="S-2")
    page = visitors.open("/manage/students", by=admin, phone=False)
    page.get_by_role("link", name="Jnae Roe").click()
    require_accessible(page)
    page.get_by_label("Name", exact=True).fill("Jane R.")
    page.get_by_label("User name").fill("a@b")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#edit .field-error")).to_contain_text("begins with a letter or digit")
    page.get_by_label("User name").fill("jane")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Jane R.")).to_be_visible()

    page.get_by_role("button", name="Take the face out").click()
    answer_yes(page, "Take the face out")
    expect(page.locator("#face")).to_contain_text("Only the student can enrol it again")

    page.get_by_label("Search the account that stays").fill("S-2")
    page.get_by_role("button", name="Jane Roe").click()
    answer_yes(page, "Make one account")
    expect(page).to_have_url(re.compile(rf"/manage/students/{into.row['id']}$"))
    expect(page.get_by_text("The two accounts are one now.")).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value("jane")
    gone = site.api.get(f"/admin/students/{one.row['id']}", admin)
    assert code_of(gone) == (404, "student_not_found")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("The marks stay without a name")
    answer_yes(page, "Delete")
    expect(page.get_by_text("Jane Roe was deleted. The marks stay without a name.")).to_be_visible()
    expect(page.locator("#none")).to_be_visible()


def test_a_rule_about_absences_is_tried_made_confirmed_and_deleted(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    course = site.api.post("/course", admin, json={"code": "N1", "name": "Nets"}).json["course"]
    for number in range(2):
        body = {"student_id": site.api.student(name=f"Nora {number}").row["student_id"]}
        path = f"/course/{course['id']}/students"
        assert site.api.post(path, admin, json=body).status_code == 201
    session = site.api.session(admin, course_id=course["id"])
    page = visitors.open("/manage/notices", by=admin, phone=False)
    expect(page.get_by_text("No mail server is set up")).to_be_visible()
    page.get_by_role("button", name="New rule").click()
    dialog = page.get_by_role("dialog", name="New rule")
    dialog.get_by_label("Name").fill("Where are they?")
    dialog.get_by_label("It speaks of students").select_option("unexplained")
    expect(dialog.get_by_label("Missed sessions")).to_be_hidden()
    first = dialog.get_by_role("group", name="At first it tells")
    first.get_by_label("the teacher").uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one")
    first.get_by_label("the student").check()
    dialog.get_by_label("Wait for corrections (minutes)").fill("0")
    dialog.get_by_label("Ask before it tells more people than").fill("1")
    site.api.post("/session/stop", admin, json={"session_id": session["id"]})
    dialog.get_by_role("button", name="Whom would it tell today?").click()
    expect(dialog.get_by_role("status")).to_contain_text(
        "Today this would write to 2 people about 2 students. Nora 0, Nora 1. You would be asked"
    )
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Where are they?")).to_be_visible()
    path = f"/session/{session['id']}/attendance"
    answer = site.api.call("PUT", path, admin, json={"rest": "absent"})
    assert answer.status_code == 200, answer.text
    notices.run_due(site.parts)
    page.reload()
    expect(page.get_by_text("2 messages wait for your confirmation.")).to_be_visible()
    expect(page.locator("#incidents tr")).to_have_count(2)
    expect(page.locator("#incidents tr", has_text="Nora 1")).to_contain_text(
        "waits for confirmation"
    )
    page.get_by_role("button", name="Do not send: Where are they?").click()
    expect(page.locator("#incidents tr", has_text="Nora 1")).to_contain_text("not sent")
    require_accessible(page)
    require_no_sideways_scrolling(page)
    page.get_by_role("button", name="Delete: Where are they?").click()
    answer_yes(page, "Delete")
    expect(page.locator("#no-rules")).to_be_visible()
    expect(page.locator("#no-incidents")).to_be_visible()


def test_a_guardian_is_added_and_removed(visitors: Visitors, site: Site, admin: Person) -> None:
    student = site.api.student(name="Nora")
    page = visitors.open(f"/manage/students/{student.row['id']}", by=admin, phone=False)
    form = page.locator("#guardian")
    form.get_by_label("Guardian’s name").fill("Mum")
    form.get_by_label("Guardian’s e-mail address").fill("mum@home.example")
    form.get_by_label("Language").select_option("fr")
    page.get_by_role("button", name="Add a guardian").click()
    expect(page.locator("#guardians")).to_contain_text("Mum · mum@home.example")
    page.get_by_role("button", name="Remove: Mum").click()
    answer_yes(page, "Remove")
    expect(page.locator("#no-guardians")).to_be_visible()


def test_a_guardian_agrees_by_a_link_and_it_works_once(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    student = site.api.student(name="Nora")
    path = f"/admin/students/{student.row['id']}"
    assert site.api.call("PUT", f"{path}/minor", admin, json={"minor": True}).status_code == 204
    body = {"email": "mum@home.example"}
    made = site.api.post(f"{path}/guardians", admin, json=body).json["guardian"]
    asked = site.api.post(f"{path}/guardians/{made['id']}/ask", admin, json={}).json
    link = "/guardian#" + asked["link"].partition("#")[2]
    page = visitors.open(link)
    expect(page.get_by_text("This is about Nora.")).to_be_visible()
    require_accessible(page)
    require_no_sideways_scrolling(page)
    page.get_by_label("Your own name").fill("Mum")
    page.get_by_label("I am a guardian of this student, and I agree.").check()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("status").filter(has_text="Thank you")).to_be_visible()
    page.reload()
    expect(page.get_by_text("This link was used already")).to_be_visible()
    page = visitors.open(f"/manage/students/{student.row['id']}", by=admin, phone=False)
    expect(page.locator("#consents")).to_contain_text("Mum (mum@home.example) agreed on")
    expect(page.locator("#minor")).to_be_checked()
