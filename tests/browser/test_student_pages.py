"""A student's own pages: what runs now, how one stands, signing out, languages, bad networks."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until_connected,
)
from tests.conftest import Person

PAGES = ["/my", "/my/face", "/my/attendance", "/join", "/account"]


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def student(site: Site) -> Person:
    return site.api.student("obama")


def hold(site: Site, teacher: Person, subject: str, *present: Person) -> dict[str, Any]:
    """A session that is over, in which these students were present."""
    session = site.api.session(teacher, subject=subject)
    for student in present:
        answer = site.api.mark(student, "obama2", code=session["code"])
        assert answer.status_code == 200, answer.text
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    return session


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_is_accessible_in_both_colours_and_languages(
    visitors: Visitors, site: Site, teacher: Person, student: Person, language: str
) -> None:
    hold(site, teacher, "Algebra", student)
    site.api.session(teacher, subject="Geometry", section="B")
    page = visitors.open(
        None,
        by=student,
        locale=language,
        viewport={"width": 320, "height": 640},
    )
    for path in PAGES:
        page.goto(path)
        expect(page.locator("h1:visible")).to_be_visible()
        page.wait_for_load_state("networkidle" if path == "/join" else "load")
        assert page.locator("html").get_attribute("lang") == language
        require_accessible(page)
        require_no_sideways_scrolling(page)


def test_home_tells_at_once_when_a_session_starts_locks_and_stops(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    page = visitors.open("/my", by=student)
    expect(page.get_by_text("No session is open for you right now.")).to_be_visible()
    until_connected(page)
    which = {"session_id": site.api.session(teacher)["id"]}
    expect(page.get_by_text("Algebra has started.")).to_be_visible()
    expect(page.locator("#sessions").get_by_text("open")).to_be_visible()
    # a card that looks like a way on is one
    way_on = page.locator("#sessions").get_by_role("link", name="Algebra")
    expect(way_on).to_have_attribute("href", re.compile("/join$"))
    require_accessible(page)
    site.api.post("/session/lock", teacher, json=which)
    expect(page.get_by_text("Algebra is locked now: nobody can mark.")).to_be_visible()
    expect(page.locator("#sessions").get_by_text("locked")).to_be_visible()
    expect(way_on).to_have_count(0)
    site.api.post("/session/stop", teacher, json=which)
    expect(page.get_by_text("Algebra has ended.")).to_be_visible()
    expect(page.get_by_text("No session is open for you right now.")).to_be_visible()
    expect(page.locator("#notices .notice")).to_have_count(1)


def test_where_the_socket_cannot_connect_polling_takes_over(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    page = visitors.open(None, by=student)
    page.route("**/socket.io/**", lambda route: route.abort())
    page.goto("/my")
    until_connected(page, "polling")
    site.api.session(teacher, subject="Geometry")
    expect(page.get_by_role("heading", name="Geometry")).to_be_visible()


def test_a_dropped_network_is_said_and_the_page_goes_on_by_itself(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    page = visitors.open("/my", by=student)
    until_connected(page)
    page.context.set_offline(True)
    expect(page.get_by_text("This page continues by itself when it is back.")).to_be_visible(
        timeout=60_000
    )
    site.api.session(teacher, subject="Geometry")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Geometry")).to_be_visible()
    expect(page.get_by_text("This page continues by itself when it is back.")).to_be_hidden()


def test_history_shows_percentages_by_subject_a_chart_and_every_mark(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    hold(site, teacher, "Algebra", student)
    page = visitors.open("/my/attendance", by=student, phone=False)
    expect(page.get_by_role("row", name="Algebra 1 / 1 100%")).to_be_visible()
    expect(page.get_by_role("img", name="Percentage present in each subject")).to_be_visible()
    expect(page.locator("#history").get_by_text("Present")).to_be_visible()
    assert page.evaluate(
        """async () => {
            const copy = new OffscreenCanvas(600, 100);
            const pen = copy.getContext("2d", { willReadFrequently: true });
            for (let tries = 0; tries < 50; tries += 1) {
                pen.drawImage(document.querySelector("#chart"), 0, 0);
                const { data } = pen.getImageData(0, 0, 600, 100);
                if (data.some((value) => value > 0)) return true;
                await new Promise((done) => setTimeout(done, 100));
            }
            return false;
        }"""
    )


def test_sign_out_everywhere_ends_the_other_device_too(
    visitors: Visitors, site: Site, student: Person
) -> None:
    lost = visitors.open("/my", by=student)
    until_connected(lost)
    page = visitors.open("/account", by=student)
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url(f"{site.url}/")
    # the server ends the other page's connection, and that page goes to the sign-in by itself
    expect(lost.get_by_role("button", name="Sign in")).to_be_visible()
    assert site.api.get("/student/me", student).status_code == 401


def test_a_new_password_keeps_this_device_signed_in(
    visitors: Visitors, site: Site, student: Person
) -> None:
    page = visitors.open("/account", by=student)
    page.get_by_text("Change the password").first.click()
    form = page.locator("form#password")
    form.get_by_label("Current password").fill("wrong")
    page.get_by_label("New password").fill("another good one")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert").filter(has_text="password is wrong")).to_be_visible()
    require_accessible(page)
    form.get_by_label("Current password").fill(student.password)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password was changed.")).to_be_visible()
    page.goto("/my")
    expect(page.get_by_text("No session is open for you right now.")).to_be_visible()


def test_the_language_is_switched_and_kept(visitors: Visitors, student: Person) -> None:
    page = visitors.open("/my", by=student)
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Hallo")).to_be_visible()
    expect(page.get_by_text("Gerade ist keine Sitzung für Sie offen.")).to_be_visible()
    page.goto("/my/attendance")
    expect(page.get_by_role("heading", name="Meine Anwesenheit")).to_be_visible()
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/my/attendance")
    expect(page.get_by_role("heading", name="My attendance")).to_be_visible()


def test_pages_hold_from_right_to_left(visitors: Visitors, student: Person) -> None:
    page = visitors.open(None, by=student, viewport={"width": 320, "height": 640})
    page.goto("/language/ar?next=/my")
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        brand = page.locator(".brand").bounding_box()
        assert brand is not None
        assert brand["x"] > 100
        require_no_sideways_scrolling(page)


def test_another_roles_pages_are_refused_with_a_way_back(
    visitors: Visitors, teacher: Person
) -> None:
    page = visitors.open("/my", by=teacher)
    expect(page.get_by_role("heading", name="This page is not for your account")).to_be_visible()
    require_accessible(page)
    page.get_by_role("link", name="To the start page").click()
    expect(page.locator("h1")).to_be_visible()


def test_the_api_page_works_under_its_policy(visitors: Visitors) -> None:
    page = visitors.open("/docs", phone=False)
    expect(page.get_by_text("/session/mark").first).to_be_visible()


def test_the_first_load_is_small(visitors: Visitors) -> None:
    page = visitors.open(None)
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto("/sign-in", wait_until="networkidle")
    assert len(sizes) <= 15
    assert sum(sizes) < 100_000


def test_a_course_is_joined_with_its_code(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    body = {"code": "MATH-1", "name": "Mathematics 10b", "section": "10b"}
    answer = site.api.post("/course", teacher, json=body)
    page = visitors.open("/my", by=student)
    expect(page.get_by_role("heading", name="Your attendance so far")).to_be_visible()
    expect(page.get_by_text("You are in no course yet.")).to_be_visible()
    page.get_by_text("Join a course with a code").click()
    code = page.get_by_label("Join code")
    code.fill("WRONG")
    page.get_by_role("button", name="Join the course").click()
    expect(page.get_by_text("There is no course with this code")).to_be_visible()
    require_accessible(page)
    code.fill(answer.json["course"]["join_code"])
    page.get_by_role("button", name="Join the course").click()
    expect(page.get_by_text("You are in Mathematics 10b now.")).to_be_visible()
    expect(page.locator("#courses li")).to_have_text("Mathematics 10b MATH-1")


def test_a_course_that_is_joined_while_its_session_runs_shows_it(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    made = site.api.post("/course", teacher, json={"code": "MATH-1", "name": "Mathematics"})
    course = made.json["course"]
    site.api.session(teacher, subject="Trigonometry", course_id=course["id"])
    page = visitors.open("/my", by=student)
    expect(page.get_by_text("No session is open for you right now.")).to_be_visible()
    page.get_by_text("Join a course with a code").click()
    page.get_by_label("Join code").fill(course["join_code"])
    page.get_by_role("button", name="Join the course").click()
    expect(page.get_by_role("heading", name="Trigonometry")).to_be_visible()


def test_the_own_data_are_downloaded_also_when_the_sign_in_has_expired(
    visitors: Visitors, site: Site, student: Person
) -> None:
    page = visitors.open("/account", by=student)
    page.context.clear_cookies(name="access_token_cookie")
    with page.expect_download() as download:
        page.get_by_text("Export my data").click()
    assert student.row["student_id"] in download.value.path().read_text("utf-8")


def test_the_address_of_the_calendar_is_shown_once_replaced_and_ended(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    site.api.session(teacher)
    page = visitors.open("/account", by=teacher)
    page.get_by_text("Calendar", exact=True).click()
    expect(page.get_by_text("There is no address yet.")).to_be_visible()
    page.get_by_role("button", name="Make an address").click()
    shown = page.get_by_role("dialog", name="The address of your calendar")
    first = shown.get_by_role("textbox", name="Address of the calendar").input_value()
    require_accessible(page)
    require_no_sideways_scrolling(page)
    assert "BEGIN:VEVENT" in site.api.get(urlsplit(first).path).text
    shown.get_by_role("button", name="Close").click()
    expect(shown).to_have_count(0)
    assert first not in page.content()
    expect(page.get_by_text("There is an address since")).to_be_visible()
    page.get_by_role("button", name="Make a new address").click()
    question = page.get_by_role("dialog", name="Make a new address?")
    question.get_by_role("button", name="Make a new address").click()
    second = shown.get_by_role("textbox", name="Address of the calendar").input_value()
    assert site.api.get(urlsplit(first).path).status_code == 404
    assert site.api.get(urlsplit(second).path).status_code == 200
    shown.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="End the address").click()
    page.get_by_role("dialog").get_by_role("button", name="End the address").click()
    expect(page.get_by_text("There is no address yet.")).to_be_visible()
    assert site.api.get(urlsplit(second).path).status_code == 404
