"""Oneself: a face that takes another's place resembles it, or waits for a person; all is told."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask_openapi3 import OpenAPI

from attendance.core.mail import Email, Mailer
from attendance.core.services import Services
from attendance.web.current import services_of
from facerecog import Recognizer
from tests.conftest import Api, Person, code_of, picture

pytestmark = pytest.mark.any_database


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def letters(parts: Services, monkeypatch: pytest.MonkeyPatch) -> list[Email]:
    sent: list[Email] = []
    monkeypatch.setattr(Mailer, "send", lambda _self, emails: sent.extend(emails))
    return sent


def upload(api: Api, student: Person, face: str) -> Any:
    return api.upload("/student/upload-face", student, picture(face))


def waiting(api: Api, by: Person) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get("/admin/enrolments", by).json["enrolments"]
    return rows


def decide(api: Api, by: Person, row: dict[str, Any], accepted: bool) -> Any:
    return api.post(f"/admin/enrolments/{row['id']}/decide", by, json={"accepted": accepted})


def actions(parts: Services, student: Person) -> list[str]:
    with parts.database.read() as tx:
        rows = tx.all(
            "SELECT action FROM audit WHERE subject = :s AND action LIKE 'face.%' ORDER BY id",
            s=f"student:{student.row['id']}",
        )
    return [row["action"] for row in rows]


def enrolled_in_course(api: Api, teacher: Person, student: Person) -> None:
    course = api.post("/course", teacher, json={"code": "M", "name": "A"}).json["course"]
    body = {"student_id": student.row["student_id"]}
    api.post(f"/course/{course['id']}/students", teacher, json=body)


def test_a_face_that_resembles_takes_the_others_place_at_once(
    api: Api, parts: Services, admin: Person, letters: list[Email]
) -> None:
    student = api.student("obama")
    assert upload(api, student, "obama2").status_code == 200
    assert actions(parts, student) == ["face.enrol", "face.change"]
    assert [letter.to for letter in letters] == [student.row["email"]] * 2
    assert "with your consent" in letters[0].text
    assert "replaced" in letters[1].text


def test_a_helpers_face_waits_marks_nothing_and_can_be_refused(
    api: Api, parts: Services, admin: Person, teacher: Person, letters: list[Email]
) -> None:
    student = api.student("obama")
    answer = upload(api, student, "biden")
    assert (answer.status_code, answer.json["pending"]) == (202, True)
    session = api.session(teacher)
    assert code_of(api.mark(student, "biden", code=session["code"])) == (422, "face_mismatch")
    assert waiting(api, teacher) == [], "of another teacher's student"
    [row] = waiting(api, admin)
    assert (row["student_id"], row["replaces"]) == (student.row["student_id"], True)
    assert row["distance"] > 1
    assert code_of(decide(api, teacher, row, True)) == (404, "enrolment_not_found")
    assert decide(api, admin, row, False).json["accepted"] is False
    assert waiting(api, admin) == []
    assert code_of(decide(api, admin, row, True)) == (404, "enrolment_not_found")
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    assert actions(parts, student) == ["face.enrol", "face.propose", "face.reject"]
    assert "not confirmed" in letters[-1].text


def test_a_teacher_of_the_student_confirms(
    api: Api, parts: Services, admin: Person, teacher: Person
) -> None:
    student = api.student("obama")
    enrolled_in_course(api, teacher, student)
    upload(api, student, "grace_hopper")
    upload(api, student, "biden")  # the later one counts
    [row] = waiting(api, teacher)
    assert decide(api, teacher, row, True).json["accepted"] is True
    session = api.session(teacher)
    assert api.mark(student, "biden", code=session["code"]).status_code == 200
    assert actions(parts, student)[-1] == "face.accept"
    [line] = api.get("/admin/audit?action=face.accept", admin).json["audit"]
    assert line["actor"] == f"teacher:{teacher.row['id']}"


def test_a_first_face_waits_where_the_school_wants_that(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app(confirm_first_enrolments=True))
    admin, student = api.teacher(), api.student()
    assert upload(api, student, "obama").status_code == 202
    assert api.get("/student/me", student).json["student"]["templates"] == 0
    session = api.session(admin)
    assert api.mark(student, "obama2", code=session["code"]).status_code == 202, "nor its mark"
    [row] = waiting(api, admin)
    assert (row["replaces"], row["distance"], row["first_marks"]) == (False, None, 1)
    decide(api, admin, row, True)
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200


def test_who_decides_sees_both_faces_until_the_decision(
    make_app: Callable[..., OpenAPI], recognizer: Recognizer
) -> None:
    app = make_app(keep_photos=True)
    api, parts = Api(app), services_of(app)
    admin, stranger, student = api.teacher(), api.teacher(), api.student("obama")
    teacher = api.teacher()
    enrolled_in_course(api, teacher, student)
    upload(api, student, "biden")
    [row] = waiting(api, teacher)
    assert (row["picture"], row["before"]) == (True, True)
    path = f"/admin/enrolments/{row['id']}"

    def nearest(which: str) -> str:
        """Of whom the picture is."""
        answer = api.get(f"{path}/{which}.jpg", teacher)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert len(answer.data) < 20_000
        shown = recognizer.analyse(answer.data).embedding
        apart = {
            name: float(np.linalg.norm(shown - recognizer.analyse(picture(name)).embedding))
            for name in ("obama", "biden")
        }
        return min(apart, key=lambda name: apart[name])

    assert (nearest("new"), nearest("before")) == ("biden", "obama")
    for which in ("new", "before"):
        refused = api.get(f"{path}/{which}.jpg", stranger)
        assert code_of(refused) == (404, "enrolment_not_found")
    with parts.database.read() as tx:
        kept = tx.all("SELECT picture FROM proposed_templates")
    assert len(kept) == 1
    assert not bytes(kept[0]["picture"]).startswith(b"\xff\xd8"), "it is encrypted"
    own = api.get(f"/admin/students/{student.row['id']}/export", admin).json
    exported = base64.b64decode(own["proposed_faces"][0]["picture"])
    assert exported == api.get(f"{path}/new.jpg", admin).data
    decide(api, teacher, row, False)
    for which in ("new", "before"):
        gone = api.get(f"{path}/{which}.jpg", teacher)
        assert code_of(gone) == (404, "enrolment_not_found")


def test_no_photograph_of_the_face_before_is_made_up(
    api: Api, parts: Services, admin: Person
) -> None:
    student = api.student("obama")
    upload(api, student, "biden")
    [row] = waiting(api, admin)
    assert (row["picture"], row["before"]) == (True, False)
    gone = api.get(f"/admin/enrolments/{row['id']}/before.jpg", admin)
    assert code_of(gone) == (404, "enrolment_not_found")


def test_a_face_that_somebody_enrolled_meanwhile_is_not_confirmed(api: Api, admin: Person) -> None:
    student = api.student("obama")
    upload(api, student, "biden")
    other = api.student("biden")
    [row] = waiting(api, admin)
    assert code_of(decide(api, admin, row, True)) == (409, "face_taken")
    assert other.row["id"] != student.row["id"]


def test_what_waits_goes_with_the_face_and_is_the_students_own_data(
    api: Api, parts: Services, admin: Person
) -> None:
    student = api.student("obama")
    upload(api, student, "biden")
    own = api.get(f"/admin/students/{student.row['id']}/export", admin)
    assert len(own.json["proposed_faces"]) == 1
    api.call("DELETE", "/student/face", student)
    assert waiting(api, admin) == []
