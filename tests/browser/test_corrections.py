"""What a teacher puts right by hand: marks, the whole list, appeals."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Route, expect

from database import courses
from tests.attendance.school import course_of
from tests.browser.conftest import (
    Site,
    Visitors,
    keep_back,
    require_accessible,
    until,
    until_connected,
)
from tests.conftest import Person


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def session(site: Site, teacher: Person) -> dict[str, Any]:
    return site.api.session(teacher)


def listed(site: Site, session: dict[str, Any], teacher: Person) -> list[dict[str, Any]]:
    answer = site.api.get(f"/session/attendance?session_id={session['id']}", teacher)
    rows: list[dict[str, Any]] = answer.json["attendance"]
    return rows


def test_a_student_is_marked_by_hand_and_changed_from_the_keyboard(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    student = site.api.student(name="Grace Hopper")
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    page.get_by_role("button", name="Mark by hand").click()
    dialog = page.get_by_role("dialog", name="Mark by hand")
    expect(dialog.get_by_label("Student number")).to_be_focused()
    require_accessible(page)
    page.keyboard.type("nobody")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("There is no such student")
    dialog.get_by_label("Student number").fill(student.row["student_id"])
    dialog.get_by_label("Remark").fill("phone was empty")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    row = page.locator("#roll tr", has_text="Grace Hopper")
    expect(row).to_contain_text("Present")
    expect(row).to_contain_text("By hand")
    expect(row).to_contain_text("phone was empty")
    page.get_by_role("button", name="Change: Grace Hopper").press("Enter")
    expect(dialog.get_by_label("Present")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Late")
    [mark] = listed(site, session, teacher)
    assert (mark["status"], mark["method"], mark["remark"]) == ("late", "manual", "phone was empty")


@pytest.mark.parametrize("number", ["..", "/VIC", "a/b"])
def test_students_whose_numbers_no_path_can_say_are_marked_removed_and_nobody_else_is(
    visitors: Visitors, site: Site, teacher: Person, number: str
) -> None:
    course = course_of(site.api, teacher)
    other = site.api.student(name="Other", student_id="VIC")
    old = site.api.student(name="Old Number")
    with site.parts.database.write() as tx:  # as older versions took them
        tx.execute(
            "UPDATE students SET student_id = :number WHERE id = :id",
            number=number,
            id=old.row["id"],
        )
        now = site.clock.now()
        for person in (old, other):
            courses.enrol(tx, course["id"], person.row["id"], now)
    session = site.api.session(teacher, course_id=course["id"])
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    page.get_by_role("button", name="Change: Old Number").click()
    page.get_by_role("dialog", name="Mark by hand").get_by_label("Excused").check()
    page.keyboard.press("Enter")
    expect(page.locator("#roll tr", has_text="Old Number")).to_contain_text("Excused")
    marks = {row["name"]: row["method"] for row in listed(site, session, teacher)}
    assert marks == {"Old Number": "manual"}
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    page.get_by_role("button", name="Remove: Old Number").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("#students tr", has_text="Old Number")).to_have_count(0)
    expect(page.locator("#students tr", has_text="Other")).to_have_count(1)


def test_the_list_is_cleared_after_a_question_and_brought_back(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    student = site.api.student("biden", name="Blaise Pascal")
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 200
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#roll tr")).to_have_count(1)
    page.locator("#more summary").click()
    page.locator("#clear").click()
    dialog = page.get_by_role("dialog", name="Clear the list?")
    page.keyboard.press("Escape")
    assert len(listed(site, session, teacher)) == 1
    page.locator("#clear").click()
    dialog.get_by_role("button", name="Clear the list").click()
    expect(page.locator("#roll tr")).to_have_count(0)
    assert listed(site, session, teacher) == []
    page.get_by_role("button", name="Bring the marks back").click()
    expect(page.locator("#roll tr")).to_have_count(1)
    assert len(listed(site, session, teacher)) == 1
    page.get_by_role("button", name="Bring the marks back").click()
    expect(page.locator("#notices")).to_contain_text("There is nothing to bring back")


def test_an_appeal_is_shown_though_an_older_answer_arrives_late(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    student = site.api.student("obama")
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 422
    home = visitors.open(None, by=teacher, phone=False)
    held: list[tuple[Route, APIResponse]] = []

    home.route("**/waiting", partial(keep_back, held), times=1)
    home.goto("/teach")
    until_connected(home)
    until(home, lambda: held)
    path = f"/session/{session['id']}/appeal"
    assert site.api.post(path, student, json={"reason": "My new glasses."}).status_code == 201
    [(route, older)] = held
    assert older.json()["appeals"] == 0
    home.wait_for_timeout(500)  # in which a page that asks twice at once hears the newer answer
    route.fulfill(response=older)
    expect(home.get_by_role("link", name="1 appeal waits for you")).to_be_visible()


def test_an_appeal_arrives_and_is_accepted(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    student = site.api.student("obama", name="Blaise Pascal")
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 422
    home = visitors.open("/teach", by=teacher, phone=False)
    home.locator("html[data-live=live]").wait_for()
    expect(home.get_by_role("link", name="Algebra: 1 student was refused")).to_be_visible()
    expect(home.get_by_role("link", name="1 appeal waits for you")).to_have_count(0)
    answer = site.api.post(
        f"/session/{session['id']}/appeal", student, json={"reason": "My new glasses."}
    )
    assert answer.status_code == 201, answer.text
    home.get_by_role("link", name="1 appeal waits for you").click()
    expect(home.locator("article")).to_contain_text("My new glasses.")
    expect(home.locator("article")).to_contain_text("The face was not recognised")
    require_accessible(home)
    home.get_by_role("button", name="Accept: Blaise Pascal").click()
    dialog = home.get_by_role("dialog")
    dialog.get_by_label("Mark as").select_option("Late")
    dialog.get_by_label("Remark").fill("Seen in the room.")
    require_accessible(home)
    dialog.get_by_role("button", name="Accept").click()
    expect(home.locator("#none")).to_be_visible()
    [mark] = listed(site, session, teacher)
    assert (mark["status"], mark["method"]) == ("late", "manual")
    home.locator("#decided-part summary").click()
    expect(home.locator("#decided")).to_contain_text("Accepted")
    require_accessible(home)


def test_a_refusal_and_an_appeal_reach_the_page_that_the_teacher_looks_at(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    student = site.api.student("obama", name="Blaise Pascal")
    desk = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    until_connected(desk)
    expect(desk.locator("#refused")).to_be_hidden()
    assert site.api.mark(student, "biden", code=session["code"]).status_code == 422
    expect(desk.locator("#refused-list")).to_contain_text("Blaise Pascal")
    expect(desk.locator("#refused-list")).to_contain_text("The face was not recognised")
    path = f"/session/{session['id']}/appeal"
    assert site.api.post(path, student, json={"reason": "New glasses."}).status_code == 201
    expect(desk.locator("#session-appeals")).to_contain_text("1 appeal waits for you")
    expect(desk.locator(".site-nav .count")).to_contain_text("2 wait for you")
    require_accessible(desk)
    desk.get_by_role("button", name="Mark present: Blaise Pascal").click()
    expect(desk.locator("#refused-list li")).to_have_count(0)
    [mark] = listed(site, session, teacher)
    assert mark["status"] == "present"


def test_marking_by_hand_finds_by_name_and_by_number_in_any_case(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    course = site.api.post("/course", teacher, json={"code": "MA", "name": "Algebra"}).json[
        "course"
    ]
    for number, name in (("S-1a", "José Álvarez"), ("S-2", "Ann Lee"), ("S-3", "Ann Low")):
        site.api.student(student_id=number, name=name)
        body = {"student_id": number}
        site.api.post(f"/course/{course['id']}/students", teacher, json=body)
    session = site.api.session(teacher, course_id=course["id"])
    desk = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(desk.locator("#roll tr")).to_have_count(3)

    def mark(text: str) -> None:
        desk.get_by_role("button", name="Mark by hand").click()
        desk.get_by_label("Student number or name").fill(text)
        desk.get_by_role("button", name="Save").click()

    mark("alvarez")
    expect(desk.locator("#roll tr", has_text="José")).to_contain_text("Present")
    mark("ann")
    expect(desk.get_by_text("Type the number of one of them: Ann Lee (S-2)")).to_be_visible()
    desk.get_by_label("Student number or name").fill("s-3")
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator("#roll tr", has_text="Ann Low")).to_contain_text("Present")
