"""Who helps in a course, and who may do what in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.courses.access import RIGHTS, Right
from attendance.live import ticker
from tests.attendance.school import course_of, enrol
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
FORBIDDEN = (403, "forbidden")


@pytest.fixture
def owner(api: Api) -> Person:
    api.teacher()  # the administrator
    return api.teacher()


@pytest.fixture
def helper(api: Api, owner: Person) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, owner: Person) -> dict[str, Any]:
    return course_of(api, owner)


def let_help(
    api: Api, owner: Person, course: dict[str, Any], helper: Person, role: str, **more: Any
) -> None:
    body = {"email": helper.row["email"], "role": role, **more}
    answer = api.post(f"/course/{course['id']}/staff", owner, json=body)
    assert answer.status_code in (200, 201), answer.text


def tries(api: Api, owner: Person, course: dict[str, Any]) -> dict[Right, tuple[str, str, Any]]:
    """For each right a call that needs it, on an ended session of the course."""
    session = api.session(owner, course_id=course["id"])["id"]
    api.post("/session/stop", owner, json={"session_id": session})
    return {
        Right.SEE: ("GET", f"/session/attendance?session_id={session}", None),
        Right.RUN: ("PUT", f"/session/{session}/attendance", {"rest": "present"}),
        Right.CORRECT: ("DELETE", f"/session/{session}", None),
        Right.ORGANISE: ("PATCH", f"/course/{course['id']}", {"name": "Geometry"}),
        Right.OWN: ("PATCH", f"/course/{course['id']}", {"archived": False}),
    }


@pytest.mark.parametrize("role", ["co_teacher", "substitute", "assistant"])
def test_each_part_may_what_the_one_table_says(
    api: Api, owner: Person, helper: Person, course: dict[str, Any], role: str
) -> None:
    calls = tries(api, owner, course)
    for method, path, body in calls.values():
        assert code_of(api.call(method, path, helper, json=body)) == FORBIDDEN
    let_help(api, owner, course, helper, role)
    allowed = {
        right
        for right, (method, path, body) in calls.items()
        if api.call(method, path, helper, json=body).status_code < 300
    }
    assert allowed == RIGHTS[role]


def test_the_docs_and_the_code_have_the_same_table() -> None:
    text = Path("docs/administration.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (\w+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$", text, re.M
    )
    told = {
        row[0]: {right for right, said in zip(Right, row[1:], strict=True) if said == "yes"}
        for row in rows
        if row[0] in RIGHTS
    }
    assert told == RIGHTS


def test_who_helps_finds_course_session_plan_appeals_and_reports(
    api: Api, owner: Person, helper: Person, course: dict[str, Any]
) -> None:
    student = api.student()
    enrol(api, owner, course, student)
    session = api.session(owner, course_id=course["id"])
    api.post(f"/session/{session['id']}/appeal", student, json={"reason": "I was there"})
    assert api.get("/course/mine", helper).json["courses"] == []
    let_help(api, owner, course, helper, "assistant")
    assert [one["role"] for one in api.get("/course/mine", helper).json["courses"]] == ["assistant"]
    assert [one["role"] for one in api.get("/course/mine", owner).json["courses"]] == ["owner"]
    mine = api.get("/session/mine", helper).json
    assert ([one["id"] for one in mine["sessions"]], mine["total"]) == ([session["id"]], 1)
    assert len(api.get("/appeal/mine", helper).json["appeals"]) == 1
    students = api.get("/api/students/", helper).json["students"]
    assert [one["student_id"] for one in students] == [student.row["student_id"]]
    number = student.row["student_id"]
    report = api.get(f"/api/students/{number}/report", helper).json
    assert [one["course"]["id"] for one in report["courses"]] == [course["id"]]


def test_a_session_of_a_substitute_belongs_to_the_course(
    api: Api, owner: Person, helper: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    let_help(api, owner, course, helper, "substitute", until="2026-03-02T08:30:00Z")
    session = api.session(helper, course_id=course["id"])
    assert [one["id"] for one in api.get("/session/mine", owner).json["sessions"]] == [
        session["id"]
    ]
    clock.advance(minutes=31)
    for method, path, body in (
        ("GET", f"/session/{session['id']}", None),
        ("POST", "/session/stop", {"session_id": session["id"]}),
        ("PUT", f"/session/{session['id']}/attendance", {"rest": "present"}),
        ("GET", f"/course/{course['id']}", None),
    ):
        assert code_of(api.call(method, path, helper, json=body)) == FORBIDDEN
    assert api.get("/session/mine", helper).json["sessions"] == []
    assert api.get("/course/mine", helper).json["courses"] == []
    stopped = api.post("/session/stop", owner, json={"session_id": session["id"]})
    assert stopped.json["session"]["state"] == "ended"
    lines = api.get(f"/course/{course['id']}/staff", owner).json["staff"]
    assert [(line["role"], line["ended"]) for line in lines] == [("substitute", True)]


def test_a_substitute_hears_the_session_until_the_time_is_over(
    app: OpenAPI,
    api: Api,
    owner: Person,
    helper: Person,
    course: dict[str, Any],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ticker, "start", lambda _app: None)
    student, other = api.student(), api.student()
    enrol(api, owner, course, student)
    enrol(api, owner, course, other)
    with serving(app) as url, Listener(url, helper.token) as listener:
        let_help(api, owner, course, helper, "substitute", until="2026-03-02T08:30:00Z")
        assert listener.next("staff_changed") == {"course_id": course["id"]}
        session = api.session(owner, course_id=course["id"])
        assert listener.next("session_started")["session_id"] == session["id"]
        assert listener.follow(session["id"]) == {"ok": True}
        path = f"/session/{session['id']}/attendance"
        api.call("PUT", f"{path}/{student.row['student_id']}", owner, json={"status": "present"})
        marked = listener.next("attendance_marked")
        assert marked["student_id"] == student.row["student_id"]
        clock.advance(minutes=31)
        ticker.tick(app, 0)
        api.call("PUT", f"{path}/{other.row['student_id']}", owner, json={"status": "late"})
        refused = listener.follow(session["id"])
        assert (refused["ok"], refused["code"]) == (False, "forbidden")
        listener.settle()
        assert "attendance_marked" not in listener.names()


def test_a_change_of_a_part_is_audited_and_told(
    api: Api, owner: Person, helper: Person, course: dict[str, Any]
) -> None:
    path = f"/course/{course['id']}/staff"
    body = {"email": helper.row["email"].upper(), "role": "assistant"}
    assert api.post(path, owner, json=body).status_code == 201
    again = api.post(path, owner, json={**body, "role": "substitute", "until": "2026-03-05"})
    assert again.status_code == 200
    (line,) = again.json["staff"]
    assert (line["name"], line["role"]) == (helper.row["name"], "substitute")
    assert line["until"].startswith("2026-03-06T00:00:00")
    assert api.call("DELETE", path, owner, json={"email": helper.row["email"]}).status_code == 204
    gone = api.call("DELETE", f"{path}?email={helper.row['email']}", owner)
    assert code_of(gone) == (404, "teacher_not_found")


def test_whoever_helps_may_leave_and_lets_nobody_else_in_or_out(
    api: Api, owner: Person, helper: Person, course: dict[str, Any]
) -> None:
    path, other = f"/course/{course['id']}/staff", api.teacher()
    let_help(api, owner, course, helper, "co_teacher")
    let_help(api, owner, course, other, "assistant")
    body = {"email": other.row["email"], "role": "co_teacher"}
    assert code_of(api.post(path, helper, json=body)) == FORBIDDEN
    assert code_of(api.call("DELETE", path, helper, json={"email": body["email"]})) == FORBIDDEN
    own = {"email": helper.row["email"]}
    assert api.call("DELETE", path, helper, json=own).status_code == 204
    assert code_of(api.get(path, helper)) == FORBIDDEN


def test_who_cannot_help_is_said(api: Api, owner: Person, course: dict[str, Any]) -> None:
    path = f"/course/{course['id']}/staff"

    def answer(**body: Any) -> Any:
        return api.post(path, owner, json={"role": "assistant", **body})

    assert code_of(answer(email="nobody@school.example")) == (404, "teacher_not_found")
    assert code_of(answer(email=api.student().row["email"])) == (404, "teacher_not_found")
    own = answer(email=owner.row["email"])
    assert (code_of(own), own.json["errors"][0]["type"]) == ((400, "invalid_request"), "own_course")
    other = api.teacher().row["email"]
    past = answer(email=other, until="2026-03-01")
    assert (past.status_code, past.json["errors"][0]["type"]) == (400, "past")
    assert answer(email=other, role="owner").status_code == 400
    assert answer(email=other, until="soon").status_code == 400
    assert api.call("DELETE", path, owner).status_code == 400
