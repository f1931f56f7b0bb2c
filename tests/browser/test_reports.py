"""A course's report on the page: the same numbers as the API's, as tables, charts and files."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, Route, expect

from tests.attendance.school import put
from tests.browser.conftest import (
    LAPTOP,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)
from tests.conftest import Person

# status of each student in each of four sessions, a week apart; "-" is no mark: absent
CLASS = {"Anna Always": "PPPP", "Bert Between": "PLE-", "Cora Seldom": "P---"}
LETTERS = {"P": "present", "L": "late", "E": "excused"}


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    """A course with four sessions held."""
    api = site.api
    made: dict[str, Any] = api.post(
        "/course", teacher, json={"code": "MA-1", "name": "Mathematics"}
    ).json["course"]
    site.clock.shift = -timedelta(days=29)
    students = {name: api.student(name=name) for name in CLASS}
    for student in students.values():
        body = {"student_id": student.row["student_id"]}
        assert api.post(f"/course/{made['id']}/students", teacher, json=body).status_code == 201
    for number in range(4):
        site.clock.shift += timedelta(days=7)
        session = api.session(teacher, course_id=made["id"])
        for name, standing in CLASS.items():
            if standing[number] in LETTERS:
                path = f"/session/{session['id']}/attendance/{students[name].row['student_id']}"
                status = {"status": LETTERS[standing[number]]}
                assert api.call("PUT", path, teacher, json=status).status_code == 200
        api.post("/session/stop", teacher, json={"session_id": session["id"]})
    site.clock.shift = timedelta()
    return made


def numbers(page: Page, name: str) -> list[str]:
    return page.locator("#students tr", has_text=name).locator("td.number").all_inner_texts()


def drawn(page: Page, canvas: str) -> bool:
    """Whether anything but emptiness is on the canvas."""
    found: bool = page.locator(canvas).evaluate(
        """(canvas) => canvas.getContext("2d")
            .getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0)"""
    )
    return found


def test_the_report_tells_what_was_marked(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    expect(page.locator("#summary")).to_contain_text("4 sessions · 3 students")
    # present, late, absent, excused, percentage
    assert numbers(page, "Anna Always") == ["4", "0", "0", "0", "100%"]
    assert numbers(page, "Bert Between") == ["1", "1", "1", "1", "66.7%"]
    assert numbers(page, "Cora Seldom") == ["1", "0", "3", "0", "25%"]
    # the lowest first; a click on the head turns the order, and says so
    expect(page.locator("#students tr").first).to_contain_text("Cora Seldom")
    head = page.get_by_role("columnheader", name="Attendance").last
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#students tr").first).to_contain_text("Anna Always")
    page.get_by_label("Search by name or number").fill("anna")
    expect(page.locator("#students tr")).to_have_count(1)
    assert drawn(page, "#time-chart")
    assert drawn(page, "#spread-chart")
    expect(page.locator("#spread-text")).to_have_text("2 students are below 75%.")


def test_who_is_at_risk_is_listed_with_the_reason(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    first = page.locator("#risk tr").first
    expect(first).to_contain_text("Cora Seldom")
    expect(first).to_contain_text("below the limit, absent several times in a row")
    expect(page.locator("#risk tr", has_text="Anna Always")).to_have_count(0)
    first.get_by_role("button", name="Cora Seldom").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("tbody tr")).to_have_count(4)
    expect(dialog.get_by_text("Absent")).to_have_count(3)
    require_accessible(page)


def test_nobody_is_called_at_risk_after_the_first_session(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    body = {"code": "MA-2", "name": "New"}
    course = site.api.post("/course", teacher, json=body).json["course"]
    number = {"student_id": site.api.student(name="Cora Seldom").row["student_id"]}
    site.api.post(f"/course/{course['id']}/students", teacher, json=number)
    session = site.api.session(teacher, course_id=course["id"])
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    path = f"/course/{course['id']}/at-risk"
    assert len(site.api.get(path, teacher).json["students"]) == 1
    assert site.api.get(f"{path}?min_sessions=2", teacher).json["students"] == []
    page = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    expect(page.get_by_text("Who is at risk stands here after 3 sessions.")).to_be_visible()
    expect(page.locator("#risk tr")).to_have_count(0)


def test_a_session_that_runs_counts_when_it_is_over_and_as_the_course_counts(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    body = {"code": "MA-3", "name": "Late"}
    course = site.api.post("/course", teacher, json=body).json["course"]
    site.api.call("PATCH", f"/course/{course['id']}", teacher, json={"late_counts": False})
    ann, bob = (site.api.student(name=name) for name in ("Ann", "Bob"))
    for student in (ann, bob):
        number = {"student_id": student.row["student_id"]}
        site.api.post(f"/course/{course['id']}/students", teacher, json=number)
    first = site.api.session(teacher, course_id=course["id"])
    put(site.api, teacher, first, ann, "late")
    put(site.api, teacher, first, bob, "present")
    report, overview = f"/teach/courses/{course['id']}/report", f"/teach/courses/{course['id']}"
    page = visitors.open(report, by=teacher, phone=False)
    expect(page.locator("#summary")).to_have_text("0 sessions · 2 students · – attended on average")
    expect(page.locator("#time-text")).to_have_text("")
    site.api.post("/session/stop", teacher, json={"session_id": first["id"]})
    put(site.api, teacher, site.api.session(teacher, course_id=course["id"]), ann, "present")
    page.goto(report)
    expect(page.locator("#summary")).to_have_text(
        "1 session · 2 students · 50% attended on average"
    )
    expect(page.locator("#time-text")).to_have_text("In the last session: 2 of 2.")
    page.goto(overview)
    expect(page.locator("#share")).to_have_text("50%")


def test_the_matrix_shows_every_session_of_every_student(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    page.get_by_text("Every session of every student").first.click()
    for name, standing in CLASS.items():
        row = page.get_by_role("grid").get_by_role("row").filter(has_text=name)
        assert "".join(row.get_by_role("gridcell").all_inner_texts()) == standing.replace("-", "A")


def test_a_cell_of_the_matrix_is_changed_by_mouse_and_by_keyboard(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    page.get_by_text("Every session of every student").first.click()
    row = page.get_by_role("grid").get_by_role("row").filter(has_text="Cora Seldom")
    row.get_by_role("gridcell").nth(2).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Absent")).to_be_checked()
    dialog.get_by_label("Late").check()
    require_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(row.get_by_role("gridcell").nth(2)).to_have_text("L")
    row.get_by_role("gridcell").nth(2).focus()
    page.keyboard.press("ArrowRight")
    expect(row.get_by_role("gridcell").nth(3)).to_be_focused()
    page.keyboard.press("e")
    expect(row.get_by_role("gridcell").nth(3)).to_have_text("E")
    expect(row.get_by_role("gridcell").nth(3)).to_be_focused()
    report = site.api.get(f"/course/{course['id']}/report", teacher).json
    [cora] = [line for line in report["students"] if line["name"] == "Cora Seldom"]
    ids = [session["id"] for session in report["sessions"]]
    assert [cora["marks"][str(one)] for one in ids] == ["present", "absent", "late", "excused"]


def test_a_matrix_of_400_students_and_60_sessions_draws_what_is_in_view(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(None, by=teacher, phone=False)

    def large(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        first, anna = body["sessions"][0], body["students"][0]
        body["sessions"] = [{**first, "id": number} for number in range(1, 61)]
        marks = dict.fromkeys(range(1, 61), "present")
        body["students"] = [
            {**anna, "name": f"Student {n}", "student_id": f"S-{n}", "marks": marks}
            for n in range(1, 401)
        ]
        route.fulfill(response=answer, json=body)

    page.route("**/report", lambda route: large(route) if is_call(route) else route.continue_())
    page.goto(f"/teach/courses/{course['id']}/report")
    expect(page.locator("#summary")).to_contain_text("400 students")
    page.get_by_text("Every session of every student").first.click()
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "401")
    expect(grid).to_have_attribute("aria-colcount", "61")
    assert page.evaluate("document.querySelectorAll('*').length") <= 6000
    grid.scroll_into_view_if_needed()
    grid.evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
    last = grid.get_by_role("row").filter(has_text="Student 400")
    expect(last).to_be_in_viewport()
    # the days stay above, the names beside
    expect(grid.get_by_role("columnheader", name="Name")).to_be_in_viewport()
    expect(last.get_by_role("rowheader")).to_be_in_viewport()
    last.get_by_role("gridcell").last.focus()
    page.keyboard.press("Home")
    expect(last.locator("[aria-colindex='2']")).to_be_focused()
    assert page.evaluate("document.querySelectorAll('*').length") <= 6000


def is_call(route: Route) -> bool:
    """The API's report, not the page of the same name."""
    return "/teach/" not in route.request.url


