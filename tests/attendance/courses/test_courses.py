"""Courses, and who is in them: create, edit, archive, delete, join, enrol, remove."""

from __future__ import annotations

from typing import Any

import pytest

from attendance.core import codes
from attendance.core.services import Services
from tests.attendance.school import course_of, enrol, renumber
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, Person, code_of


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


def test_a_course_is_made_seen_changed_archived_and_deleted(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher, section="A", description="Rings", timezone="Europe/Berlin")
    assert course["students"] == 0
    assert course["archived"] is False
    assert len(course["join_code"]) == 6
    assert course["timezone"] == "Europe/Berlin"
    url = f"/course/{course['id']}"
    assert api.get(url, teacher).json["course"] == course
    changed = api.call(
        "PATCH", url, teacher, json={"name": "Algebra II", "section": None, "late_counts": False}
    ).json["course"]
    assert changed == {**course, "name": "Algebra II", "section": None, "late_counts": False}
    assert api.call("PATCH", url, teacher, json={"archived": True}).json["course"]["archived"]
    assert api.get("/course/mine", teacher).json["courses"][0]["archived"]
    assert api.get("/course/mine?archived=false", teacher).json["courses"] == []
    again = api.call("PATCH", url, teacher, json={"archived": False}).json["course"]
    assert not again["archived"]
    assert api.call("DELETE", url, teacher).status_code == 204
    assert code_of(api.get(url, teacher)) == (404, "course_not_found")


def test_the_zone_of_a_new_course_is_the_schools(make_app: Any) -> None:
    api = Api(make_app(timezone="Asia/Kolkata"))
    assert course_of(api, api.teacher())["timezone"] == "Asia/Kolkata"


@pytest.mark.parametrize(
    "fields",
    [
        {"code": ""},
        {"code": "x" * 41},
        {"name": "a\nb"},
        {"name": None},
        {"timezone": "Mars/Phobos"},
        {"timezone": "../../etc/passwd"},
        {"description": "a\0b"},
        {"description": "x" * 5001},
        {"code": "\ud800"},
    ],
)
def test_a_wrong_field_is_named(api: Api, teacher: Person, fields: dict[str, Any]) -> None:
    answer = api.post("/course", teacher, json={"code": "MA101", "name": "Algebra", **fields})
    assert code_of(answer) == (400, "invalid_request")
    assert answer.json["errors"][0]["field"] == next(iter(fields))


def test_the_kind_of_mistake_and_the_limit_are_told_for_programs(api: Api, teacher: Person) -> None:
    body = {"code": "x" * 41, "name": "  ", "timezone": "Mars/Phobos"}
    errors = api.post("/course", teacher, json=body).json["errors"]
    assert [(error["field"], error["type"], error.get("limit")) for error in errors] == [
        ("code", "too_long", 40),
        ("name", "string_too_short", 1),
        ("timezone", "zone", None),
    ]
    course = api.post("/course", teacher, json={"code": "A", "name": "A"}).json["course"]
    for days, field, kind, limit in (
        ({"from": "2026-12-02", "to": "2026-12-01"}, "to", "before_from", None),
        ({"from": "1969-12-31"}, "from", "greater_than_equal", "1970-01-01"),
    ):
        answer = api.get(f"/course/{course['id']}/report", teacher, query_string=days)
        assert code_of(answer) == (400, "invalid_request")
        [error] = answer.json["errors"]
        assert (error["field"], error["type"], error.get("limit")) == (field, kind, limit)


@pytest.mark.parametrize(
    "change",
    [
        {"min_percentage": 101},
        {"max_absences": -1},
        {"absences_in_row": 0},
        {"excused_counts_as": "late"},
        {"timezone": "UTC+1"},
    ],
)
def test_a_wrong_definition_is_refused(api: Api, teacher: Person, change: dict[str, Any]) -> None:
    course = course_of(api, teacher)
    answer = api.call("PATCH", f"/course/{course['id']}", teacher, json=change)
    assert code_of(answer) == (400, "invalid_request")


def test_null_clears_what_may_be_empty_and_nothing_else(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher, section="A", description="Rings")
    url = f"/course/{course['id']}"
    api.call("PATCH", url, teacher, json={"max_absences": 4})
    cleared = api.call(
        "PATCH",
        url,
        teacher,
        json={"name": None, "description": None, "max_absences": None, "timezone": None},
    ).json["course"]
    assert cleared == {**course, "description": None}


