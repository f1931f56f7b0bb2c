"""Apologies in advance, and students who join a course late."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.attendance.school import course_of, enrol, excuse, hold, listed, put
from tests.conftest import Api, FakeClock, Person, code_of


def test_an_apology_in_advance_makes_a_missed_session_excused(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course, student = course_of(api, teacher), api.student(name="Ann")
    enrol(api, teacher, course, student)
    made = excuse(api, teacher, course, student, to="2026-03-04", reason="Competition")
    assert made == {
        "id": made["id"],
        "course_id": course["id"],
        "student_id": student.row["student_id"],
        "name": "Ann",
        "from": "2026-03-03",
        "to": "2026-03-04",
        "reason": "Competition",
        "reason_id": None,
        "created_at": "2026-03-02T08:00:00.000000Z",
    }
    held = [hold(api, clock, teacher, course, {}) for _ in range(4)]
    shown = [listed(api, teacher, session)["Ann"] for session in held]
    assert shown == ["absent", "excused", "excused", "absent"]
    summary = api.get("/student/attendance/summary", student).json["overall"]
    assert summary == {"present": 0, "total": 2, "percentage": 0.0}
    assert api.call("DELETE", f"/excuse/{made['id']}", teacher).status_code == 204
    shown = [listed(api, teacher, session)["Ann"] for session in held]
    assert shown == ["absent"] * 4


def test_who_comes_in_spite_of_an_apology_is_present(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course, student = course_of(api, teacher), api.student(name="Ann")
    enrol(api, teacher, course, student)
    excuse(api, teacher, course, student, **{"from": "2026-03-01", "to": "2026-03-31"})
    session = hold(api, clock, teacher, course, {"present": [student]})
    assert listed(api, teacher, session) == {"Ann": "present"}


@pytest.mark.parametrize(
    ("zone", "status"),
    [("UTC", "absent"), ("Asia/Tokyo", "excused"), ("Pacific/Kiritimati", "excused")],
)
def test_a_day_is_a_day_of_the_course(
    api: Api, teacher: Person, clock: FakeClock, zone: str, status: str
) -> None:
    """At 20:00 UTC on the 2nd, it is the 3rd in Tokyo."""
    course, student = course_of(api, teacher, timezone=zone), api.student(name="Ann")
    enrol(api, teacher, course, student)
    excuse(api, teacher, course, student)
    clock.moment = datetime(2026, 3, 2, 20, 0, tzinfo=timezone.utc)
    session = hold(api, clock, teacher, course, {})
    assert listed(api, teacher, session) == {"Ann": status}


def test_an_apology_moves_with_the_zone_of_the_course(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course, student = course_of(api, teacher), api.student(name="Ann")
    enrol(api, teacher, course, student)
    excuse(api, teacher, course, student)
    clock.moment = datetime(2026, 3, 2, 20, 0, tzinfo=timezone.utc)
    session = hold(api, clock, teacher, course, {})
    assert listed(api, teacher, session) == {"Ann": "absent"}
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"timezone": "Asia/Tokyo"})
    assert listed(api, teacher, session) == {"Ann": "excused"}


def test_who_joins_late_was_not_absent_before(api: Api, teacher: Person, clock: FakeClock) -> None:
    course, early, late = course_of(api, teacher), api.student(name="Ann"), api.student(name="Bob")
    enrol(api, teacher, course, early)
    before = hold(api, clock, teacher, course, {})
    enrol(api, teacher, course, late)
    after = hold(api, clock, teacher, course, {})
    assert listed(api, teacher, before) == {"Ann": "absent"}
    assert listed(api, teacher, after) == {"Ann": "absent", "Bob": "absent"}
    summary = api.get("/student/attendance/summary", late).json["overall"]
    assert (summary["present"], summary["total"]) == (0, 1)


def test_nobody_is_absent_while_the_session_runs(api: Api, teacher: Person) -> None:
    course, student = course_of(api, teacher), api.student(name="Ann")
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    assert listed(api, teacher, session) == {}
    put(api, teacher, session, student, "late")
    assert listed(api, teacher, session) == {"Ann": "late"}


def test_who_may_enter_see_and_delete(api: Api, admin: Person, teacher: Person) -> None:
    course, student, stranger = course_of(api, teacher), api.student(), api.student()
    enrol(api, teacher, course, student)
    url = f"/course/{course['id']}/excuses"
    body = {"student_id": student.row["student_id"], "from": "2026-03-03"}
    assert code_of(api.post(url, json=body)) == (401, "token_missing")
    assert code_of(api.post(url, student, json=body)) == (403, "forbidden")
    assert code_of(api.post(url, api.teacher(), json=body)) == (403, "forbidden")
    missing = api.post("/course/999/excuses", teacher, json=body)
    assert code_of(missing) == (404, "course_not_found")
    outside = api.post(url, teacher, json={**body, "student_id": stranger.row["student_id"]})
    assert code_of(outside) == (404, "student_not_found")
    for wrong in (
        {"to": "2026-03-02"},
        {"from": "3 March"},
        {"from": None},
        {"from": "9999-12-31"},
    ):
        assert code_of(api.post(url, teacher, json={**body, **wrong})) == (400, "invalid_request")
    made = excuse(api, admin, course, student)

    assert code_of(api.get(url)) == (401, "token_missing")
    assert code_of(api.get(url, stranger)) == (403, "not_enrolled")
    assert code_of(api.get(url, api.teacher())) == (403, "forbidden")
    assert api.get(url, student).json == {"excuses": [made]}
    assert api.get(url, teacher).json == {"excuses": [made]}

    gone = f"/excuse/{made['id']}"
    assert code_of(api.call("DELETE", gone)) == (401, "token_missing")
    assert code_of(api.call("DELETE", gone, student)) == (403, "forbidden")
    assert code_of(api.call("DELETE", gone, api.teacher())) == (403, "forbidden")
    assert api.call("DELETE", gone, teacher).status_code == 204
    assert code_of(api.call("DELETE", gone, teacher)) == (404, "excuse_not_found")


def test_a_student_sees_the_own_apologies_only(api: Api, teacher: Person) -> None:
    course, ann, bob = course_of(api, teacher), api.student(), api.student()
    enrol(api, teacher, course, ann, bob)
    own = excuse(api, teacher, course, ann)
    excuse(api, teacher, course, bob)
    assert api.get(f"/course/{course['id']}/excuses", ann).json == {"excuses": [own]}
