"""What people do to their own accounts: another address, another name, the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attendance.mailing import smtp_sink, wait_for_mail
from tests.attendance.school import course_of, enrol
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_another_address_takes_the_password_and_is_audited(api: Api, kind: str) -> None:
    admin = api.teacher()
    person: Person = getattr(api, kind)()
    path = f"/{kind}/me"

    def change(**body: Any) -> Any:
        return api.call("PATCH", path, person, json={"email": "New@School.example", **body})

    missing = change()
    assert missing.json["errors"][0] | {"message": ""} == {
        "field": "current_password",
        "type": "missing",
        "message": "",
    }
    assert code_of(change(current_password="wrong")) == (401, "login_failed")
    changed = change(current_password=person.password)
    assert changed.json[kind]["email"] == "new@school.example"
    login = {"email": "new@school.example", "password": person.password}
    assert api.post(f"/{kind}/login", json=login).status_code == 200
    old = {**login, "email": person.row["email"]}
    assert code_of(api.post(f"/{kind}/login", json=old)) == (401, "login_failed")
    (line,) = api.get(f"/admin/audit?action={kind}.email", admin).json["audit"]
    assert (line["old"], line["new"]) == (
        {"email": person.row["email"]},
        {"email": "new@school.example"},
    )


def test_an_address_that_somebody_has_is_refused(api: Api) -> None:
    one, other = api.student(), api.student()
    body = {"email": other.row["email"].upper(), "current_password": one.password}
    answer = api.call("PATCH", "/student/me", one, json=body)
    assert code_of(answer) == (409, "email_taken")


def test_the_address_before_is_told(make_app: Any) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
        api = Api(make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
        student = api.student()
        body = {"email": "new@school.example", "current_password": student.password}
        assert api.call("PATCH", "/student/me", student, json=body).status_code == 200
        wait_for_mail()
    assert [f"To: {student.row['email']}" in mail for mail in sink.emails] == [True]


def test_a_student_deletes_the_own_account_with_everything(api: Api) -> None:
    admin, student = api.teacher(), api.student()
    course = course_of(api, admin)
    enrol(api, admin, course, student)
    delete = {"current_password": "wrong"}
    assert code_of(api.call("DELETE", "/student/me", student, json=delete)) == (401, "login_failed")
    delete = {"current_password": student.password}
    assert api.call("DELETE", "/student/me", student, json=delete).status_code == 204
    assert code_of(api.get("/student/me", student)) == (401, "token_invalid")
    assert api.get(f"/course/{course['id']}/students", admin).json["students"] == []
    (line,) = api.get("/admin/audit?action=student.delete", admin).json["audit"]
    assert line["actor"] == f"student:{student.row['id']}"


def test_a_teacher_is_told_what_becomes_of_the_courses_and_leaves(api: Api) -> None:
    admin, teacher = api.teacher(), api.teacher()
    course = course_of(api, teacher)
    session = api.session(teacher, course_id=course["id"])
    told = api.get("/teacher/me/deletion", teacher).json
    assert told == {
        "courses": 1,
        "sessions": 1,
        "open_sessions": 1,
        "last_administrator": False,
        "heir": {"name": admin.row["name"], "email": admin.row["email"]},
    }
    body = {"current_password": teacher.password}
    answer = api.call("DELETE", "/teacher/me", teacher, json=body)
    assert code_of(answer) == (409, "open_sessions")
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert api.call("DELETE", "/teacher/me", teacher, json=body).status_code == 204
    assert code_of(api.get("/teacher/me", teacher)) == (401, "token_invalid")
    assert [one["id"] for one in api.get("/course/mine", admin).json["courses"]] == [course["id"]]


def test_courses_go_to_whom_the_teacher_names(api: Api) -> None:
    api.teacher()
    teacher, heir = api.teacher(), api.teacher()
    course = course_of(api, teacher)
    body = {"current_password": teacher.password, "transfer_to": teacher.row["email"]}
    answer = api.call("DELETE", "/teacher/me", teacher, json=body)
    assert answer.json["errors"][0]["type"] == "not_another"
    body["transfer_to"] = heir.row["email"]
    assert api.call("DELETE", "/teacher/me", teacher, json=body).status_code == 204
    assert [one["id"] for one in api.get("/course/mine", heir).json["courses"]] == [course["id"]]


def test_the_last_administrator_stays(api: Api) -> None:
    admin = api.teacher()
    assert api.get("/teacher/me/deletion", admin).json["last_administrator"]
    body = {"current_password": admin.password}
    answer = api.call("DELETE", "/teacher/me", admin, json=body)
    assert code_of(answer) == (409, "last_administrator")
    assert api.get("/teacher/me", admin).status_code == 200
