"""Lists for programs: students, attendance records, daily statistics."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from tests.attendance.school import course_of, enrol, hold, put
from tests.conftest import Api, FakeClock, Person, code_of

CALLS = ("/api/students/", "/api/attendance/records", "/stats/daily")


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


def pages(api: Api, by: Person | str, url: str, name: str) -> list[list[dict[str, Any]]]:
    """Every page of a list, by its cursors."""
    found, cursor = [], None
    while True:
        answer = api.get(url + (f"&cursor={cursor}" if cursor else ""), by)
        assert answer.status_code == 200, answer.text
        found.append(answer.json[name])
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("call", CALLS)
def test_who_may_read_lists(api: Api, teacher: Person, call: str) -> None:
    assert code_of(api.get(call)) == (401, "token_missing")
    assert code_of(api.get(call, api.student())) == (403, "forbidden")
    assert api.get(call, teacher).status_code == 200
    foreign = course_of(api, api.teacher())
    refused = api.get(f"{call}?course_id={foreign['id']}", teacher)
    assert code_of(refused) == (403, "forbidden")
    missing = api.get(f"{call}?course_id=999", teacher)
    assert code_of(missing) == (404, "course_not_found")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("query", ["limit=0", "limit=100000", "course_id=x"])
def test_a_wrong_query_is_refused(api: Api, teacher: Person, call: str, query: str) -> None:
    assert code_of(api.get(f"{call}?{query}", teacher)) == (400, "invalid_request")


@pytest.mark.parametrize("cursor", ["x", "MS4x!", "LS4t", "MC4w", "MS4yLjM=", "%C3%BC", "OTk5" * 9])
def test_a_wrong_cursor_is_refused(api: Api, teacher: Person, cursor: str) -> None:
    answer = api.get(f"/api/attendance/records?cursor={cursor}", teacher)
    assert code_of(answer) == (400, "invalid_request")
    daily = api.get("/stats/daily?cursor=yesterday", teacher)
    assert code_of(daily) == (400, "invalid_request")


def test_a_device_reads_with_a_key_of_the_right_scope(api: Api, admin: Person) -> None:
    def key(*scopes: str) -> str:
        body = {"name": "script", "scopes": list(scopes)}
        answer = api.post("/admin/api-keys", admin, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json["key"])

    records, people = key("attendance:read"), key("students:read")
    assert api.get("/api/attendance/records", records).status_code == 200
    assert api.get("/stats/daily", records).status_code == 200
    assert api.get("/api/students/", people).status_code == 200
    assert code_of(api.get("/api/students/", records)) == (403, "scope_missing")
    assert code_of(api.get("/stats/daily", people)) == (403, "scope_missing")


def test_a_teacher_lists_the_own_students(api: Api, admin: Person, teacher: Person) -> None:
    course = course_of(api, teacher)
    people = [api.student(name=f"Zoe_{n}", student_id=f"T{n}") for n in range(5)]
    enrol(api, teacher, course, *people[:3])
    put(api, teacher, api.session(teacher), people[3], "present")
    everybody = [page["student_id"] for page in api.get("/api/students/", admin).json["students"]]
    assert {person.row["student_id"] for person in people} <= set(everybody)
    own = pages(api, teacher, "/api/students/?limit=2", "students")
    assert [[line["student_id"] for line in page] for page in own] == [["T0", "T1"], ["T2", "T3"]]
    in_course = api.get(f"/api/students/?course_id={course['id']}", teacher).json
    assert [line["student_id"] for line in in_course["students"]] == ["T0", "T1", "T2"]
    assert in_course["next_cursor"] is None
    found = api.get("/api/students/?q=zOE_1", teacher).json["students"]
    assert [line["student_id"] for line in found] == ["T1"]
    assert api.get("/api/students/?q=Zoe%251", teacher).json["students"] == []
    assert set(found[0]) == {
        "student_id",
        "name",
        "family_name",
        "email",
        "templates",
        "has_password",
        "created_at",
    }


def test_records_of_marks_and_absences_come_page_by_page(
    api: Api, admin: Person, teacher: Person, clock: FakeClock
) -> None:
    course = course_of(api, teacher)
    ann, bob, eve = (api.student(name=name, student_id=name) for name in ("Ann", "Bob", "Eve"))
    enrol(api, teacher, course, ann, bob, eve)
    first = hold(api, clock, teacher, course, {"present": [bob], "late": [ann]})
    second = hold(api, clock, teacher, course, {"excused": [eve]})
    hold(api, clock, admin, None, {"present": [ann]})
    loose = hold(api, clock, teacher, None, {"present": [ann]})

    def shown(query: str, by: Person = teacher) -> list[tuple[int, str, str]]:
        url = f"/api/attendance/records?limit=2&{query}"
        found = pages(api, by, url, "records")
        assert all(len(page) == 2 for page in found[:-1])
        return [
            (line["session_id"], line["student_id"], line["status"])
            for page in found
            for line in page
        ]

    own = [
        (loose["id"], "Ann", "present"),
        (second["id"], "Ann", "absent"),
        (second["id"], "Bob", "absent"),
        (second["id"], "Eve", "excused"),
        (first["id"], "Ann", "late"),
        (first["id"], "Bob", "present"),
        (first["id"], "Eve", "absent"),
    ]
    assert shown("") == own
    assert len(shown("", admin)) == 8
    assert shown(f"course_id={course['id']}") == own[1:]
    assert shown("student_id=Ann") == [own[0], own[1], own[4]]
    assert shown("status=absent") == [own[1], own[2], own[6]]
    assert shown("status=present") == [own[0], own[5]]
    assert shown(f"session_id={second['id']}") == own[1:4]
    assert shown("from=2026-03-03&to=2026-03-03") == own[1:4]
    assert shown("from=2026-03-04") == own[:1]
    assert shown("student_id=Nobody") == []
    line = api.get("/api/attendance/records?limit=2", teacher).json["records"][1]
    assert line == {
        "session_id": second["id"],
        "course_id": course["id"],
        "subject": "Algebra",
        "section": None,
        "started_at": second["started_at"],
        "ended_at": second["ended_at"],
        "student_id": "Ann",
        "name": "Ann",
        "status": "absent",
        "method": None,
        "distance": None,
        "marked_at": None,
        "remark": None,
        "reason_id": None,
        "reason": None,
        "evidence": [],
        "camera": None,
        "stay": None,
    }


def test_days_are_counted_in_the_zone_of_each_course(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    student = api.student()
    clock.moment = datetime(2026, 3, 2, 20, 0, tzinfo=timezone.utc)
    for zone in ("Asia/Tokyo", "UTC", "Pacific/Honolulu"):
        course = course_of(api, teacher, timezone=zone)
        enrol(api, teacher, course, student)
        session = api.session(teacher, course_id=course["id"])
        put(api, teacher, session, student, "late" if zone == "UTC" else "present")
    missed = api.session(teacher, course_id=course["id"], duration_minutes=30, another=True)
    clock.advance(hours=1)
    days = api.get("/stats/daily", teacher).json["days"]
    assert days == [
        {
            "date": "2026-03-02",
            "sessions": 3,
            "present": 1,
            "late": 1,
            "absent": 1,
            "excused": 0,
            "total": 3,
            "percentage": 66.7,
            "methods": {"manual": 2},
        },
    ]
    clock.advance(days=1)
    both = api.get("/stats/daily", teacher).json["days"]
    assert [(day["date"], day["sessions"]) for day in both] == [
        ("2026-03-03", 1),
        ("2026-03-02", 3),
    ]
    narrowed = api.get(f"/stats/daily?course_id={missed['course_id']}", teacher).json["days"]
    assert [(day["sessions"], day["percentage"]) for day in narrowed] == [(2, 50.0)]
    assert api.get("/stats/daily", api.teacher()).json == {"days": [], "next_cursor": None}


def test_days_come_page_by_page_over_long_gaps(api: Api, teacher: Person, clock: FakeClock) -> None:
    moments = ("2024-02-29", "2025-12-31", "2026-01-01", "2026-03-01")
    for day in moments:
        clock.moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        api.session(teacher)
    clock.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
    teacher = api.post(
        "/teacher/login", json={"email": teacher.row["email"], "password": teacher.password}
    ).json["access_token"]
    found = pages(api, teacher, "/stats/daily?limit=7", "days")
    assert [[day["date"] for day in page] for page in found] == [
        ["2026-03-01"],
        ["2026-01-01", "2025-12-31"],
        ["2024-02-29"],
    ]
    some = pages(api, teacher, "/stats/daily?limit=7&from=2026-01-01&to=2026-02-01", "days")
    assert [day["date"] for page in some for day in page] == ["2026-01-01"]
