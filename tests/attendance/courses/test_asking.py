"""Whoever stands before a session and is not in its course asks to be let in."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from tests.attendance.school import course_of, enrol
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def teacher(api: Api) -> Person:
    api.teacher()
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher)


def ask(api: Api, student: Person, code: str) -> Any:
    return api.post("/session/ask-in", student, json={"code": code})


def test_a_student_asks_is_let_in_and_marks(
    app: OpenAPI, api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    student = api.student()
    session = api.session(teacher, course_id=course["id"])
    refused = api.post("/session/join", student, json={"code": session["code"]})
    assert code_of(refused) == (403, "not_enrolled")
    with (
        serving(app) as url,
        Listener(url, teacher.token) as desk,
        Listener(url, student.token) as phone,
    ):
        asked = ask(api, student, session["code"])
        assert (asked.status_code, asked.json["request"]["state"]) == (202, "open")
        assert desk.next("join_request_changed")["request"] == asked.json["request"]
        assert ask(api, student, session["code"]).status_code == 200
        waiting = {"appeals": 0, "join_requests": 1, "absences": 0, "refused": [], "teachers": 0}
        assert api.get("/waiting", teacher).json == waiting
        (request,) = api.get("/course/requests", teacher).json["requests"]
        of_course = api.get(f"/course/{course['id']}/requests", teacher).json["requests"]
        assert of_course == [request]
        path = f"/course/requests/{request['id']}/decide"
        answer = api.post(path, teacher, json={"accepted": True}).json["request"]
        assert answer["state"] == "accepted"
        phone.next("join_request_changed")
        assert phone.next("join_request_changed")["request"] == answer
        assert desk.next("course_changed") == {"course_id": course["id"]}
    assert code_of(api.post(path, teacher, json={"accepted": False})) == (
        *(409, "join_request_decided"),
    )
    joined = api.post("/session/join", student, json={"code": session["code"]})
    assert joined.status_code == 200


def test_whoever_was_declined_may_ask_again(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    student = api.student()
    code = api.session(teacher, course_id=course["id"])["code"]
    number = ask(api, student, code).json["request"]["id"]
    path = f"/course/requests/{number}/decide"
    declined = api.post(path, teacher, json={"accepted": False}).json["request"]
    assert declined["state"] == "declined"
    assert api.get("/course/requests", teacher).json["requests"] == []
    assert ask(api, student, code).status_code == 202
    export = api.get("/student/export", student).json["join_requests"]
    assert [line["state"] for line in export] == ["open"]


def test_whoever_came_in_another_way_waits_no_longer(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    student = api.student()
    code = api.session(teacher, course_id=course["id"])["code"]
    ask(api, student, code)
    enrol(api, teacher, course, student)
    assert api.get("/waiting", teacher).json["join_requests"] == 0
    answer = ask(api, student, code)
    assert (answer.status_code, answer.json["request"]["state"]) == (200, "accepted")


def test_only_with_the_code_of_an_open_session_of_a_course(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    student = api.student()
    assert code_of(ask(api, student, "WRONG7")) == (404, "session_not_found")
    assert code_of(api.post("/session/ask-in", student)) == (403, "join_required")
    free = api.session(teacher)
    assert code_of(ask(api, student, free["code"])) == (409, "no_course")
    session = api.session(teacher, course_id=course["id"])
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert code_of(ask(api, student, session["code"])) == (410, "session_ended")


def test_others_neither_see_nor_decide(api: Api, teacher: Person, course: dict[str, Any]) -> None:
    other, student = api.teacher(), api.student()
    code = api.session(teacher, course_id=course["id"])["code"]
    number = ask(api, student, code).json["request"]["id"]
    assert api.get("/course/requests", other).json["requests"] == []
    path = f"/course/requests/{number}/decide"
    for by in (other, student):
        assert code_of(api.post(path, by, json={"accepted": True})) == (403, "forbidden")
    missing = api.post("/course/requests/999/decide", teacher, json={"accepted": True})
    assert code_of(missing) == (404, "join_request_not_found")
    body = {"email": other.row["email"], "role": "assistant"}
    api.post(f"/course/{course['id']}/staff", teacher, json=body)
    assert api.get("/course/requests", other).json["requests"] == []  # an assistant does not decide
    assert code_of(api.post(path, other, json={"accepted": True})) == (403, "forbidden")


def test_the_administrator_hears_of_a_teacher_who_waits(make_app: Any) -> None:
    app = make_app(teacher_sign_up="approval")
    api = Api(app)
    admin = api.teacher()
    with serving(app) as url, Listener(url, admin.token) as listener:
        body = {"name": "Bob", "email": "bob@school.example", "password": "correct horse"}
        assert api.post("/teacher/signup", json=body).status_code == 202
        assert listener.next("teacher_waiting") == {"waiting": 1}
        assert api.get("/waiting", admin).json["teachers"] == 1
        api.post("/admin/teachers/2/approve", admin)
        assert listener.next("teacher_waiting") == {"waiting": 0}


def test_a_refusal_reaches_the_teacher_until_the_student_is_marked(
    app: OpenAPI, api: Api, teacher: Person
) -> None:
    student = api.student()
    session = api.session(teacher)
    with serving(app) as url, Listener(url, teacher.token) as listener:
        refused = api.mark(student, "obama", code=session["code"])
        assert code_of(refused) == (409, "face_not_enrolled")
        assert listener.next("refusal_noted") == {
            "session_id": session["id"],
            "student_id": student.row["student_id"],
            "name": student.row["name"],
            "code": "face_not_enrolled",
        }
    api.mark(student, "obama", code=session["code"])
    path = f"/session/{session['id']}/refused"
    (line,) = api.get(path, teacher).json["refused"]
    assert (line["code"], line["attempts"]) == ("face_not_enrolled", 2)
    refused_now = {"session_id": session["id"], "subject": "Algebra", "students": 1}
    assert api.get("/waiting", teacher).json["refused"] == [refused_now]
    assert code_of(api.get(path, api.teacher())) == (403, "forbidden")
    number = student.row["student_id"]
    mark = {"status": "present"}
    api.call("PUT", f"/session/{session['id']}/attendance/{number}", teacher, json=mark)
    assert api.get(path, teacher).json["refused"] == []
    assert api.get("/waiting", teacher).json["refused"] == []
