"""Students who check out, where their course wants that."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from attendance.core.clock import iso
from attendance.core.services import Services
from tests.attendance.school import course_of, enrol, put
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def teacher(api: Api) -> Person:
    api.teacher()
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher, check_in={"check_out": "required"})


@pytest.fixture
def student(api: Api, teacher: Person, course: dict[str, Any]) -> Person:
    made = api.student("obama", student_id="S1")
    enrol(api, teacher, course, made)
    return made


def leave(api: Api, by: Person, **body: Any) -> Any:
    return api.post("/session/leave", by, json=body)


def code_now(api: Api, teacher: Person, session: dict[str, Any]) -> str:
    """The session's code as it is shown now: it turns."""
    code: str = api.get(f"/session/{session['id']}", teacher).json["session"]["code"]
    return code


def stay(api: Api, teacher: Person, session: dict[str, Any]) -> dict[str, Any] | None:
    """What the teacher's list says of the first student's stay."""
    path = f"/session/attendance?session_id={session['id']}"
    shown: dict[str, Any] | None = api.get(path, teacher).json["attendance"][0]["stay"]
    return shown


def test_who_leaves_is_told_how_long_and_whether_early(
    api: Api, teacher: Person, course: dict[str, Any], student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, course_id=course["id"], duration_minutes=90)
    clock.advance(minutes=10)
    assert api.mark(student, "obama2", code=code_now(api, teacher, session)).status_code == 200
    assert stay(api, teacher, session) == {
        "left_at": None,
        "left_by": None,
        "minutes": None,
        "left_early": False,
        "not_checked_out": False,
    }
    clock.advance(minutes=40, seconds=59)
    token = api.post("/session/join", student, json={"code": code_now(api, teacher, session)}).json[
        "join_token"
    ]
    left = leave(api, student, join_token=token)
    assert left.status_code == 200, left.text
    shown = {
        "left_at": iso(clock.now()),
        "left_by": "code",
        "minutes": 40,
        "left_early": True,
        "not_checked_out": False,
    }
    assert (left.json["already"], left.json["stay"]) == (False, shown)
    clock.advance(minutes=5)
    again = leave(api, student, code=code_now(api, teacher, session))
    assert (again.json["already"], again.json["stay"]) == (True, shown)
    assert stay(api, teacher, session) == shown
    # the first mark is as it was
    row = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"][0]
    assert row["marked_at"] == "2026-03-02T08:10:00.000000Z"
    assert api.get("/student/attendance", student).json["attendance"][0]["stay"] == shown
    (record,) = api.get("/api/attendance/records", teacher).json["records"]
    assert record["stay"] == shown

    csv = api.get(f"/session/{session['id']}/export.csv", teacher).text.splitlines()
    assert csv[0].endswith(",left_at,left_by,minutes,left_early,not_checked_out")
    assert csv[1].endswith(f",{shown['left_at']},code,40,True,False")
    file = io.BytesIO(api.get(f"/session/{session['id']}/export.xlsx", teacher).data)
    sheet = openpyxl.load_workbook(file)["Attendance"]
    assert [cell.value for cell in sheet[1]][-5:] == [
        "left_at (UTC)",
        "left_by",
        "minutes",
        "left_early",
        "not_checked_out",
    ]
    assert [cell.value for cell in sheet[2]][-4:] == ["code", 40, True, False]


def test_who_comes_back_marks_again_and_stays_to_the_end(
    api: Api, teacher: Person, course: dict[str, Any], student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, course_id=course["id"], duration_minutes=90)
    api.mark(student, "obama2", code=code_now(api, teacher, session))
    clock.advance(minutes=20)
    leave(api, student, code=code_now(api, teacher, session))
    clock.advance(minutes=10)
    back = api.mark(student, "obama3", code=code_now(api, teacher, session))
    assert (back.json["already"], back.json["marked_at"]) == (True, "2026-03-02T08:00:00.000000Z")
    seen = stay(api, teacher, session)
    assert seen is not None
    assert seen["left_at"] is None
    clock.advance(minutes=57)
    last = leave(api, student, code=code_now(api, teacher, session))
    assert (last.json["stay"]["minutes"], last.json["stay"]["left_early"]) == (87, False)


