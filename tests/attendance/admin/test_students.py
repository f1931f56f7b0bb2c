"""/admin/students, /admin/courses and /admin/sessions."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attendance.core.services import Services
from database import faces
from facerecog.containers import without_metadata
from tests.attendance.school import course_of, enrol, put
from tests.conftest import Api, FakeClock, Person, code_of, picture


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher(name="Ada")


def delete(api: Api, by: Person, student: Person) -> Any:
    return api.call("DELETE", f"/admin/students/{student.row['id']}", by)


def test_students_are_listed_by_number_and_found_by_text(api: Api, admin: Person) -> None:
    api.student(name="Zoe", student_id="B_2", email="zoe@school.example")
    api.student(name="Élodie", student_id="A1")
    listed = api.get("/admin/students", admin).json
    assert [row["student_id"] for row in listed["students"]] == ["A1", "B_2"]
    assert listed["total"] == 2
    for text in ("b_2", "ZOE", "zoe@SCHOOL"):
        found = api.get("/admin/students", admin, query_string={"q": text}).json
        assert [row["name"] for row in found["students"]] == ["Zoe"]
    found = api.get("/admin/students", admin, query_string={"q": "élo"}).json
    assert [row["name"] for row in found["students"]] == ["Élodie"]
    one = found["students"][0]
    assert api.get(f"/admin/students/{one['id']}", admin).json == {"student": one}
    assert code_of(api.get("/admin/students/999", admin)) == (404, "student_not_found")


def test_a_deleted_student_leaves_nothing_but_nameless_marks(
    api: Api, admin: Person, parts: Services
) -> None:
    student = api.student("obama", name="Barack", student_id="S1", email="barack@school.example")
    session = api.session(admin)
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200

    assert delete(api, admin, student).status_code == 204
    assert code_of(api.get("/student/me", student)) == (401, "token_invalid")
    assert code_of(delete(api, admin, student)) == (404, "student_not_found")
    query = {"session_id": session["id"]}
    (mark,) = api.get("/session/attendance", admin, query_string=query).json["attendance"]
    assert mark["name"] == "Deleted student"
    assert mark["student_id"].startswith("deleted-")
    assert (mark["status"], mark["email"], mark["distance"]) == ("present", None, None)
    with parts.database.read() as tx:
        assert faces.all_templates(tx) == []
        rows = tx.all("SELECT * FROM students")
    assert "Barack" not in str(rows)
    assert "barack" not in str(rows)
    # the nameless account is no student: it is not listed, and cannot be deleted again
    assert api.get("/admin/students", admin).json["students"] == []
    assert code_of(delete(api, admin, Person(rows[0], "", ""))) == (404, "student_not_found")


def test_the_index_forgets_a_deleted_student_in_every_process(
    make_app: Callable[..., Any],
) -> None:
    api, other = Api(make_app()), Api(make_app())
    admin = api.teacher()
    student = api.student("obama")
    assert other.upload("/verify", admin, picture("obama2")).status_code == 200
    assert delete(api, admin, student).status_code == 204
    assert code_of(api.upload("/verify", admin, picture("obama2"))) == (404, "face_unknown")
    assert code_of(other.upload("/verify", admin, picture("obama2"))) == (404, "face_unknown")
    # and the face is free for a new account
    api.student("obama")


def test_the_marks_go_where_the_school_says_so(make_app: Callable[..., Any]) -> None:
    api = Api(make_app(deleted_student_marks="remove"))
    admin = api.teacher()
    student = api.student("obama")
    session = api.session(admin)
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    assert delete(api, admin, student).status_code == 204
    query = {"session_id": session["id"]}
    assert api.get("/session/attendance", admin, query_string=query).json["attendance"] == []


def test_photographs_of_a_deleted_student_are_gone(
    make_app: Callable[..., Any], tmp_path: Path
) -> None:
    api = Api(make_app(keep_photos=True))
    admin = api.teacher()
    student = api.student("obama")
    assert len(list((tmp_path / "uploads").iterdir())) == 1
    assert delete(api, admin, student).status_code == 204
    assert list((tmp_path / "uploads").iterdir()) == []


def test_the_administrator_sees_the_sessions_of_everybody(api: Api, admin: Person) -> None:
    bob = api.teacher(name="Bob")
    session = api.session(bob, subject="Botany")
    api.session(admin)
    listed = api.get("/admin/sessions", admin).json
    assert listed["total"] == 2
    query = {"teacher_id": bob.row["id"]}
    (only,) = api.get("/admin/sessions", admin, query_string=query).json["sessions"]
    assert only["id"] == session["id"]
    assert only["teacher"] == {"id": bob.row["id"], "name": "Bob"}
    assert (only["code"], only["marks"]) == (session["code"], 0)
    assert api.get("/admin/courses", admin).json["courses"] == []


def test_a_student_exports_everything_about_himself(
    make_app: Callable[..., Any], parts: Services
) -> None:
    api = Api(make_app(keep_photos=True))
    admin = api.teacher()
    student, other = api.student("obama", student_id="S1"), api.student("biden")
    session = api.session(admin, subject="Botany")
    for person, frame in ((student, "obama2"), (other, "biden")):
        assert api.mark(person, picture(frame), code=session["code"]).status_code == 200

    answer = api.get("/student/export", student)
    assert answer.headers["Cache-Control"] == "no-store"
    own = answer.json
    assert own["student"] == api.get("/student/me", student).json["student"]
    (template,) = own["templates"]
    exported = base64.b64decode(template["photograph"])
    kept = exported == without_metadata(picture("obama"))
    assert kept, "the photograph is exported as it is kept"
    embedding = np.frombuffer(base64.b64decode(template["embedding"]), "<f4")
    assert embedding.shape == (parts.faces.recognizer.info["embedding_size"],)
    assert abs(float(np.linalg.norm(embedding)) - 1) < 1e-3
    assert [(row["subject"], row["status"]) for row in own["attendance"]] == [("Botany", "present")]
    assert own["courses"] == []
    assert "password" not in answer.text

    path = f"/admin/students/{student.row['id']}/export"
    assert code_of(api.get(path, student)) == (403, "forbidden")
    by_admin = api.get(path, admin).json
    assert by_admin["attendance"] == own["attendance"]
    assert [line["action"] for line in by_admin["audit"]] == ["face.enrol", "student.export"]
    assert code_of(api.get("/student/export", admin)) == (403, "forbidden")


def test_an_export_holds_rows_of_every_kind(api: Api, admin: Person, clock: FakeClock) -> None:
    student, course = api.student("obama"), course_of(api, admin)
    enrol(api, admin, course, student)
    session = api.session(admin, course_id=course["id"])
    url = f"/session/{session['id']}"
    assert code_of(api.mark(student, "biden", code=session["code"]))[1] == "face_mismatch"
    assert api.post(f"{url}/appeal", student, json={"reason": "It is me"}).status_code == 201
    put(api, admin, session, student, "late", remark="The bus")
    answer = api.call("DELETE", f"{url}/attendance?confirm=true", admin)
    assert answer.json == {"cleared": 1}
    put(api, admin, session, student, "present")
    change = {"student_id": student.row["student_id"], "status": "late", "remark": "Roll call"}
    answer = api.call("PUT", f"{url}/attendance", admin, json={"changes": [change]})
    assert answer.status_code == 200, answer.text
    excuse = {"student_id": student.row["student_id"], "from": "2026-03-09", "to": "2026-03-10"}
    answer = api.post(f"/course/{course['id']}/excuses", admin, json=excuse)
    assert answer.status_code == 201, answer.text

    export = api.get("/student/export", student).json
    assert [row["code"] for row in export["courses"]] == ["MA101"]
    assert [row["status"] for row in export["attendance"]] == ["late"]
    assert [row["code"] for row in export["refusals"]] == ["face_mismatch"]
    assert [row["reason"] for row in export["appeals"]] == ["It is me"]
    assert [(row["first_day"], row["last_day"]) for row in export["excuses"]] == [
        ("2026-03-09", "2026-03-10")
    ]
    assert [(row["status"], row["remark"]) for row in export["cleared_marks"]] == [
        ("late", "The bus")
    ]
    assert [(row["remark"], row["old_status"]) for row in export["corrected_marks"]] == [
        ("Roll call", "present")
    ]
    assert export["audit"]
