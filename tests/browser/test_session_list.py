"""A session as its teacher sees it: the list that fills by itself, and what is done with it."""

from __future__ import annotations

import csv
import io
import re
import time
from datetime import datetime, timedelta
from functools import partial

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.attendance.school import course_of, enrol, put
from tests.browser.conftest import (
    LAPTOP,
    PHONE,
    Site,
    Visitors,
    keep_back,
    require_accessible,
    require_no_sideways_scrolling,
    until,
    until_connected,
)
from tests.conftest import Person, code_of
from tests.reading import read_qr


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher(name="Ada Lovelace")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("#roll tr", has_text=name)


def remember(page: Page) -> None:
    """Leave something in the page that a reload would wipe away."""
    page.evaluate("window.neverReloaded = true")


def require_not_reloaded(page: Page) -> None:
    assert page.evaluate("window.neverReloaded") is True


def test_a_session_is_started_in_two_clicks_and_from_the_keyboard(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    page = visitors.open("/teach", by=teacher, phone=False)
    page.get_by_label("Subject").fill("Algebra")
    page.get_by_label("Section").fill("B")
    # what nobody stops ends by itself, when the school says
    expect(page.get_by_label("Ends by itself after (minutes)")).to_have_accessible_description(
        "Empty: as the school has set it."
    )
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Algebra · B")
    expect(page.locator("#state")).to_have_text("Open")
    # what was taught before is one click away
    page.get_by_role("link", name="Today").click()
    expect(page.locator("#sessions li")).to_have_count(1)
    page.get_by_role("button", name="Start: Algebra · B").click()
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))
    assert len(site.api.get("/session/mine", teacher).json["sessions"]) == 2


def test_the_list_fills_by_itself_while_students_mark(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator("#empty")).to_be_visible()
    remember(page)
    student = site.api.student("obama", name="José Núñez")
    assert site.api.mark(student, "obama3", code=session["code"]).status_code == 200
    row = row_of(page, "José Núñez")
    expect(row).to_be_visible()
    expect(row).to_contain_text("Present")
    expect(page.get_by_role("img", name="1 here")).to_be_visible()
    expect(page.locator("#live")).to_have_text("1 here", timeout=8_000)
    require_not_reloaded(page)


