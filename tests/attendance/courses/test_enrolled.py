"""Students of a course are addressed by their own id, whatever the school's numbers are like."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from attendance.core.services import Services
from database import courses, students
from tests.attendance.school import audited, course_of, enrol, hold, put
from tests.conftest import Api, FakeClock, Person, code_of

# As an older version took them: what a path makes of them is something else.
NUMBERS = [".", "..", "/VIC", "a/b", "VIC/invitation", "%2e", "?x=1", "#7", "7;v=1", "VIC"]


@pytest.fixture
def teacher(api: Api) -> Person:
    api.teacher()
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher)


@pytest.fixture
def enrolled(parts: Services, course: dict[str, Any]) -> dict[str, int]:
    """The own ids of old students with such numbers."""
    ids = {}
    now = parts.clock.now()
    with parts.database.write() as tx:
        for place, number in enumerate(NUMBERS):
            row = students.create(
                tx,
                student_id=number,
                name=f"Student {place}",
                email=f"s{place}@school.example",
                password_hash=None,
                course=None,
                now=now,
            )
            courses.enrol(tx, course["id"], int(row["id"]), now)
            ids[number] = int(row["id"])
    return ids


def listed(api: Api, teacher: Person, course: dict[str, Any]) -> dict[str, int]:
    rows = api.get(f"/course/{course['id']}/students", teacher).json["students"]
    return {row["student_id"]: row["id"] for row in rows}


def test_the_list_tells_each_students_own_id(
    api: Api, teacher: Person, course: dict[str, Any], enrolled: dict[str, int]
) -> None:
    assert listed(api, teacher, course) == enrolled


@pytest.mark.parametrize("number", NUMBERS)
def test_a_student_is_removed_by_id_and_nobody_else_is(
    api: Api,
    parts: Services,
    teacher: Person,
    course: dict[str, Any],
    enrolled: dict[str, int],
    number: str,
) -> None:
    url = f"/course/{course['id']}/enrolments/{enrolled[number]}"
    assert api.call("DELETE", url, teacher).status_code == 204
    assert set(listed(api, teacher, course)) == set(NUMBERS) - {number}
    assert code_of(api.call("DELETE", url, teacher)) == (404, "student_not_found")
    (line,) = audited(parts, "course.remove")
    assert line["subject"] == f"student:{enrolled[number]}"


@pytest.mark.parametrize("number", NUMBERS)
def test_a_students_report_is_found_by_id(
    api: Api, teacher: Person, enrolled: dict[str, int], number: str
) -> None:
    url = f"/reports/student/{enrolled[number]}"
    assert api.get(url, teacher).json["student"]["student_id"] == number
    assert api.get(f"{url}/report.csv", teacher).status_code == 200
    assert api.get(f"{url}/report.xlsx", teacher).status_code == 200


def test_an_invitation_by_id_keeps_to_the_same_rules(
    api: Api, teacher: Person, course: dict[str, Any], enrolled: dict[str, int]
) -> None:
    url = f"/course/{course['id']}/enrolments/{enrolled['..']}/invitation"
    assert code_of(api.post(url, teacher)) == (403, "invitation_not_shown")
    with_password = api.student()
    enrol(api, teacher, course, with_password)
    url = f"/course/{course['id']}/enrolments/{with_password.row['id']}/invitation"
    assert code_of(api.post(url, teacher)) == (409, "password_set")


def test_another_teacher_and_a_student_elsewhere_are_refused(
    api: Api, teacher: Person, course: dict[str, Any], enrolled: dict[str, int]
) -> None:
    stranger, other = api.student(), api.teacher()
    own = f"/course/{course['id']}/enrolments"
    for method, url, by, expected in (
        ("DELETE", f"{own}/{enrolled['VIC']}", other, (403, "forbidden")),
        ("POST", f"{own}/{enrolled['VIC']}/invitation", other, (403, "forbidden")),
        ("DELETE", f"{own}/{stranger.row['id']}", teacher, (404, "student_not_found")),
        ("POST", f"{own}/{stranger.row['id']}/invitation", teacher, (404, "student_not_found")),
        ("GET", f"/reports/student/{stranger.row['id']}", teacher, (404, "student_not_found")),
        ("GET", f"/reports/student/{enrolled['VIC']}", other, (404, "student_not_found")),
        ("GET", f"/reports/student/{2**63}", teacher, (400, "invalid_request")),
    ):
        assert code_of(api.call(method, url, by)) == expected
    assert set(listed(api, teacher, course)) == set(NUMBERS)


def test_whoever_left_by_mistake_and_comes_back_goes_on(api: Api, clock: FakeClock) -> None:
    teacher, student = api.teacher(), api.student()
    course = course_of(api, teacher)
    enrol(api, teacher, course, student)
    hold(api, clock, teacher, course, {})
    path = f"/course/{course['id']}/students"
    number = student.row["student_id"]

    def absences() -> int:
        (line,) = api.get(f"/course/{course['id']}/report", teacher).json["students"]
        absent: int = line["absent"]
        return absent

    assert absences() == 1
    assert api.call("DELETE", f"{path}/{number}", teacher).status_code == 204
    clock.advance(days=29)
    enrol(api, teacher, course, student)
    assert absences() == 1
    assert api.call("DELETE", f"{path}/{number}", teacher).status_code == 204
    export = api.get("/student/export", student).json["former_courses"]
    assert [line["course_id"] for line in export] == [course["id"]]
    clock.advance(days=31)
    enrol(api, teacher, course, student)
    assert absences() == 0


def test_a_session_that_still_runs_counts_in_no_report(api: Api, clock: FakeClock) -> None:
    teacher, student = api.teacher(), api.student()
    course = course_of(api, teacher)
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    put(api, teacher, session, student, "present")

    def total() -> int:
        (line,) = api.get(f"/course/{course['id']}/report", teacher).json["students"]
        counted: int = line["total"]
        return counted

    def share() -> object:
        """The last cell of the session in the workbook."""
        file = io.BytesIO(api.get(f"/course/{course['id']}/report.xlsx", teacher).data)
        _, line = openpyxl.load_workbook(file)["Sessions"].iter_rows(values_only=True)
        return line[-1]

    assert (total(), share()) == (0, None)
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert (total(), share()) == (1, 1)
