"""Pages keep room for what is on its way: nothing jumps under the reader's eyes or fingers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitors
from tests.conftest import Person

# Cumulative layout shift; the web calls up to 0.1 good.
LIMIT = 0.05


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    """A course with students, an ended session and an open one."""
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    made: dict[str, Any] = answer.json["course"]
    for name in ("Grace Hopper", "Alan Turing", "Ada Lovelace", "Emmy Noether", "Max Born"):
        student = site.api.student(name=name)
        body = {"student_id": student.row["student_id"]}
        site.api.post(f"/course/{made['id']}/students", teacher, json=body)
        made["student"] = student.row["id"]
    made["ended"] = site.api.session(teacher, course_id=made["id"])
    site.api.post("/session/stop", teacher, json={"session_id": made["ended"]["id"]})
    made["open"] = site.api.session(teacher, course_id=made["id"])
    return made


def shift(page: Page) -> float:
    """How much the page has moved by itself: its worst five seconds, as the web counts."""
    page.wait_for_load_state("networkidle")
    found: float = page.evaluate(
        """() => new Promise((done) => {
            let [worst, sum, begun, last] = [0, 0, 0, -10000];
            const look = (list) => {
                for (const { value, hadRecentInput, startTime } of list) {
                    if (hadRecentInput) continue;
                    if (startTime - last > 1000 || startTime - begun > 5000) {
                        [sum, begun] = [0, startTime];
                    }
                    last = startTime;
                    sum += value;
                    worst = Math.max(worst, sum);
                }
            };
            const observer = new PerformanceObserver((list) => look(list.getEntries()));
            observer.observe({ type: "layout-shift", buffered: true });
            setTimeout(() => { look(observer.takeRecords()); done(worst); }, 200);
        })"""
    )
    return found


@pytest.mark.parametrize("phone", [True, False])
def test_no_page_of_a_teacher_jumps(
    visitors: Visitors, teacher: Person, course: dict[str, Any], phone: bool
) -> None:
    page = visitors.open(None, by=teacher, phone=phone)
    of_course = f"/teach/courses/{course['id']}"
    tabs = ("", "/students", "/sessions", "/plan", "/report", "/settings", "/sheet")
    manage = ["", "/students", "/courses", "/settings", "/audit", "/keys", "/webhooks", "/accuracy"]
    manage += ["/system", "/notices", "/rooms", "/school-days"]
    paths = [
        "/teach",
        "/teach/week",
        "/teach/sessions",
        "/teach/courses",
        "/teach/appeals",
        "/account",
        f"/teach/sessions/{course['ended']['id']}",
        f"/teach/sessions/{course['open']['id']}",
        *(of_course + tab for tab in tabs),
        f"{of_course}/invitations",
        "/teach/absences",
        "/teach/timetables",
        "/teach/tutor",
        *(f"/manage{tab}" for tab in manage),
        f"/manage/students/{course['student']}",
    ]
    jumps = {}
    for path in paths:
        page.goto(path)
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        if (moved := shift(page)) > LIMIT:
            jumps[path] = round(moved, 3)
    assert jumps == {}


def test_no_page_of_a_student_jumps(visitors: Visitors, site: Site, course: dict[str, Any]) -> None:
    student = site.api.student("obama")
    site.api.post("/course/join", student, json={"join_code": course["join_code"]})
    page = visitors.open(None, by=student)
    jumps = {}
    for path in ("/my", "/my/attendance", "/join", "/my/face", "/account"):
        page.goto(path)
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        if (moved := shift(page)) > LIMIT:
            jumps[path] = round(moved, 3)
    assert jumps == {}
