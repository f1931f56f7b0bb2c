"""A teacher's week: what is planned, what runs, what was held or was not."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.attendance.school import course_of, enrol, put
from tests.browser.conftest import (
    LAPTOP,
    PHONE,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)
from tests.conftest import Person

DAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()  # the first is the administrator


@pytest.fixture
def monday(site: Site) -> date:
    """Of the week that is now."""
    today = site.clock.now().date()
    return today - timedelta(days=today.weekday())


@pytest.fixture
def course(site: Site, teacher: Person, monday: date) -> dict[str, Any]:
    """Planned on each working day of last week and the next; on its Wednesday is a holiday."""
    course = course_of(site.api, teacher, timezone="UTC", section="10b")
    for first in (monday - timedelta(days=7), monday + timedelta(days=7)):
        plan = {
            "days": DAYS,
            "start_time": "09:00",
            "duration_minutes": 90,
            "from": str(first),
            "to": str(first + timedelta(days=4)),
            "room": "B 12",
        }
        answer = site.api.post(f"/course/{course['id']}/plans", teacher, json=plan)
        assert answer.status_code == 201, answer.text
    free = str(monday + timedelta(days=9))
    body = {"name": "Founder’s day", "from": free, "to": free}
    assert site.api.post("/admin/holidays", teacher, json=body).status_code == 201
    return course


def week_of(visitors: Visitors, teacher: Person, day: date | None, **options: Any) -> Page:
    query = "" if day is None else f"?of={day}"
    page = visitors.open(f"/teach/week{query}", by=teacher, timezone_id="UTC", **options)
    expect(page.locator("#week")).to_have_attribute("aria-busy", "false")
    return page


def lessons(page: Page) -> Locator:
    return page.locator(".week-day .lesson")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_week_to_come_is_read_on_every_screen_and_in_both_directions(
    visitors: Visitors,
    teacher: Person,
    course: dict[str, Any],
    monday: date,
    size: dict[str, int],
    locale: str,
) -> None:
    day = monday + timedelta(days=10)
    page = week_of(visitors, teacher, day, viewport=size, locale=locale)
    expect(lessons(page)).to_have_count(4)
    days = page.locator(".week-day")
    expect(days).to_have_count(5)  # the weekend is shown where something is there
    expect(days.nth(2)).to_contain_text("Founder’s day")
    expect(days.nth(2).locator(".lesson")).to_have_count(0)
    expect(lessons(page).first).to_contain_text("Algebra · 10b")
    expect(lessons(page).first).to_contain_text("B 12")
    require_no_sideways_scrolling(page)
    require_accessible(page)
    first, second = (days.nth(place).bounding_box() for place in (0, 1))
    assert first is not None
    assert second is not None
    if size == PHONE:
        assert second["y"] >= first["y"] + first["height"]
    else:
        assert second["y"] == first["y"]
        assert (second["x"] < first["x"]) is (locale == "ar")


def test_what_was_held_and_what_was_not_and_the_way_between_weeks(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any], monday: date
) -> None:
    student = site.api.student()
    enrol(site.api, teacher, course, student, site.api.student())
    held = site.api.session(teacher, course_id=course["id"])
    put(site.api, teacher, held, student, "present")
    site.api.post("/session/stop", teacher, json={"session_id": held["id"]})
    page = visitors.open("/teach", by=teacher, phone=False, timezone_id="UTC")
    page.get_by_role("link", name="The week").click()
    today = page.locator(".week-day[aria-current=date]")
    expect(today.locator(".lesson")).to_have_count(1)
    expect(today.locator(".lesson")).to_contain_text("1 of 2 here")
    current = page.get_by_role("navigation", name="Main").locator("[aria-current]")
    expect(current).to_have_text(re.compile("Today"))

    page.get_by_role("link", name="Previous week").click()
    expect(lessons(page)).to_have_count(5)
    expect(lessons(page).first).to_contain_text(re.compile("9:00.AM–10:30.AM.*not held"))
    expect(page.locator(".week-day[aria-current]")).to_have_count(0)
    require_accessible(page)
    page.get_by_role("link", name="Previous week").click()
    expect(page.get_by_text("Nothing is planned, and nothing was held.")).to_be_visible()
    page.get_by_role("link", name="Next week").click()
    expect(lessons(page)).to_have_count(5)
    page.get_by_role("link", name="This week").click()
    expect(today.locator(".lesson")).to_have_count(1)
    today.get_by_role("link", name="Algebra").click()
    page.wait_for_url(f"**/teach/sessions/{held['id']}")


def test_a_lesson_that_begins_appears_by_itself_and_is_no_second_one(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = week_of(visitors, teacher, None, phone=False)
    page.locator("html[data-live=live]").wait_for()
    expect(lessons(page)).to_have_count(0)
    session = site.api.session(teacher, course_id=course["id"])
    expect(lessons(page)).to_have_count(1)
    expect(lessons(page)).to_contain_text("Open")
    require_accessible(page)
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    expect(lessons(page)).to_contain_text("here")
    expect(lessons(page)).not_to_contain_text("Open")
    expect(lessons(page)).to_have_count(1)


def test_a_day_that_is_none_shows_the_week_that_is_now(visitors: Visitors, teacher: Person) -> None:
    page = visitors.open("/teach/week?of=2026-13-45", by=teacher, phone=False, timezone_id="UTC")
    expect(page.locator(".week-day[aria-current=date]")).to_have_count(1)
