"""Agreement to cameras: asked apart, taken back at any time, shown to nobody else."""

from __future__ import annotations

import pytest

from tests.attendance.school import course_of, enrol
from tests.conftest import Api, Person

pytestmark = pytest.mark.any_database


def agreed(api: Api, student: Person) -> bool:
    said = api.get("/student/me", student).json["student"]["camera_consent"]
    assert isinstance(said, bool)
    return said


def agree(api: Api, student: Person, to: bool = True) -> None:
    answer = api.call("PATCH", "/student/me", student, json={"camera_consent": to})
    assert answer.status_code == 200, answer.text
    assert answer.json["student"]["camera_consent"] is to


def test_nobody_has_agreed_before_being_asked_and_enrolling_a_face_agrees_to_nothing_more(
    api: Api,
) -> None:
    student = api.student("obama")
    assert not agreed(api, student)


def test_a_student_agrees_and_takes_it_back(api: Api) -> None:
    student = api.student()
    agree(api, student)
    assert agreed(api, student)
    api.call("PATCH", "/student/me", student, json={"name": "Ada"})
    assert agreed(api, student), "another change leaves it alone"
    agree(api, student, False)
    assert not agreed(api, student)


def test_what_is_no_yes_or_no_is_refused(api: Api) -> None:
    student = api.student()
    for wrong in ("true", 1, []):
        answer = api.call("PATCH", "/student/me", student, json={"camera_consent": wrong})
        assert answer.status_code == 400, answer.text
    assert not agreed(api, student)


def test_no_list_shows_who_agreed(api: Api) -> None:
    admin = api.teacher()
    student = api.student("obama")
    course = course_of(api, admin)
    enrol(api, admin, course, student)
    agree(api, student)
    for path in (
        "/admin/students",
        f"/admin/students/{student.row['id']}",
        f"/course/{course['id']}/students",
        "/admin/audit",
    ):
        answer = api.get(path, admin)
        assert answer.status_code == 200, answer.text
        assert "camera_consent" not in answer.text
    assert api.get("/student/export", student).json["student"]["camera_consent"] is True


def test_who_deletes_the_face_withdraws_this_too(api: Api) -> None:
    student = api.student("obama")
    agree(api, student)
    assert api.call("DELETE", "/student/face", student).status_code == 204
    assert not agreed(api, student)
