"""Terms and holidays, and what a course's plan makes of them, in the browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitors, require_accessible
from tests.conftest import Person


@pytest.fixture
def admin(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def teacher(site: Site, admin: Person) -> Person:
    return site.api.teacher()


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    made: dict[str, Any] = answer.json["course"]
    return made


def test_a_plan_is_changed_its_lessons_skipped_moved_and_left_out_on_holidays(
    visitors: Visitors, site: Site, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    today = site.clock.now().date()
    monday = today + timedelta(days=7 - today.weekday())
    term = {"name": "Spring", "from": str(today), "to": str(monday + timedelta(days=20))}
    site.api.post("/admin/terms", admin, json=term)
    page = visitors.open(f"/teach/courses/{course['id']}/plan", by=teacher, phone=False)
    page.get_by_role("button", name="Plan sessions").click()
    dialog = page.get_by_role("dialog", name="Plan sessions")
    # what is likely stands there already
    expect(dialog.get_by_label("First day")).to_have_value(str(today))
    expect(dialog.get_by_label("Last day")).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    dialog.get_by_label("Begins at").fill("09:00")
    dialog.get_by_label("Monday").check()
    dialog.get_by_label("Room").fill("B 12")
    dialog.get_by_label("Term").select_option("Spring")
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    plan = page.locator("#plans > li")
    expect(plan).to_contain_text(re.compile("9:00.AM · 45 minutes · room B 12"))
    plan.locator("summary").click()
    expect(plan.locator("details li")).to_have_count(3)

    plan.get_by_role("button", name=re.compile("^Skip")).first.click()
    expect(plan.get_by_role("button", name=re.compile("^Hold it after all"))).to_be_visible()
    expect(plan.locator("summary")).to_contain_text("2 lessons")
    plan.get_by_role("button", name=re.compile("^Move:")).first.click()
    moving = page.get_by_role("dialog", name=re.compile("Move the lesson"))
    moving.get_by_label("To").fill(str(monday + timedelta(days=9)))
    moving.get_by_role("button", name="Move").click()
    expect(plan).to_contain_text("moved from")

    plan.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog", name="Change the plan")
    expect(dialog.get_by_label("Monday")).to_be_checked()
    dialog.get_by_label("Begins at").fill("10:00")
    dialog.get_by_role("button", name="Save").click()
    asked = page.get_by_role("dialog", name="1 lesson changes")
    require_accessible(page)
    asked.get_by_role("button", name="Save").click()
    expect(plan).to_contain_text(re.compile("10:00.AM · 45 minutes"))

    free = {"name": "Break", "from": str(monday), "to": str(monday + timedelta(days=20))}
    site.api.post("/admin/holidays", admin, json=free)
    page.reload()
    expect(plan.locator("summary")).to_contain_text("1 lesson in")


def test_an_administrator_keeps_terms_and_holidays(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    page = visitors.open("/manage/school-days", by=admin, phone=False)
    expect(page.get_by_text("No term yet.")).to_be_visible()
    page.get_by_role("button", name="New term").click()
    dialog = page.get_by_role("dialog", name="New term")
    dialog.get_by_label("Name").fill("Spring term")
    dialog.get_by_label("First day").fill("2026-06-30")
    dialog.get_by_label("Last day").fill("2026-02-02")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Last day")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Last day").fill("2026-12-02")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#terms li")).to_contain_text("Spring term")

    page.get_by_role("button", name="Public holidays").click()
    dialog = page.get_by_role("dialog", name="Public holidays")
    # a label is exactly "Country" only until its choices have come
    dialog.get_by_role("combobox", name=re.compile("^Country")).select_option("DE")
    dialog.get_by_label("Part of the country").select_option("BY")
    dialog.get_by_label("Year").fill(str(site.clock.now().year))
    require_accessible(page)
    dialog.get_by_role("button", name="Add").click()
    expect(page.locator("#holidays")).to_contain_text("Epiphany")
    page.get_by_role("button", name="Delete: Epiphany").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#holidays")).not_to_contain_text("Epiphany")


def test_an_administrator_gives_a_room_networks_of_its_own(
    visitors: Visitors, site: Site, admin: Person
) -> None:
    page = visitors.open("/manage/rooms", by=admin, phone=False)
    expect(page.get_by_text("No room yet.")).to_be_visible()
    page.get_by_role("button", name="New room").click()
    dialog = page.get_by_role("dialog", name="New room")
    dialog.get_by_label("Room").fill("Room 12")
    networks = dialog.get_by_label("Only from these networks")
    networks.fill("the school's")
    dialog.get_by_role("button", name="Save").click()
    expect(networks).to_have_attribute("aria-invalid", "true")
    require_accessible(page)
    networks.fill("192.0.2.17/24, 2001:db8::/48")
    dialog.get_by_role("button", name="Save").click()
    line = page.locator("#rooms li")
    expect(line).to_contain_text("Room 12 · 192.0.2.0/24, 2001:db8::/48")
    page.get_by_role("button", name="Change: Room 12").click()
    page.get_by_role("dialog").get_by_label("Room").fill("Room 13")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(line).to_contain_text("Room 13 · 192.0.2.0/24")
    page.get_by_role("button", name="Delete: Room 13").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)
