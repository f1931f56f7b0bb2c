"""A roll call by hand, and what can be put right of a session, in its teacher's browser."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.attendance.school import course_of, enrol, excuse, listed
from tests.browser.conftest import (
    PHONE,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until_connected,
)
from tests.conftest import Person

NAMES = ["Ann 2", "Ann 10", "Änne", "Zoe"]


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher(name="Ada Lovelace")


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    course = course_of(site.api, teacher)
    enrol(site.api, teacher, course, *(site.api.student(name=name) for name in reversed(NAMES)))
    return course


@pytest.fixture
def session(site: Site, teacher: Person, course: dict[str, Any]) -> dict[str, Any]:
    return site.api.session(teacher, course_id=course["id"])


def opened(visitors: Visitors, teacher: Person, session: dict[str, Any], **options: Any) -> Page:
    page = visitors.open(
        f"/teach/sessions/{session['id']}", by=teacher, **{"phone": False, **options}
    )
    until_connected(page)
    expect(page.locator("#roll tr")).to_have_count(len(NAMES))
    return page


def names(page: Page) -> list[str]:
    return page.locator("#roll [data-slot=name]").all_text_contents()


def heights(page: Page) -> list[float]:
    found: list[float] = page.locator("#roll tr").evaluate_all(
        "(rows) => rows.map((row) => row.getBoundingClientRect().height)"
    )
    return found


def button(page: Page, status: str, name: str) -> Locator:
    return page.get_by_role("button", name=f"{status}: {name}", exact=True)


def undo(page: Page) -> Locator:
    return page.locator("#undo").get_by_role("button", name="Undo")


def test_one_tap_a_status_and_the_rows_stay_where_they_are(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = opened(visitors, teacher, session)
    assert names(page) == NAMES, "numbers by value, accents beside their letters"
    expect(page.locator("#roll th").last).to_have_attribute("data-initials", "Z")
    before = heights(page)
    for name, status in zip(NAMES, ("Present", "Late", "Absent", "Excused"), strict=True):
        button(page, status, name).click()
        expect(button(page, status, name)).to_have_attribute("aria-pressed", "true")
        expect(button(page, status, name)).to_be_focused()
    assert names(page) == NAMES
    assert heights(page) == before
    expect(page.locator("#undo")).to_contain_text("Zoe: Excused")
    undo(page).click()
    expect(page.locator("#undo")).to_contain_text("Undone")
    expect(button(page, "Excused", "Zoe")).to_have_attribute("aria-pressed", "false")
    assert listed(site.api, teacher, session) == {
        "Ann 2": "present",
        "Ann 10": "late",
        "Änne": "absent",
    }
    page.get_by_label("Order").select_option("arrival")
    expect(page.locator("#roll tr").first).not_to_contain_text("Zoe")
    require_accessible(page)


def test_a_mark_leaves_who_is_listed_by_the_family_name_where_he_or_she_was(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    course = course_of(site.api, teacher)
    lines = "student_id,given name,family name\nS-1,Zoe,Abel\nS-2,Ben,Moor\nS-3,Ann,Zander\n"
    data = {"file": (io.BytesIO(lines.encode()), "class.csv")}
    path, form = f"/course/{course['id']}/roster", "multipart/form-data"
    assert site.api.call("POST", path, teacher, data=data, content_type=form).status_code == 200
    session = site.api.session(teacher, course_id=course["id"])
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, phone=False)
    expect(page.locator("#roll tr")).to_have_count(3)
    order = ["Zoe Abel", "Ben Moor", "Ann Zander"]
    assert names(page) == order
    for name in ("Ann Zander", "Zoe Abel"):
        button(page, "Present", name).click()
        expect(button(page, "Present", name)).to_have_attribute("aria-pressed", "true")
        assert names(page) == order


def test_the_roll_is_called_from_the_keyboard_alone(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = opened(visitors, teacher, session)
    button(page, "Present", "Ann 2").focus()
    for key in "plae":
        page.keyboard.press(key)
    expect(button(page, "Excused", "Zoe")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowUp")
    expect(button(page, "Excused", "Änne")).to_be_focused()
    page.keyboard.press("p")
    expect(button(page, "Present", "Änne")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Present", "Zoe")).to_be_focused()
    page.reload()
    expect(button(page, "Present", "Änne")).to_have_attribute("aria-pressed", "true")
    assert listed(site.api, teacher, session) == {
        "Ann 2": "present",
        "Ann 10": "late",
        "Änne": "present",
        "Zoe": "excused",
    }


def test_the_rest_is_marked_at_once_and_taken_back(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = opened(visitors, teacher, session)
    page.get_by_role("button", name="All present").click()  # one tap for a class that is whole
    expect(undo(page)).to_be_focused()
    assert set(listed(site.api, teacher, session).values()) == {"present"}
    assert len(listed(site.api, teacher, session)) == len(NAMES)
    undo(page).click()
    expect(page.locator("#undo")).to_contain_text("Undone")
    button(page, "Late", "Zoe").click()
    expect(page.get_by_role("button", name="The rest: present")).to_be_visible()
    page.get_by_role("button", name="The rest …").click()
    dialog = page.get_by_role("dialog", name="Mark the rest")
    expect(dialog).to_contain_text("3 students have no mark yet.")
    require_accessible(page)
    dialog.get_by_role("button", name="Mark them").click()
    expect(page.locator("#undo")).to_contain_text("3 students: Present")
    expect(page.locator("#rest")).to_be_hidden()
    undo(page).click()
    expect(page.locator("#undo")).to_contain_text("Undone")
    assert listed(site.api, teacher, session) == {"Zoe": "late"}


def test_whom_an_apology_excuses_is_said_and_the_rest_leaves_so(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    api = site.api
    [zoe] = [
        row
        for row in api.get(f"/course/{course['id']}/students", teacher).json["students"]
        if row["name"] == "Zoe"
    ]
    days = {"from": "2020-01-01", "to": "2020-01-01"}
    excuse(api, teacher, course, Person(zoe, "", ""), **days)  # over long ago
    session = api.session(teacher, course_id=course["id"])
    day = session["started_at"][:10]
    excuse(api, teacher, course, Person(zoe, "", ""), **{"from": day})
    page = opened(visitors, teacher, session)
    expect(page.locator("#roll tr", has_text="Zoe")).to_contain_text("Excused in advance")
    expect(page.get_by_text("Excused in advance")).to_have_count(1)
    page.get_by_role("button", name="The rest …").click()
    dialog = page.get_by_role("dialog", name="Mark the rest")
    expect(dialog).to_contain_text("3 students have no mark yet.")
    expect(dialog).to_contain_text("1 student is excused and stays so: Zoe.")
    require_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop", exact=True).click()
    stop = page.get_by_role("dialog", name="Stop the session?")
    expect(stop).to_contain_text("no mark yet: Ann 2, Ann 10, Änne")
    expect(stop).to_contain_text("1 student is excused and stays so: Zoe.")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="The rest: present").click()
    expect(page.locator("#undo")).to_contain_text("3 students: Present")
    expect(page.locator("#undo")).to_contain_text("1 student is excused and stays so")
    expect(page.locator("#rest")).to_be_hidden()
    assert "Zoe" not in listed(api, teacher, session)
    button(page, "Late", "Zoe").click()  # came all the same
    expect(button(page, "Late", "Zoe")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Excused in advance")).to_have_count(0)


def test_stopping_says_who_becomes_absent_and_can_be_taken_back(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = opened(visitors, teacher, session)
    button(page, "Present", "Zoe").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog = page.get_by_role("dialog", name="Stop the session?")
    expect(dialog).to_contain_text("3 students have no mark yet: Ann 2, Ann 10, Änne")
    require_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    path = f"/session/{session['id']}"
    assert site.api.get(path, teacher).json["session"]["state"] == "open"
    page.get_by_role("button", name="Stop", exact=True).click()
    dialog.get_by_label("Excused").check()
    dialog.get_by_role("button", name="Stop the session").click()
    expect(page.locator("#state")).to_have_text("Ended")
    assert site.api.get(path, teacher).json["session"]["state"] == "ended"
    expect(page.locator("#qr")).to_be_hidden()
    expect(page.get_by_role("button", name="Lock", exact=True)).to_be_hidden()
    expect(button(page, "Excused", "Ann 2")).to_have_attribute("aria-pressed", "true")
    day = f"{site.clock.now().year}"  # a year: the day is said in full
    expect(page.locator("#when")).to_contain_text(day)
    expect(page).to_have_title(re.compile(rf"Algebra · .*{day}"))
    page.get_by_role("button", name="Open again").click()
    expect(page.locator("#state")).to_have_text("Open")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_focused()


def test_words_are_edited_and_a_session_is_discarded_and_brought_back(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = opened(visitors, teacher, session)
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit the session")
    dialog.get_by_label("Subject").fill("Geometry")
    dialog.get_by_label("Note").fill("Moved to room 14")
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Geometry")
    expect(page.locator("#note")).to_have_text("Moved to room 14")
    page.locator("#more summary").click()
    page.get_by_role("button", name="Discard the session").click()
    sure = page.get_by_role("dialog", name="Discard the session?")
    sure.get_by_role("button", name="Discard the session").click()
    expect(page.get_by_text("The session is discarded.")).to_be_visible()
    assert site.api.get("/session/mine", teacher).json["sessions"] == []
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator("#state")).to_have_text("Ended")
    expect(page.get_by_role("heading", level=1)).to_have_text("Geometry")


def test_the_end_is_edited_by_the_clocks_of_the_course(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    course = course_of(site.api, teacher, timezone="Asia/Tokyo")
    session = site.api.session(teacher, course_id=course["id"])
    url = f"/teach/sessions/{session['id']}"
    page = visitors.open(url, by=teacher, phone=False, timezone_id="Europe/Berlin")
    expect(page.locator("#when")).to_contain_text("GMT+9")
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit the session")
    end = dialog.get_by_label("Ends by itself at")
    closes = datetime.fromisoformat(session["closes_at"].replace("Z", "+00:00"))
    tokyo = closes + timedelta(hours=9)
    expect(end).to_have_value(f"{tokyo:%Y-%m-%dT%H:%M}")
    expect(dialog.locator("#edit-zone")).to_have_text("GMT+9")
    later = tokyo + timedelta(minutes=20)
    end.fill(f"{later:%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    kept = site.api.get(f"/session/{session['id']}", teacher).json["session"]
    closes += timedelta(minutes=20)
    assert kept["closes_at"] == f"{closes:%Y-%m-%dT%H:%M}:00.000000Z"


def test_a_second_start_leads_to_the_open_session_or_beside_it(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = visitors.open("/teach", by=teacher, phone=False)
    again = page.get_by_role("button", name="Start: Algebra")
    again.click()
    dialog = page.get_by_role("dialog", name="This course has an open session")
    require_accessible(page)
    dialog.get_by_role("button", name="Continue that one").click()
    page.wait_for_url(f"**/teach/sessions/{session['id']}")
    page.go_back()
    again.click()
    dialog.get_by_role("button", name="Start another").click()
    page.wait_for_url(f"**/teach/sessions/{session['id'] + 1}")
    assert len(site.api.get("/session/mine", teacher).json["sessions"]) == 2


def test_on_a_phone_the_list_comes_first_and_nothing_is_cut(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = opened(visitors, teacher, session, phone=True)
    assert page.viewport_size == PHONE
    require_no_sideways_scrolling(page)
    require_accessible(page)
    # the red button is no larger than its neighbours, and all are as wide as the list
    sizes = page.locator(".session-head .actions > :visible").evaluate_all(
        """(buttons) => buttons.map((button) => {
            const { left, right, width, height } = button.getBoundingClientRect();
            return [Math.round(width), Math.round(height), left, right];
        })"""
    )
    assert len({(width, height) for width, height, *_ in sizes}) == 1
    table = page.locator("table.roll").bounding_box()
    assert table is not None
    assert min(left for *_, left, _ in sizes) == pytest.approx(table["x"], abs=1)
    assert max(right for *_, right in sizes) == pytest.approx(table["x"] + table["width"], abs=1)
    list_top = page.locator("#list-title").bounding_box()
    code_top = page.locator("#qr").bounding_box()
    assert list_top is not None
    assert code_top is not None
    assert list_top["y"] < code_top["y"]
    first = page.locator("#roll tr").first.bounding_box()
    assert first is not None
    assert first["y"] + first["height"] < PHONE["height"], "on the first screen"
    button(page, "Present", "Zoe").tap()
    expect(button(page, "Present", "Zoe")).to_have_attribute("aria-pressed", "true")
    box = button(page, "Late", "Zoe").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