CALLS = (
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("GET", "/students"),
    ("POST", "/students"),
    ("DELETE", "/students/S1"),
)
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", ""): {"name": "Mine now"},
    ("POST", "/students"): {"student_id": "S1"},
}


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_course_is_managed_by_its_teacher_and_administrators(
    api: Api, admin: Person, teacher: Person, method: str, path: str
) -> None:
    student = api.student(student_id="S1")
    course = course_of(api, teacher)
    if method == "DELETE" and path:
        enrol(api, teacher, course, student)
    options = {"json": BODIES[method, path]} if (method, path) in BODIES else {}
    url = f"/course/{course['id']}{path}"
    assert code_of(api.call(method, url, **options)) == (401, "token_missing")
    assert code_of(api.call(method, url, api.teacher(), **options)) == (403, "forbidden")
    refused = code_of(api.call(method, url, api.student(), **options))
    assert refused == (403, "not_enrolled" if (method, path) == ("GET", "") else "forbidden")
    missing = f"/course/999{path}"
    assert code_of(api.call(method, missing, teacher, **options)) == (404, "course_not_found")
    huge = f"/course/{2**70}{path}"
    assert code_of(api.call(method, huge, teacher, **options)) == (400, "invalid_request")
    assert api.call(method, url, admin, **options).status_code < 300


def test_only_teachers_make_courses(api: Api, teacher: Person) -> None:
    body = {"code": "MA101", "name": "Algebra"}
    assert code_of(api.post("/course", json=body)) == (401, "token_missing")
    assert code_of(api.post("/course", api.student(), json=body)) == (403, "forbidden")


def test_a_student_joins_with_the_code_and_sees_the_course(api: Api, teacher: Person) -> None:
    course, student = course_of(api, teacher), api.student()
    typed = f" {course['join_code'][:3].lower()}-{course['join_code'][3:]} "
    for _ in range(2):
        answer = api.post("/course/join", student, json={"join_code": typed})
        assert answer.status_code == 200, answer.text
        assert answer.json["course"] == {**course, "students": 1, "join_code": None, "role": None}
    assert api.get("/course/mine", student).json["courses"] == [answer.json["course"]]
    assert api.get(f"/course/{course['id']}", student).json == answer.json
    listed = api.get(f"/course/{course['id']}/students", teacher).json["students"]
    assert [line["student_id"] for line in listed] == [student.row["student_id"]]
    assert listed[0]["has_password"] is True


def test_a_wrong_join_code_joins_nothing(api: Api, teacher: Person) -> None:
    course, student = course_of(api, teacher), api.student()
    wrong = api.post("/course/join", student, json={"join_code": "AAAAAA"})
    assert code_of(wrong) == (404, "course_not_found")
    body = {"join_code": course["join_code"]}
    assert code_of(api.post("/course/join", teacher, json=body)) == (403, "forbidden")
    assert code_of(api.post("/course/join", json=body)) == (401, "token_missing")


def test_a_new_join_code_ends_the_old_one(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher)
    changed = api.call("PATCH", f"/course/{course['id']}", teacher, json={"new_join_code": True})
    assert changed.json["course"]["join_code"] != course["join_code"]
    old = api.post("/course/join", api.student(), json={"join_code": course["join_code"]})
    assert code_of(old) == (404, "course_not_found")


@pytest.mark.parametrize("new_course", [True, False])
def test_a_join_code_that_another_course_has_is_drawn_again(
    api: Api, teacher: Person, monkeypatch: pytest.MonkeyPatch, new_course: bool
) -> None:
    taken = course_of(api, teacher)["join_code"]
    other = None if new_course else course_of(api, teacher, code="B")
    draws = iter([taken, taken, "FRESH7"])
    monkeypatch.setattr(codes, "new_code", lambda: next(draws))
    if other is None:
        assert course_of(api, teacher, code="B")["join_code"] == "FRESH7"
    else:
        path, body = f"/course/{other['id']}", {"new_join_code": True, "name": "Rings"}
        changed = api.call("PATCH", path, teacher, json=body).json["course"]
        assert (changed["join_code"], changed["name"]) == ("FRESH7", "Rings")


def test_guessing_join_codes_is_slowed(make_app: Any) -> None:
    api = Api(make_app(join_tries_per_minute=3))
    student = api.student()
    tries = [api.post("/course/join", student, json={"join_code": "AAAAAA"}) for _ in range(4)]
    assert [code_of(answer)[0] for answer in tries] == [404, 404, 404, 429]