def test_the_end_closes_what_is_open_and_says_who_did_not_check_out(
    api: Api, teacher: Person, course: dict[str, Any], student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, course_id=course["id"], duration_minutes=90)
    put(api, teacher, session, student, "late")
    clock.advance(minutes=100)
    seen = stay(api, teacher, session)
    assert seen is not None
    assert (seen["minutes"], seen["not_checked_out"], seen["left_early"]) == (90, True, False)
    assert code_of(leave(api, student, code=session["code"])) == (410, "session_ended")
    change = {"check_in": {"check_out": "optional"}}
    api.call("PATCH", f"/course/{course['id']}", teacher, json=change)
    seen = stay(api, teacher, session)
    assert seen is not None
    assert not seen["not_checked_out"]


def test_nobody_leaves_who_may_not_or_is_not_there(
    api: Api, teacher: Person, course: dict[str, Any], student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, course_id=course["id"])
    code = session["code"]
    assert code_of(leave(api, student, code=code)) == (409, "not_marked")
    put(api, teacher, session, student, "absent")
    assert code_of(leave(api, student, code=code)) == (409, "not_marked")
    put(api, teacher, session, student, "present")
    assert code_of(leave(api, student)) == (403, "join_required")
    assert code_of(leave(api, student, code="ZZZZZZ")) == (404, "session_not_found")
    assert code_of(leave(api, api.student(), code=code)) == (403, "not_enrolled")
    assert code_of(leave(api, teacher, code=code)) == (403, "forbidden")
    other = api.student()
    enrol(api, teacher, course, other)
    token = api.post("/session/join", other, json={"code": code}).json["join_token"]
    assert code_of(leave(api, student, join_token=token)) == (403, "join_required")
    own = api.post("/session/join", student, json={"code": code}).json["join_token"]
    clock.advance(minutes=6)
    assert code_of(leave(api, student, join_token=own)) == (403, "join_expired")
    code = code_now(api, teacher, session)
    api.post("/session/lock", teacher, json={"session_id": session["id"]})
    assert code_of(leave(api, student, code=code)) == (423, "session_locked")
    api.post("/session/unlock", teacher, json={"session_id": session["id"]})
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"check_in": {"scan": "qr"}})
    assert code_of(leave(api, student, code=code)) == (403, "scan_required")
    change = {"check_in": {"scan": "qr_or_code", "check_out": "off"}}
    api.call("PATCH", f"/course/{course['id']}", teacher, json=change)
    assert code_of(leave(api, student, code=code)) == (409, "check_out_off")
    assert stay(api, teacher, session) is None
    csv = api.get(f"/session/{session['id']}/export.csv", teacher).text
    assert "left_at" not in csv


def test_a_teacher_corrects_when_somebody_left(
    api: Api,
    parts: Services,
    teacher: Person,
    course: dict[str, Any],
    student: Person,
    clock: FakeClock,
) -> None:
    session = api.session(teacher, course_id=course["id"], duration_minutes=90)
    url = f"/session/{session['id']}/attendance/S1/left"

    def left(by: Person, at: str | None) -> Any:
        return api.call("PUT", url, by, json={"left_at": at})

    assert code_of(left(teacher, None)) == (409, "not_marked")
    put(api, teacher, session, student, "present")
    clock.advance(minutes=95)
    half_past = iso(clock.now() - timedelta(minutes=65))
    put_at = left(teacher, half_past)
    assert put_at.status_code == 200, put_at.text
    seen = put_at.json["attendance"]["stay"]
    assert (seen["minutes"], seen["left_by"], seen["left_early"]) == (30, "manual", True)
    for wrong in (iso(clock.now()), iso(clock.now() - timedelta(minutes=96)), "soon", 7):
        assert code_of(left(teacher, wrong)) == (400, "invalid_request")  # type: ignore[arg-type]
    assert code_of(left(api.teacher(), half_past)) == (403, "forbidden")
    assert code_of(left(student, half_past)) == (403, "forbidden")
    assert left(teacher, None).json["attendance"]["stay"]["not_checked_out"]
    with parts.database.read() as tx:
        noted = tx.all("SELECT subject FROM audit WHERE action = 'attendance.left'")
    assert [row["subject"] for row in noted] == [f"student:{student.row['id']}"] * 2


def test_two_who_press_at_once_leave_once(
    api: Api, teacher: Person, course: dict[str, Any], student: Person
) -> None:
    session = api.session(teacher, course_id=course["id"])
    put(api, teacher, session, student, "present")
    answers: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(leave(Api(api.app), student, code=session["code"]))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json["already"] for answer in answers) == [False, True, True, True]
    assert len({answer.json["left_at"] for answer in answers}) == 1
