"""A face that is put in the place of the one before: noted, and told to the teachers."""

from __future__ import annotations

import pytest
from flask_openapi3 import OpenAPI

from attendance.web.current import services_of
from tests.attendance.school import audited, course_of, enrol
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, picture

pytestmark = pytest.mark.any_database


def test_a_face_changed_for_another_is_noted_and_told(app: OpenAPI, api: Api) -> None:
    api.teacher()
    teacher, student = api.teacher(), api.student("obama")
    course = course_of(api, teacher)
    enrol(api, teacher, course, student)
    path = f"/course/{course['id']}/students"
    assert api.get(path, teacher).json["students"][0]["face_changed_at"] is None
    with serving(app) as url, Listener(url, teacher.token) as listener:
        answer = api.upload("/student/upload-face", student, picture("biden"))
        assert (answer.status_code, answer.json["pending"]) == (202, True)
        [waits] = api.get("/admin/enrolments", teacher).json["enrolments"]
        decided = api.post(
            f"/admin/enrolments/{waits['id']}/decide", teacher, json={"accepted": True}
        )
        assert decided.status_code == 200, decided.text
        assert listener.next("face_changed") == {
            "student_id": student.row["student_id"],
            "name": student.row["name"],
        }
    changed_at = api.get(path, teacher).json["students"][0]["face_changed_at"]
    assert changed_at == "2026-03-02T08:00:00.000000Z"
    (line,) = audited(services_of(app), "face.change")
    who = (f"teacher:{teacher.row['id']}", f"student:{student.row['id']}")
    assert (line["actor"], line["subject"]) == who