def test_polling_fills_the_list_where_the_socket_cannot_connect(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = visitors.open(None, by=teacher, phone=False)
    page.route("**/socket.io/**", lambda route: route.abort())
    page.goto(f"/teach/sessions/{session['id']}")
    expect(page.locator("#connection")).to_have_text("updated every few seconds")
    remember(page)
    student = site.api.student("biden", name="Blaise Pascal")
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    expect(row_of(page, "Blaise Pascal")).to_be_visible()
    require_not_reloaded(page)


def test_what_happened_while_the_network_was_away_is_shown_afterwards(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    student = site.api.student("biden", name="Blaise Pascal")
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#connection")).to_have_text("live")
    page.context.set_offline(True)
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    page.context.set_offline(False)
    expect(row_of(page, "Blaise Pascal")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("live")


def test_a_mark_stays_on_the_list_when_an_older_answer_arrives_after_it(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    student = site.api.student("biden", name="Blaise Pascal")
    page = visitors.open(None, by=teacher, phone=False)
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/session/attendance?*", partial(keep_back, held), times=1)
    page.goto(f"/teach/sessions/{session['id']}")
    until_connected(page)
    until(page, lambda: held)
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    expect(row_of(page, "Blaise Pascal")).to_be_visible()
    [(route, older)] = held
    assert older.json()["attendance"] == []
    route.fulfill(response=older)
    expect(page.locator("#session")).to_have_attribute("aria-busy", "false")
    expect(row_of(page, "Blaise Pascal")).to_be_visible()


def test_the_focus_stays_on_a_button_when_an_older_answer_arrives_after_the_lock(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    until_connected(page)
    expect(page.locator("#state")).to_have_text("Open")
    page.wait_for_load_state("networkidle")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/session/attendance?*", partial(keep_back, held), times=1)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(page, lambda: held)
    page.get_by_role("button", name="Lock", exact=True).click()
    unlock = page.get_by_role("button", name="Unlock")
    expect(unlock).to_be_focused()
    [(route, older)] = held
    assert older.json()["session"]["state"] == "open"
    with page.expect_response("**/session/attendance?*"):
        route.fulfill(response=older)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#state")).to_have_text("Locked")
    expect(unlock).to_be_focused(timeout=1000)


def test_the_list_is_searched_without_accents_and_filtered(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher, late_after_minutes=5)
    faces = {"José Núñez": "obama", "Blaise Pascal": "biden"}
    students = {name: site.api.student(face, name=name) for name, face in faces.items()}
    assert site.api.mark(students["José Núñez"], "obama3", code=session["code"]).status_code == 200
    site.clock.shift = timedelta(minutes=6)
    assert (
        site.api.mark(students["Blaise Pascal"], "biden", code=session["code"]).status_code == 200
    )
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#roll tr")).to_have_count(2)
    # the last arrival stands first
    expect(page.locator("#roll tr").first).to_contain_text("Blaise Pascal")
    page.get_by_label("Search by name or number").fill("nunez jose")
    expect(page.locator("#roll tr")).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("1 student shown")
    page.get_by_label("Search by name or number").fill("")
    page.get_by_label("Show").select_option("Late")
    expect(page.locator("#roll tr")).to_have_count(1)
    expect(page.locator("#roll tr")).to_contain_text("Blaise Pascal")
    page.get_by_label("Show").select_option("Excused")
    expect(page.locator("#empty")).to_have_text("Nobody matches your search.")


def test_lock_and_unlock_decide_who_may_mark(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    student = site.api.student("biden")
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.locator("#state")).to_have_text("Locked")
    expect(page.locator("#qr")).to_be_hidden()
    refused = site.api.mark(student, "biden", code=session["code"])
    assert code_of(refused) == (423, "session_locked")
    unlock = page.get_by_role("button", name="Unlock")
    expect(unlock).to_be_focused()
    unlock.click()
    expect(page.locator("#qr")).to_be_visible()
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    expect(page.locator("#roll tr")).to_have_count(1)


def test_another_page_of_the_teacher_hears_of_lock_and_stop(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#connection")).to_have_text("live")
    site.api.post("/session/lock", teacher, json={"session_id": session["id"]})
    expect(page.locator("#state")).to_have_text("Locked")
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    expect(page.locator("#state")).to_have_text("Ended")


def test_the_list_is_downloaded_also_when_the_sign_in_has_expired(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    course = course_of(site.api, teacher, code="MA-1", timezone="Asia/Tokyo")
    student = site.api.student("biden", name="Blaise Pascal")
    enrol(site.api, teacher, course, student)
    session = site.api.session(teacher, course_id=course["id"])
    put(site.api, teacher, session, student, "late", remark="The bus.")
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#roll tr")).to_have_count(1)
    refused: list[str] = []
    page.on("response", lambda answer: answer.status == 401 and refused.append(answer.url))
    # the access token ends, and both its cookies in one moment; the refresh token is still there
    end = time.time() + 1
    page.context.add_cookies(
        [
            {**cookie, "expires": end}
            for cookie in page.context.cookies()
            if cookie["name"] in {"access_token_cookie", "access_token_is_fresh"}
        ]
    )
    until(page, lambda: "access_token_is_fresh" not in page.evaluate("document.cookie"))
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    # for people: the course in its name, the remark, and times as the course's clocks show them
    [line] = csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig")))
    assert (line["name"], line["remark"]) == ("Blaise Pascal", "The bus.")
    started = datetime.fromisoformat(session["started_at"].replace("Z", "+00:00"))
    tokyo = started + timedelta(hours=9)
    assert line["session_started_at"] == f"{tokyo:%Y-%m-%d %H:%M:%S}"
    assert download.value.suggested_filename.endswith(f"-MA-1-session-{session['id']}.csv")
    assert refused == []  # it is renewed before a call is refused


def test_the_code_on_the_screen_is_the_one_of_this_moment(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#code")).to_have_text(session["code"])
    ticket = read_qr(page.locator("#qr")).rsplit("/", 1)[-1]
    student = site.api.student()
    joined = site.api.post("/session/join", student, json={"ticket": ticket})
    assert joined.status_code == 200, joined.text


def test_names_are_shown_as_text_whatever_they_contain(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    hostile = '<img src="x" onerror="document.title=1"><b>Bobby</b>'
    session = site.api.session(teacher, subject=hostile, section=hostile[:80])
    student = site.api.student("biden", name=hostile)
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#roll th")).to_contain_text(hostile)
    # beside a long name, how and when stay on one line
    for slot in ("method", "time"):
        lines = page.locator(f"#roll [data-slot={slot}]").evaluate(
            """(cell) => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                const high = range.getBoundingClientRect().height;
                return high / parseFloat(getComputedStyle(cell).lineHeight);
            }"""
        )
        assert 0 < lines < 1.9, slot
    expect(page.get_by_role("heading", level=1)).to_contain_text(hostile)
    assert page.locator("main img, main b").count() == 0
    page.goto("/teach")
    expect(page.locator("#sessions li")).to_contain_text(hostile)
    assert page.locator("main img, main b").count() == 0


def test_another_teachers_session_is_not_shown(visitors: Visitors, site: Site) -> None:
    site.api.teacher()  # the first administers, and would see it
    owner, other = site.api.teacher(), site.api.teacher()
    session = site.api.session(owner, subject="Secret subject")
    page = visitors.open(f"/teach/sessions/{session['id']}", by=other, phone=False)
    expect(page.locator("#notices")).to_contain_text("Your account may not do this")
    expect(page.locator("body")).not_to_contain_text("Secret subject")


def test_a_student_is_told_that_the_page_is_not_his(visitors: Visitors, site: Site) -> None:
    session = site.api.session(site.api.teacher())
    page = visitors.open(f"/teach/sessions/{session['id']}", by=site.api.student())
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is not for your account")


@pytest.mark.parametrize("screen", [{"width": 320, "height": 640}, PHONE, LAPTOP])
def test_the_pages_of_a_teacher_are_accessible(
    visitors: Visitors, site: Site, teacher: Person, screen: dict[str, int]
) -> None:
    session = site.api.session(teacher, section="A section with a rather long name")
    long = {"name": "Wolfeschlegelsteinhausenbergerdorff", "student_id": "2026-00012345"}
    student = site.api.student("biden", **long)
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    page = visitors.open(None, by=teacher, viewport=screen, locale="de")
    for path in ("/teach", "/teach/sessions", f"/teach/sessions/{session['id']}"):
        page.goto(path)
        expect(page.get_by_text("Algebra").first).to_be_visible()
        require_accessible(page)
        require_no_sideways_scrolling(page)
