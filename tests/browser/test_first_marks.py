"""A first face that waits: the student marks all the same, the teacher confirms with a look."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)
from tests.conftest import Person, picture

pytestmark = pytest.mark.one_database


@pytest.fixture
def site_settings() -> dict[str, Any]:
    return {"confirm_first_enrolments": True}


@pytest.fixture
def student(site: Site) -> Person:
    """Whose first face waits."""
    student = site.api.student()
    proposed = site.api.upload("/student/upload-face", student, picture("obama"))
    assert proposed.status_code == 202
    return student


def marks(visitors: Visitors, site: Site, session: dict[str, Any], student: Person) -> Page:
    """The student's phone, which has just marked."""
    page = visitors.open(site.scan(session), by=student, face="obama2")
    expect(page.locator("#result-title")).to_have_text("Kept until your teacher confirms you")
    return page


def test_confirmed_on_the_sessions_page_it_is_a_mark_on_both_screens(
    visitors: Visitors, site: Site, student: Person
) -> None:
    teacher = site.api.teacher()
    session = site.api.session(teacher)
    screen = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    phone = marks(visitors, site, session, student)
    require_accessible(phone)
    require_no_sideways_scrolling(phone)
    waits = screen.get_by_role("region", name="Faces to confirm")
    expect(waits.get_by_text(student.row["name"])).to_be_visible()
    expect(waits.get_by_role("img")).to_have_js_property("complete", True)
    assert waits.get_by_role("img").evaluate("image => image.naturalWidth") > 0
    require_accessible(screen)
    waits.get_by_role("button", name=f"Confirm: {student.row['name']}").click()
    expect(waits).to_be_hidden()
    expect(phone.locator("#result-title")).to_have_text("Present")
    [mark] = site.marks(session, teacher)
    assert mark["evidence"] == ["scan", "face", "confirmed"]
    expect(screen.locator("#roll")).to_contain_text(student.row["name"])


def test_refused_the_phone_says_what_helps(visitors: Visitors, site: Site, student: Person) -> None:
    teacher = site.api.teacher()
    session = site.api.session(teacher)
    phone = marks(visitors, site, session, student)
    screen = visitors.open(f"/teach/sessions/{session['id']}", by=teacher)
    require_no_sideways_scrolling(screen)
    screen.get_by_role("button", name=f"Refuse: {student.row['name']}").click()
    expect(phone.locator("#result-title")).to_have_text("Your face was not confirmed")
    expect(phone.get_by_role("link", name="Enrol my face")).to_be_visible()
    assert site.marks(session, teacher) == []


def test_the_home_page_says_that_it_waits(visitors: Visitors, student: Person) -> None:
    page = visitors.open("/my", by=student)
    expect(page.get_by_text("Your face waits until your teacher")).to_be_visible()
    expect(page.get_by_role("heading", name="Enrol your face first")).to_have_count(0)
    require_accessible(page)
    page.goto(page.url.replace("/my", "/account"))
    expect(page.get_by_role("button", name="Delete my face")).to_be_visible()
