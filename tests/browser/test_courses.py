"""Courses as a teacher keeps them: made, filled, started from, put away."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import (
    LAPTOP,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
    until_connected,
)
from tests.conftest import Person, picture


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    made: dict[str, Any] = answer.json["course"]
    return made


def enrol(site: Site, teacher: Person, course: dict[str, Any], student: Person) -> None:
    body = {"student_id": student.row["student_id"]}
    answer = site.api.post(f"/course/{course['id']}/students", teacher, json=body)
    assert answer.status_code == 201, answer.text


def test_a_course_is_made_and_students_are_enrolled_one_by_one(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    student = site.api.student(name="Grace Hopper")
    page = visitors.open("/teach/courses", by=teacher, phone=False, timezone_id="Europe/Berlin")
    page.get_by_role("button", name="New course").click()
    dialog = page.get_by_role("dialog", name="New course")
    require_accessible(page)
    dialog.get_by_label("Name").fill("Mathematics")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Code")).to_be_focused()
    dialog.get_by_label("Code").fill("MA-1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/teach/courses/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Mathematics")
    page.get_by_role("navigation", name="Course").get_by_role("link", name="Students").click()
    page.get_by_role("button", name="Enrol one").click()
    dialog = page.get_by_role("dialog", name="Enrol a student")
    page.keyboard.type("nobody@school.example")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("There is no such student")
    dialog.get_by_label("Student number or e-mail address").fill(student.row["email"])
    page.keyboard.press("Enter")
    expect(page.locator("#students tr")).to_contain_text("Grace Hopper")
    expect(page.locator("#count")).to_have_text("(1)")
    [made] = site.api.get("/course/mine", teacher).json["courses"]
    assert (made["timezone"], made["students"]) == ("Europe/Berlin", 1)


def test_the_list_of_a_course_shows_who_is_missing(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    here = site.api.student("obama", name="Blaise Pascal")
    missing = site.api.student(name="Émilie du Châtelet")
    for student in (here, missing):
        enrol(site, teacher, course, student)
    page = visitors.open("/teach", by=teacher, phone=False)
    page.get_by_role("button", name="Start: Mathematics").click()
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))
    expect(page.get_by_role("img", name="0 of 2 here")).to_be_visible()
    expect(page.locator("#roll tr")).to_have_count(2)
    [session] = site.api.get("/session/mine", teacher).json["sessions"]
    assert site.api.mark(here, "obama3", code=session["code"]).status_code == 200
    expect(page.get_by_role("img", name="1 of 2 here")).to_be_visible()
    expect(page.locator("#roll tr").first).to_contain_text("Blaise Pascal")
    expect(page.locator("#roll tr").last).to_contain_text("Not yet")
    late = site.api.student(name="Évariste Galois")
    site.api.post("/course/join", late, json={"join_code": course["join_code"]})
    expect(page.get_by_role("img", name="1 of 3 here")).to_be_visible()
    enrolled = f"/course/{course['id']}/students/{late.row['student_id']}"
    assert site.api.call("DELETE", enrolled, teacher).status_code == 204
    expect(page.get_by_role("img", name="1 of 2 here")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Stop the session").click()
    expect(page.locator("#roll tr").last).to_contain_text("Absent")
    expect(page.locator("#roll tr").last).to_contain_text("Émilie du Châtelet")
    page.reload()
    expect(page.get_by_role("img", name="1 of 2 here")).to_be_visible()


def test_a_student_is_excused_in_advance(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    student = site.api.student(name="Grace Hopper")
    enrol(site, teacher, course, student)
    page = visitors.open(f"/teach/courses/{course['id']}/plan", by=teacher, phone=False)
    page.get_by_role("button", name="Excuse a student").click()
    dialog = page.get_by_role("dialog", name="Excuse a student")
    dialog.get_by_label("Student").select_option(student.row["student_id"])
    dialog.get_by_label("First day").fill("2026-12-01")
    dialog.get_by_label("Last day").fill("2026-11-30")
    dialog.get_by_label("Reason").fill("Competition")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Last day")).to_have_accessible_error_message(
        "The last day lies before the first."
    )
    require_accessible(page)
    dialog.get_by_label("Last day").fill("2026-12-02")
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#excuses li")).to_contain_text("Competition")
    page.get_by_role("button", name=re.compile("Take back")).click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.locator("#excuses li")).to_have_count(0)


def test_settings_are_saved_and_a_course_is_archived(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/settings", by=teacher, phone=False)
    late_counts = page.get_by_label("Late counts as present")
    expect(late_counts).to_be_checked()  # the course is there; `uncheck` would not wait for it
    late_counts.uncheck()
    page.get_by_label("At risk below (percent)").fill("80")
    page.get_by_label("Time zone").fill("Nowhere/Here")
    page.locator("#settings").get_by_role("button", name="Save").click()
    expect(page.locator("#settings [aria-invalid=true]")).to_have_attribute("name", "timezone")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.locator("#settings").get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("Saved.")
    kept = site.api.get(f"/course/{course['id']}", teacher).json["course"]
    assert (kept["late_counts"], kept["min_percentage"]) == (False, 80)
    assert kept["timezone"] == "Asia/Tokyo"
    page.get_by_role("navigation", name="Course").get_by_role("link", name="Overview").click()
    expect(page.locator("#join-code")).to_have_text(course["join_code"])
    old_code = course["join_code"]
    page.get_by_role("button", name="Replace").click()
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(page.locator("#join-code")).not_to_have_text(old_code)
    page.get_by_role("navigation", name="Course").get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("#start")).to_be_hidden()
    page.goto("/teach/courses")
    expect(page.locator("#none")).to_be_visible()
    page.get_by_label("Show archived ones").check()
    expect(page.locator("#courses li")).to_contain_text("archived")
    page.get_by_role("link", name="Mathematics", exact=True).click()
    page.get_by_role("navigation", name="Course").get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Delete the course").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the course").click()
    page.wait_for_url("**/teach/courses")
    expect(page.get_by_text("Mathematics was deleted.")).to_be_visible()
    assert site.api.get("/course/mine", teacher).json["courses"] == []


def test_a_course_says_how_its_students_check_in(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/settings", by=teacher, phone=False)
    card = page.locator("#check-in")
    expect(card.get_by_label("Into the session")).to_be_enabled()
    card.get_by_label("Into the session").select_option("qr")
    card.get_by_label("Only from these networks").fill("127.0.0.0/8, school")
    card.get_by_label("One device marks for one student in a session").check()
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("A network is needed")
    card.get_by_label("Only from these networks").fill("127.0.0.0/8 2001:db8::/48")
    card.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("Saved.")
    require_accessible(page)
    kept = site.api.get(f"/course/{course['id']}", teacher).json["course"]["check_in"]
    assert (kept["scan"], kept["one_device"]) == ("qr", True)
    assert kept["networks"] == ["127.0.0.0/8", "2001:db8::/48"]


def test_settings_cannot_be_changed_before_they_are_there(
    visitors: Visitors, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(None, by=teacher, phone=False)
    held: list[Route] = []
    page.route(f"**/course/{course['id']}", lambda route: held.append(route))
    page.goto(f"/teach/courses/{course['id']}/settings")
    field = page.get_by_label("Late counts as present")
    expect(field).to_be_disabled()
    until(page, lambda: held)
    held[0].continue_()
    expect(field).to_be_enabled()


@pytest.mark.parametrize("screen", [{"width": 320, "height": 640}, LAPTOP])
def test_the_pages_of_courses_are_accessible(
    visitors: Visitors,
    site: Site,
    teacher: Person,
    course: dict[str, Any],
    screen: dict[str, int],
) -> None:
    enrol(site, teacher, course, site.api.student(name="Wolfeschlegelsteinhausenbergerdorff"))
    page = visitors.open(None, by=teacher, viewport=screen, locale="de")
    page.goto("/teach/courses")
    expect(page.locator("#courses li")).to_have_count(1)
    require_accessible(page)
    require_no_sideways_scrolling(page)
    for tab in ("", "/students", "/sessions", "/plan", "/settings", "/sheet"):
        page.goto(f"/teach/courses/{course['id']}{tab}")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        require_accessible(page)
        require_no_sideways_scrolling(page)


def test_sessions_are_planned_and_started_from_today(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    plan = f"/teach/courses/{course['id']}/plan"
    page = visitors.open(plan, by=teacher, phone=False, timezone_id="Asia/Kolkata")
    page.get_by_role("button", name="Plan sessions").click()
    dialog = page.get_by_role("dialog", name="Plan sessions")
    now = site.clock.now()
    dialog.get_by_label("Begins at").fill(f"{now:%H:%M}")
    today = now.date().isoformat()
    dialog.get_by_label("First day").fill(today)
    dialog.get_by_label("Last day").fill(today)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one day.")
    dialog.get_by_label(f"{now:%A}").check()
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    # as the reader writes times, in the course's zone, which is said where the reader's differs
    begins = f"{now.hour % 12 or 12}:{now:%M}.{now:%p}"
    expect(page.locator("#plans > li")).to_contain_text(re.compile(f"{begins} · 45 minutes"))
    page.goto("/teach")
    expect(page.locator("#planned li")).to_contain_text(re.compile(f"{begins}.*(UTC|GMT)"))
    # the lesson that is due is the one filled button
    due = page.get_by_role("button", name="Start now: Mathematics")
    expect(due).not_to_have_class(re.compile("outline"))
    expect(page.locator("#starts").get_by_role("button")).to_have_class("outline")
    due.click()
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))
    page.goto("/teach")
    # what runs says how many are here, and can be opened and stopped
    running = page.locator("#sessions li")
    expect(running).to_contain_text("0 here")
    expect(running.get_by_role("link", name="Open it: Mathematics")).to_be_visible()
    expect(running.get_by_role("button", name="Stop: Mathematics")).to_be_visible()
    expect(page.locator("#planned li")).to_have_count(0)
    page.goto(plan)
    page.locator("#plans > li").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#plans > li")).to_have_count(0)


def test_stopping_from_today_says_how_many_become_absent(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    for student in (site.api.student(), site.api.student()):
        enrol(site, teacher, course, student)
    site.api.session(teacher, subject="Mathematics", course_id=course["id"])
    page = visitors.open("/teach", by=teacher, phone=False)
    expect(page.locator("#sessions li")).to_contain_text("0 of 2 here")
    page.get_by_role("button", name="Stop: Mathematics").click()
    dialog = page.get_by_role("dialog", name="Stop Mathematics?")
    expect(dialog).to_contain_text("2 students without a mark count as absent.")
    dialog.get_by_role("button", name="Keep it open").click()
    expect(page.locator("#sessions li")).to_have_count(1)


def test_a_face_that_was_changed_for_another_is_told_and_noted_in_the_list(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    student = site.api.student("obama", name="Grace Hopper")
    enrol(site, teacher, course, student)
    page = visitors.open("/teach", by=teacher, phone=False)
    until_connected(page)
    site.api.upload("/student/upload-face", student, picture("biden"))
    [waits] = site.api.get("/admin/enrolments", teacher).json["enrolments"]
    path = f"/admin/enrolments/{waits['id']}/decide"
    assert site.api.post(path, teacher, json={"accepted": True}).status_code == 200
    told = "Grace Hopper has put another face in the place of the one before."
    expect(page.get_by_text(told)).to_be_visible()
    page.goto(f"/teach/courses/{course['id']}/students")
    expect(page.locator("#students tr")).to_contain_text("face changed on")


def test_a_colleague_is_let_in_and_sees_only_what_the_part_allows(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    helper = site.api.teacher()
    page = visitors.open(f"/teach/courses/{course['id']}/settings", by=teacher, phone=False)
    page.get_by_role("button", name="Let a colleague help").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill(helper.row["email"])
    dialog.get_by_label("Part").select_option("assistant")
    require_accessible(page)
    dialog.get_by_role("button", name="Let in").click()
    expect(page.locator("#staff")).to_contain_text(helper.row["name"])
    theirs = visitors.open(f"/teach/courses/{course['id']}", by=helper, phone=False)
    expect(theirs.get_by_text("Your part in this course: Assistant.")).to_be_visible()
    expect(theirs.get_by_role("button", name="Start a session")).to_be_visible()
    for tab, names in {
        "students": ["Enrol one"],
        "plan": ["Plan sessions", "Excuse a student"],
        "settings": ["Let a colleague help", "Archive"],
    }.items():
        theirs.goto(f"/teach/courses/{course['id']}/{tab}")
        expect(theirs.get_by_text("Your part in this course: Assistant.")).to_be_visible()
        for name in names:
            expect(theirs.get_by_role("button", name=name)).to_be_hidden()
    expect(theirs.locator("#settings")).to_be_hidden()


def test_a_form_of_somebody_who_was_signed_out_leads_back(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    page.get_by_role("button", name="Enrol one").click()
    page.context.clear_cookies()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Student number").fill("S-1")
    dialog.get_by_role("button", name="Enrol").click()
    dialog.get_by_role("link", name="Sign in and come back").click()
    page.get_by_label("E-mail address").fill(teacher.row["email"])
    page.get_by_label("Password").fill(teacher.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/teach/courses/{course['id']}/students")


def test_a_course_of_hundreds_is_no_longer_than_one_of_fifty_and_found_without_accents(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    lines = [f"S-{n},Student {n}" for n in range(1, 120)] + ["S-900,Zoë Ångström"]
    roster = ("student_id,name\n" + "\n".join(lines)).encode()
    path, form = f"/course/{course['id']}/roster", "multipart/form-data"
    data = {"file": (io.BytesIO(roster), "class.csv")}
    answer = site.api.call("POST", path, teacher, data=data, content_type=form)
    assert answer.status_code == 200, answer.text
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    expect(page.locator("#students tr")).to_have_count(50)
    expect(page.locator("#count")).to_have_text("(120)")
    # as the language sorts: numbers by their value
    expect(page.locator("#students tr").nth(1)).to_contain_text("Student 2")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#students tr").first).to_contain_text("Student 51")
    page.go_back()
    expect(page.locator("#students tr").first).to_contain_text("Student 1")
    page.get_by_label("Search by name or number").fill("angstrom zoe")
    expect(page.locator("#students tr")).to_have_count(1)
    expect(page.locator("#students tr")).to_contain_text("Zoë Ångström")


def test_the_sessions_of_a_course_are_counted_filtered_and_searched(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    student = site.api.student(name="Grace Hopper")
    enrol(site, teacher, course, student)
    started = site.api.session(teacher, subject="Limits", course_id=course["id"])
    number = student.row["student_id"]
    path = f"/session/{started['id']}/attendance/{number}"
    assert site.api.call("PUT", path, teacher, json={"status": "late"}).status_code == 200
    site.api.post("/session/stop", teacher, json={"session_id": started["id"]})
    site.api.session(teacher, subject="Series", course_id=course["id"])
    site.api.session(teacher, subject="Elsewhere")
    page = visitors.open(f"/teach/courses/{course['id']}/sessions", by=teacher, phone=False)
    expect(page.locator("#rows li")).to_have_count(2)
    expect(page.locator("#rows li").nth(1)).to_contain_text("1 of 1 here")
    # the card of the course says how many came the last time, which is not the one that runs
    cards = visitors.open("/teach/courses", by=teacher, phone=False)
    expect(cards.locator("#courses li")).to_contain_text("1 student")
    expect(cards.locator("#courses li")).to_contain_text("0 of 1 here")
    expect(cards.locator("#courses li")).to_contain_text(re.compile("Last: .*, 1 of 1 here"))
    cards.get_by_role("link", name="Report: Mathematics").click()
    cards.wait_for_url(f"**/teach/courses/{course['id']}/report")
    cards.go_back()
    cards.locator("#courses article").click(position={"x": 8, "y": 8})  # anywhere on it
    cards.wait_for_url(f"**/teach/courses/{course['id']}")
    page.get_by_label("State").select_option("running")
    expect(page.locator("#rows li")).to_have_count(1)
    expect(page.locator("#rows li")).to_contain_text("Series")
    page.get_by_label("State").select_option("")
    expect(page.locator("#rows li")).to_have_count(2)
    page.get_by_label("Search by subject or section").fill("LIM")
    expect(page.locator("#rows li")).to_have_count(1)
    expect(page.locator("#rows li")).to_contain_text("Limits")
    require_accessible(page)
    page.get_by_label("Search by subject or section").fill("nothing such")
    expect(page.locator("#none")).to_have_text("No session fits.")


def test_a_course_shows_at_a_glance_what_is_next_and_how_it_stands(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    enrol(site, teacher, course, site.api.student())
    page = visitors.open(f"/teach/courses/{course['id']}", by=teacher, phone=False)
    expect(page.locator("#next")).to_contain_text("Nothing is planned.")
    expect(page.locator("#students")).to_have_text("1")
    page.get_by_role("button", name="Start a session").click()
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))
    page.goto(f"/teach/courses/{course['id']}")
    expect(page.locator("#next")).to_contain_text("0 of 1 here")
    # what has held a session is archived: nobody is asked whether to delete it, and then refused
    page.get_by_role("navigation", name="Course").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("button", name="Archive")).to_be_visible()
    expect(page.locator("#settings fieldset").first).to_be_enabled()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Delete the course")).to_be_hidden()
    page.go_back()
    page.get_by_role("link", name="Open it").click()
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))


def test_look_alikes_of_a_course_are_shown_to_its_teacher_and_allowed_as_a_pair(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    colleague = site.api.teacher()
    body = {"code": "CH-1", "name": "Chemistry"}
    theirs = site.api.post("/course", colleague, json=body).json["course"]
    twins = site.api.student("obama", name="Ann Twin"), site.api.student(name="Bea Twin")
    for student in twins:
        enrol(site, colleague, theirs, student)
    page = visitors.open(f"/teach/courses/{theirs['id']}/students", by=colleague, phone=False)
    expect(page.locator("#students")).to_contain_text("Bea Twin")
    expect(page.locator("#look-alikes")).to_be_hidden()
    numbers = [student.row["student_id"] for student in twins]
    site.api.post("/look-alikes/allowed", colleague, json={"student_ids": numbers})
    site.api.enrol(twins[1], "obama2")
    page.reload()
    pair = page.locator("#pairs tr")
    expect(pair).to_contain_text("Ann Twin")
    require_accessible(page)
    require_no_sideways_scrolling(page)
    for action, after in (("Withdraw", "not allowed"), ("Allow", "Withdraw")):
        pair.get_by_role("button", name=action).click()
        page.get_by_role("dialog").get_by_role("button", name=action).click()
        expect(pair).to_contain_text(after)
    # of an administrator's other course the pair is no concern
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#look-alikes")).to_be_hidden()
