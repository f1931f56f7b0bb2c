"""Tutors: who names one, what he or she sees, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import audited, course_of, enrol, hold
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def owner(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def tutor(api: Api, admin: Person) -> Person:
    return api.teacher(name="Ms Tutor")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.student(name="Bob")


def assign(api: Api, by: Person, student: Person, email: str | None) -> Any:
    path = f"/admin/students/{student.row['id']}/tutor"
    return api.call("PUT", path, by, json={"email": email})


def seen(api: Api, by: Person) -> list[tuple[str, float, int]]:
    found = api.get("/tutor/students", by).json["students"]
    return [(one["name"], one["overall"]["percentage"], one["courses_at_risk"]) for one in found]


def test_a_tutor_sees_the_attendance_over_all_courses_and_nothing_else(
    api: Api, admin: Person, owner: Person, tutor: Person, bob: Person, clock: FakeClock
) -> None:
    algebra, botany = course_of(api, owner), course_of(api, admin, code="B", name="Botany")
    for teacher, course in ((owner, algebra), (admin, botany)):
        enrol(api, teacher, course, bob)
    held = hold(api, clock, owner, algebra, {"present": [bob]})
    hold(api, clock, admin, botany, {})
    path = f"/reports/student/{bob.row['id']}"
    assert code_of(api.get(path, tutor)) == (404, "student_not_found")
    assert seen(api, tutor) == []
    answer = assign(api, admin, bob, tutor.row["email"].upper())
    assert answer.json["tutor"] == {
        "id": tutor.row["id"],
        "name": "Ms Tutor",
        "email": tutor.row["email"],
    }
    assert seen(api, tutor) == [("Bob", 50.0, 1)]
    report = api.get(path, tutor).json
    assert [one["course"]["name"] for one in report["courses"]] == ["Botany", "Algebra"]
    assert report["overall"] == {"present": 1, "total": 2, "percentage": 50.0}
    for kind in ("csv", "xlsx"):
        assert api.get(f"{path}/report.{kind}", tutor).status_code == 200
    # nothing else of the courses, of their sessions, and of the person
    for method, other in (
        ("GET", f"/course/{algebra['id']}"),
        ("GET", f"/course/{algebra['id']}/report"),
        ("GET", f"/session/attendance?session_id={held['id']}"),
        ("GET", f"/admin/students/{bob.row['id']}"),
        ("GET", f"/admin/students/{bob.row['id']}/tutor"),
        ("DELETE", f"/session/{held['id']}"),
    ):
        assert api.call(method, other, tutor).status_code == 403, other
    assert api.get("/api/students/", tutor).json["students"] == []
    # the course's own teacher sees the own course only, as before
    mine = api.get(path, owner).json["courses"]
    assert [one["course"]["name"] for one in mine] == ["Algebra"]
    assert seen(api, owner) == []


def test_who_is_tutor_is_an_administrators_to_say(
    api: Api, admin: Person, owner: Person, tutor: Person, bob: Person, parts: Services
) -> None:
    for person in (owner, tutor, bob):
        assert assign(api, person, bob, tutor.row["email"]).status_code == 403
    assert code_of(assign(api, admin, bob, "nobody@school.example")) == (404, "teacher_not_found")
    assert code_of(assign(api, admin, bob, bob.row["email"])) == (404, "teacher_not_found")
    path = "/admin/students/999/tutor"
    assert code_of(api.call("PUT", path, admin, json={"email": None})) == (
        *(404, "student_not_found"),
    )
    for email in (owner.row["email"], tutor.row["email"], tutor.row["email"], None, None):
        assert assign(api, admin, bob, email).status_code == 200
    first, second = f"teacher:{owner.row['id']}", f"teacher:{tutor.row['id']}"
    lines = [(line["old_value"], line["new_value"]) for line in audited(parts, "student.tutor")]
    assert [tuple(str(value).strip('"') for value in line) for line in lines] == [
        ("None", first),
        (first, second),
        (second, "None"),
    ]


def test_a_teacher_who_is_deleted_is_nobodys_tutor(
    api: Api, admin: Person, tutor: Person, bob: Person
) -> None:
    assign(api, admin, bob, tutor.row["email"])
    exported = api.get(f"/admin/students/{bob.row['id']}/export", admin).json
    assert [one["name"] for one in exported["tutors"]] == ["Ms Tutor"]
    path = f"/admin/teachers/{tutor.row['id']}"
    assert api.call("DELETE", path, admin).status_code == 204
    assert api.get(f"/admin/students/{bob.row['id']}/tutor", admin).json == {"tutor": None}


@pytest.mark.parametrize("both", [False, True])
def test_two_accounts_that_become_one_have_one_tutor(
    api: Api, admin: Person, owner: Person, tutor: Person, bob: Person, both: bool
) -> None:
    other = api.student(name="Bob B")
    assign(api, admin, bob, owner.row["email"])
    if both:
        assign(api, admin, other, tutor.row["email"])
    path = f"/admin/students/{bob.row['id']}/merge"
    assert api.post(path, admin, json={"into": other.row["id"]}).status_code == 200
    assert seen(api, tutor) == ([("Bob B", 0.0, 0)] if both else [])
    assert seen(api, owner) == ([] if both else [("Bob B", 0.0, 0)])