def test_a_range_of_days_narrows_the_page_and_the_files(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/report", by=teacher, phone=False)
    expect(page.locator("#summary")).to_contain_text("4 sessions")
    day = (site.clock.now() - timedelta(days=10)).date().isoformat()
    page.get_by_label("From").fill(day)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#summary")).to_contain_text("2 sessions")
    with page.expect_response("**/at-risk?from=*") as narrowed:
        page.get_by_role("button", name="Show", exact=True).click()
    for one in narrowed.value.json()["students"]:
        assert one["total"] <= 2
    with page.expect_download() as download:
        page.get_by_role("button", name="XLSX").click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    rows = [[cell for cell in row if cell is not None] for row in book.worksheets[0].values]
    [anna] = [row for row in rows if "Anna Always" in row]
    assert anna.count("present") + anna.count("P") == 2
    page.get_by_label("From").fill("2030-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#none")).to_be_visible()


@pytest.mark.parametrize("screen", [{"width": 320, "height": 640}, LAPTOP])
def test_the_report_is_accessible(
    visitors: Visitors,
    site: Site,
    teacher: Person,
    course: dict[str, Any],
    screen: dict[str, int],
) -> None:
    page = visitors.open(
        f"/teach/courses/{course['id']}/report",
        by=teacher,
        viewport=screen,
        locale="de",
    )
    expect(page.locator("#students tr")).to_have_count(3)
    page.locator("#matrix-part summary").click()
    expect(page.get_by_role("grid").get_by_role("row")).to_have_count(4)
    require_accessible(page)
    require_no_sideways_scrolling(page)
