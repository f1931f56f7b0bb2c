"""Reasons of the school in the browser: edited, chosen, and seen with what they do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.attendance.school import course_of, enrol, put, reason_of
from tests.browser.conftest import Site, Visitors, require_accessible
from tests.conftest import Person


@pytest.fixture
def admin(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def teacher(site: Site, admin: Person) -> Person:
    return site.api.teacher()


@pytest.fixture
def student(site: Site) -> Person:
    return site.api.student(name="Ann Lee")


def lesson_of(site: Site, teacher: Person, course: dict[str, Any]) -> dict[str, Any]:
    """A session of the course that is over, with nobody's mark."""
    session = site.api.session(teacher, course_id=course["id"])
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    return session


def test_an_administrator_edits_the_list(visitors: Visitors, site: Site, admin: Person) -> None:
    page = visitors.open("/manage/reasons", by=admin, phone=False)
    expect(page.get_by_text("No reason yet.")).to_be_visible()
    page.get_by_role("button", name="New reason").click()
    dialog = page.get_by_role("dialog", name="New reason")
    dialog.get_by_label("Name").fill("Excursion")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Code")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Code").fill("X")
    dialog.get_by_label("In percentages").select_option("counts as present")
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    line = page.locator("#reasons li")
    expect(line).to_contain_text(re.compile("Excursion.*X.*Excused.*counts as present"))

    page.get_by_role("button", name="New reason").click()
    dialog.get_by_label("Name").fill("EXCURSION")
    dialog.get_by_label("Code").fill("E")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("There is a reason of this name or with this code")
    dialog.get_by_role("button", name="Cancel").click()

    page.get_by_role("button", name="Change: Excursion").click()
    dialog = page.get_by_role("dialog", name="Change the reason")
    expect(dialog).to_contain_text("holds for the marks so far too")
    expect(dialog.get_by_label("Excused")).to_be_hidden()
    dialog.get_by_label("In percentages").select_option("does not count")
    dialog.get_by_role("button", name="Save").click()
    expect(line).to_contain_text("does not count")
    page.get_by_role("button", name="Retire: Excursion").click()
    expect(page.get_by_text("No reason yet.")).to_be_visible()
    page.get_by_text("Retired ones").first.click()
    require_accessible(page)
    page.get_by_role("button", name="Use again: Excursion").click()
    expect(line).to_contain_text("Excursion")


def test_a_mark_by_hand_has_a_reason_and_the_student_sees_it(
    visitors: Visitors, site: Site, admin: Person, teacher: Person, student: Person
) -> None:
    reason_of(site.api, admin)
    reason_of(site.api, admin, name="Ill", code="I", status="absent", meaning="counted")
    course = course_of(site.api, teacher)
    enrol(site.api, teacher, course, student)
    session = lesson_of(site, teacher, course)
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    page.get_by_role("button", name="Change: Ann Lee").click()
    dialog = page.get_by_role("dialog", name="Mark by hand")
    choice = dialog.get_by_label("School’s reason")
    expect(choice).to_contain_text("Ill")
    dialog.get_by_label("Present").check()
    expect(choice).to_be_hidden()
    dialog.get_by_label("Excused").check()
    expect(choice).not_to_contain_text("Ill")
    choice.select_option("Fair (counts as present)")
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#roll tr")).to_contain_text("Fair")
    # a tap on the same status leaves it
    page.get_by_role("button", name="Excused: Ann Lee").click()
    expect(page.locator("#undo")).to_be_hidden()
    expect(page.locator("#roll tr")).to_contain_text("Fair")

    own = visitors.open("/my/attendance", by=student)
    expect(own.locator("#history")).to_contain_text("Fair (counts as present)")
    expect(own.locator("#summary")).to_contain_text("100%")

    report = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    expect(report.locator("#summary")).to_contain_text("100% attended on average")
    report.locator("#matrix-part summary").click()
    cell = report.get_by_role("gridcell", name="Excused, Fair")
    expect(cell).to_have_text("F")
    cell.click()
    dialog = report.get_by_role("dialog")
    expect(dialog.get_by_label("School’s reason")).to_have_value(re.compile(r"^\d+$"))
    dialog.get_by_label("Absent").check()
    dialog.get_by_label("School’s reason").select_option("Ill")
    dialog.get_by_role("button", name="Save").click()
    expect(report.get_by_role("gridcell", name="Absent, Ill")).to_have_text("I")