def test_an_archived_course_takes_nobody_and_starts_nothing(api: Api, teacher: Person) -> None:
    course, student = course_of(api, teacher), api.student()
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"archived": True})
    tries = (
        api.post("/course/join", student, json={"join_code": course["join_code"]}),
        api.post(
            f"/course/{course['id']}/students",
            teacher,
            json={"student_id": student.row["student_id"]},
        ),
        api.post("/session/start", teacher, json={"subject": "Algebra", "course_id": course["id"]}),
    )
    for answer in tries:
        assert code_of(answer) == (409, "course_archived")


def test_students_are_enrolled_by_number_or_address_and_removed(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher)
    ann, bob = renumber(api, api.student(name="Ann"), "2026/7"), api.student(name="Bob")
    url = f"/course/{course['id']}/students"
    first = api.post(url, teacher, json={"student_id": "2026/7"})
    assert (first.status_code, first.json["student"]["name"]) == (201, "Ann")
    assert api.post(url, teacher, json={"student_id": "2026/7"}).status_code == 200
    second = api.post(url, teacher, json={"email": bob.row["email"].upper()})
    assert second.status_code == 201
    assert [line["name"] for line in api.get(url, teacher).json["students"]] == ["Ann", "Bob"]
    assert api.call("DELETE", f"{url}/2026/7", teacher).status_code == 204
    gone = api.call("DELETE", f"{url}/2026/7", teacher)
    assert code_of(gone) == (404, "student_not_found")
    assert api.get("/course/mine", ann).json["courses"] == []
    assert code_of(api.get(f"/course/{course['id']}", ann)) == (403, "not_enrolled")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid_request")),
        ({"student_id": "S1", "email": "a@b.example"}, (400, "invalid_request")),
        ({"student_id": "nobody"}, (404, "student_not_found")),
        ({"email": "nobody@school.example"}, (404, "student_not_found")),
    ],
)
def test_who_cannot_be_found_cannot_be_enrolled(
    api: Api, teacher: Person, body: dict[str, str], expected: tuple[int, str]
) -> None:
    course = course_of(api, teacher)
    assert code_of(api.post(f"/course/{course['id']}/students", teacher, json=body)) == expected


def test_a_course_with_sessions_is_archived_not_deleted(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher)
    api.session(teacher, course_id=course["id"])
    refused = api.call("DELETE", f"/course/{course['id']}", teacher)
    assert code_of(refused) == (409, "course_has_sessions")
    assert api.get(f"/course/{course['id']}", teacher).status_code == 200


def test_changes_are_audited(api: Api, teacher: Person, parts: Services) -> None:
    course, student = course_of(api, teacher), api.student()
    enrol(api, teacher, course, student)
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"min_percentage": 80})
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"min_percentage": 80})
    api.call("DELETE", f"/course/{course['id']}/students/{student.row['student_id']}", teacher)
    with parts.database.read() as tx:
        rows = tx.all("SELECT actor, action, subject, old_value, new_value FROM audit ORDER BY id")
    actor = f"teacher:{teacher.row['id']}"
    assert [tuple(row.values()) for row in rows if row["action"].startswith("course")] == [
        (
            actor,
            "course.change",
            f"course:{course['id']}",
            '{"min_percentage": 75.0}',
            '{"min_percentage": 80.0}',
        ),
        (actor, "course.remove", f"student:{student.row['id']}", '{"course": 1}', None),
    ]


def test_a_connected_student_hears_a_course_from_enrolment_to_removal(
    api: Api, teacher: Person
) -> None:
    course, ann, bob = course_of(api, teacher), api.student(), api.student()
    enrol(api, teacher, course, bob)
    with (
        serving(api.app) as url,
        Listener(url, ann.token) as hears,
        Listener(url, bob.token) as classmate,
    ):
        before = api.session(teacher, course_id=course["id"])
        assert classmate.next("session_started")["session_id"] == before["id"]
        hears.settle()
        assert hears.names() == []
        enrol(api, teacher, course, ann)
        started = api.session(teacher, course_id=course["id"], another=True)
        assert hears.next("session_started")["session_id"] == started["id"]
        assert hears.follow(started["id"]) == {"ok": True}
        hears.next("attendance_snapshot")
        api.call("DELETE", f"/course/{course['id']}/students/{ann.row['student_id']}", teacher)
        api.post("/session/stop", teacher, json={"session_id": started["id"]})
        assert classmate.next("session_stopped")["session_id"] == started["id"]
        hears.settle()
        assert hears.names() == []


def test_a_course_without_students_is_announced_to_nobody(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher)
    with serving(api.app) as url, Listener(url, api.student().token) as stranger:
        api.session(teacher, course_id=course["id"], another=True)
        stranger.settle()
        assert stranger.names() == []
