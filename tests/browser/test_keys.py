"""Search over everything by Ctrl-K, and the keys of a page by a question mark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitors, require_accessible
from tests.conftest import Person


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    made: dict[str, Any] = answer.json["course"]
    student = site.api.student(name="José Müller")
    body = {"student_id": student.row["student_id"]}
    site.api.post(f"/course/{made['id']}/students", teacher, json=body)
    return made


def test_courses_students_sessions_and_pages_are_found_by_keyboard(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    session = site.api.session(teacher, subject="Limits", course_id=course["id"])
    page = visitors.open("/teach", by=teacher, phone=False)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Mathematics")).to_be_visible()
    page.keyboard.type("jose mul")
    option = page.get_by_role("option", name="José Müller")
    expect(option).to_have_attribute("aria-selected", "true")
    require_accessible(page)
    # the server is asked for what was typed, and no list of a course is read for it
    assert [url for url in calls if url.endswith("/students")] == []
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/teach/courses/{course['id']}/students\?q="))
    expect(page.locator("#students tr")).to_have_count(1)
    page.get_by_role("button", name="Search", exact=True).click()
    page.keyboard.type("limits")
    expect(page.get_by_role("option", name=re.compile("Limits"))).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/teach/sessions/{session['id']}")
    page.keyboard.press("Control+k")
    page.keyboard.type("audit")
    page.keyboard.press("Enter")  # before anything is answered
    page.wait_for_url("**/manage/audit")
    page.keyboard.press("Control+k")
    page.keyboard.type("nothing such")
    expect(page.get_by_text("Nothing is called like this.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_have_count(0)


def test_a_question_mark_says_which_keys_there_are(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    session = site.api.session(teacher, course_id=course["id"])
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    page.get_by_label("Search by name or number").fill("?")  # a letter like others there
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys of this page")
    expect(dialog).to_contain_text("Go from student to student")
    require_accessible(page)