def test_an_appeal_is_accepted_for_a_reason_of_the_status_that_is_chosen(
    visitors: Visitors, site: Site, admin: Person, teacher: Person, student: Person
) -> None:
    reason_of(site.api, admin)
    reason_of(site.api, admin, name="Bus", code="B", status="late", meaning="counted")
    session = site.api.session(teacher)
    path = f"/session/{session['id']}/appeal"
    assert site.api.post(path, student, json={"reason": "The bus."}).status_code == 201
    page = visitors.open("/teach/appeals", by=teacher, phone=False)
    page.get_by_role("button", name="Accept: Ann Lee").click()
    dialog = page.get_by_role("dialog")
    choice = dialog.get_by_label("School’s reason")
    expect(choice).to_be_hidden()  # nothing to say of who was there
    dialog.get_by_label("Mark as").select_option("Excused")
    expect(choice).to_contain_text("Fair (counts as present)")
    dialog.get_by_label("Mark as").select_option("Late")
    expect(choice).not_to_contain_text("Fair")
    choice.select_option("Bus")
    require_accessible(page)
    dialog.get_by_role("button", name="Accept").click()
    expect(page.locator("#none")).to_be_visible()
    rows = site.api.get(f"/session/attendance?session_id={session['id']}", teacher).json
    [row] = rows["attendance"]
    assert (row["status"], row["reason"]) == ("late", "Bus")
    expect(page.locator("#decided article")).to_contain_text("Late, Bus")


def chosen_of(page: Page, code: str) -> Any:
    return page.get_by_role("dialog").locator("label", has_text=code)


def test_a_teacher_excuses_in_two_courses_and_sees_before_what_it_does(
    visitors: Visitors, site: Site, admin: Person, teacher: Person, student: Person
) -> None:
    reason_of(site.api, admin)
    courses = [
        course_of(site.api, teacher, code=name[:2], name=name, excused_counts_as="absent")
        for name in ("Algebra", "Botany", "Chemistry")
    ]
    for course in courses:
        enrol(site.api, teacher, course, student)
        put(site.api, teacher, lesson_of(site, teacher, course), student, "present")
        put(site.api, teacher, lesson_of(site, teacher, course), student, "absent")
    body = {"from": site.clock.now().date().isoformat(), "reason": "The fair."}
    assert site.api.post("/absence", student, json=body).status_code == 201

    page = visitors.open("/teach/absences", by=teacher, phone=False)
    page.get_by_role("button", name="Excuse").click()
    for name in ("Algebra", "Botany", "Chemistry"):
        expect(chosen_of(page, name)).to_contain_text("50% now, 50% then")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("School’s reason").select_option("Fair (counts as present)")
    for name in ("Algebra", "Botany", "Chemistry"):
        expect(chosen_of(page, name)).to_contain_text("50% now, 100% then")
    require_accessible(page)
    chosen_of(page, "Chemistry").get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Excuse").click()
    lines = page.locator("#absences article li")
    expect(lines.nth(0)).to_contain_text(re.compile("Algebra.*Accepted.*Fair"))
    expect(lines.nth(1)).to_contain_text(re.compile("Botany.*Accepted.*Fair"))
    expect(lines.nth(2)).to_contain_text(re.compile("Chemistry.*50% now"))
    summary = site.api.get("/student/attendance/summary", student).json["overall"]
    assert (summary["present"], summary["total"]) == (5, 6)
