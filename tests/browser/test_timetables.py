"""A timetable of another program, from its file to the plan of a course, in the browser."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from tests.attendance.timetables.calendars import berlin, calendar
from tests.browser.conftest import Site, Visitors, require_accessible


def test_a_timetable_is_looked_at_assigned_taken_over_and_deleted(
    visitors: Visitors, site: Site
) -> None:
    site.api.teacher()
    teacher = site.api.teacher()
    course = {"code": "MA-1", "name": "Mathematics", "timezone": "Europe/Berlin"}
    number = site.api.post("/course", teacher, json=course).json["course"]["id"]
    days = [f"{site.clock.now() + timedelta(days=ahead):%Y%m%d}" for ahead in (7, 8)]
    data = calendar(
        berlin("a", days[0], 9, "RRULE:FREQ=WEEKLY;COUNT=3", "LOCATION:B 12", summary="MA-1"),
        berlin("b", days[1], 9, summary="Numbers"),
    )
    file = {"name": "school.ics", "mimeType": "text/calendar", "buffer": data}

    page = visitors.open("/teach/courses", by=teacher, phone=False)
    page.get_by_role("button", name="Timetables").click()
    expect(page.get_by_text("No timetable yet.")).to_be_visible()
    page.get_by_label("Name").fill("School")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("An address or a file is needed, one of the two.")).to_be_visible()
    page.get_by_label("Or a file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#counts")).to_contain_text("3 new")
    expect(page.locator("#changes tr")).to_have_count(3)
    require_accessible(page)
    page.get_by_label("Numbers (1 lesson)").select_option("MA-1 · Mathematics")
    expect(page.locator("#counts")).to_contain_text("4 new")
    page.get_by_role("button", name="Take these over").click()
    expect(page.locator("#timetables li")).to_contain_text("4 lessons")

    page.goto(page.url.replace("/teach/timetables", f"/teach/courses/{number}/plan"))
    plans = page.locator("#plans > li")
    plans.locator("summary").first.click()
    expect(plans).to_contain_text("room B 12")
    expect(plans).to_contain_text("4 lessons of a timetable")

    page.go_back()
    page.get_by_role("button", name="Newer file: School").click()
    page.get_by_role("dialog").get_by_label("File").set_input_files(
        {**file, "buffer": calendar(berlin("b", days[1], 11, summary="Numbers"))}  # type: ignore[arg-type]
    )
    page.get_by_role("dialog").get_by_role("button", name="Look at it").click()
    expect(page.locator("#counts")).to_contain_text("1 moved, 3 cancelled")
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Delete: School").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No timetable yet.")).to_be_visible()
