"""People who can be corrected: words, numbers, faces, and two accounts of one person."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from database import faces, merging
from tests.attendance.school import audited, course_of, enrol, hold, listed, put
from tests.conftest import Api, FakeClock, Person, code_of, picture


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher(name="Ada")


def correct(api: Api, by: Person, student: Person, **fields: Any) -> Any:
    return api.call("PATCH", f"/admin/students/{student.row['id']}", by, json=fields)


def merge(api: Api, by: Person, one: Person, into: Person) -> Any:
    url = f"/admin/students/{one.row['id']}/merge"
    return api.post(url, by, json={"into": into.row["id"]})


def take_face(api: Api, by: Person, student: Person) -> Any:
    return api.call("DELETE", f"/admin/students/{student.row['id']}/face", by)


# -- words and numbers


def test_a_typing_error_is_put_right_and_audited(api: Api, admin: Person, parts: Services) -> None:
    student = api.student(name="Jnae", student_id="S1", email="jnae@school.example")
    fields = {
        "name": " Jane ",
        "email": "Jane@School.example",
        "student_id": "S01",
        "username": "Jane.Doe",
    }
    answer = correct(api, admin, student, **fields)
    assert answer.status_code == 200, answer.text
    shown = answer.json["student"]
    assert (shown["name"], shown["email"]) == ("Jane", "jane@school.example")
    assert (shown["student_id"], shown["username"]) == ("S01", "jane.doe")
    (line,) = audited(parts, "student.correct")
    assert json.loads(line["old_value"]) == {
        "name": "Jnae",
        "email": "jnae@school.example",
        "student_id": "S1",
        "username": None,
    }
    assert json.loads(line["new_value"])["name"] == "Jane"
    assert line["actor"] == f"teacher:{admin.row['id']}"
    again = correct(api, admin, student, name="Jane")
    assert again.status_code == 200
    assert len(audited(parts, "student.correct")) == 1, "nothing changed, so nothing is noted"


def test_what_is_another_students_is_refused(api: Api, admin: Person) -> None:
    ann = api.student(student_id="S1", email="ann@school.example")
    ben = api.student(student_id="S2", email="ben@school.example")
    assert correct(api, admin, ann, username="ann").status_code == 200
    for field, value, code in (
        ("student_id", "S1", "student_id_taken"),
        ("email", "ANN@school.example", "email_taken"),
        ("username", "Ann", "username_taken"),
        ("username", "s1", "username_taken"),
        ("student_id", "ANN", "student_id_taken"),
    ):
        assert code_of(correct(api, admin, ben, **{field: value})) == (409, code), field
    for wrong in ({"username": "a@b"}, {"username": "a b"}, {"name": ""}, {"name": None}):
        assert code_of(correct(api, admin, ben, **wrong)) == (400, "invalid_request"), wrong
    nobody = Person({"id": 999}, "", "")
    assert code_of(correct(api, admin, nobody, name="X")) == (404, "student_not_found")
    assert code_of(correct(api, api.teacher(name="Bob"), ben, name="X"))[0] == 403


def test_a_number_that_a_stranger_claimed_is_freed(api: Api, admin: Person) -> None:
    stranger = api.student(student_id="S007")
    answer = correct(api, admin, stranger, student_id=None)
    assert answer.json["student"]["student_id"].startswith("FREE-")
    owner = api.student(student_id="S007")
    assert owner.row["student_id"] == "S007"


def test_a_changed_address_ends_open_invitations(api: Api, admin: Person) -> None:
    course = course_of(api, admin)
    file = io.BytesIO(b"student_id,name,email\nS1,Ann,wrong@school.example\n")
    answer = api.post(f"/course/{course['id']}/roster", admin, data={"file": (file, "class.csv")})
    (row,) = answer.json["rows"]
    (student,) = api.get("/admin/students", admin).json["students"]
    token = row["invitation"]["link"].partition("#")[2]
    person = Person(student, "", "")
    assert correct(api, admin, person, name="Anna").status_code == 200
    body = {"token": token, "password": "long enough"}
    assert correct(api, admin, person, email="right@school.example").status_code == 200
    refused = api.post("/auth/set-password", json=body)
    assert code_of(refused) == (403, "invitation_invalid")


def test_renaming_is_noted_and_can_be_switched_off(
    api: Api, admin: Person, parts: Services
) -> None:
    student = api.student(name="Ann")
    renamed = api.call("PATCH", "/student/me", student, json={"name": "Annie"})
    assert renamed.json["student"]["name"] == "Annie"
    (line,) = audited(parts, "student.rename")
    assert json.loads(line["old_value"]) == {"name": "Ann"}
    off = {"student_renames": False}
    assert api.call("PATCH", "/admin/settings", admin, json=off).status_code == 200
    refused = api.call("PATCH", "/student/me", student, json={"name": "Queen"})
    assert code_of(refused) == (403, "renaming_off")
    cookies = Api(api.app, cookies=True)
    login = {"email": student.row["email"], "password": student.password}
    cookies.post("/student/login?transport=cookie", json=login)
    assert "Names are changed by the school" in cookies.get("/account").text
    same = api.call("PATCH", "/student/me", student, json={"name": "Annie", "course": "7b"})
    assert same.status_code == 200, same.text


@pytest.mark.parametrize("how", ["open", "invited", "closed"])
def test_who_comes_in_as_the_school_says(make_app: Callable[..., OpenAPI], how: str) -> None:
    api = Api(make_app(student_sign_up=how))
    admin = api.teacher()
    course = course_of(api, admin)
    body = {"name": "Ann", "email": "ann@x.example", "password": "long enough", "student_id": "S9"}
    signed_up = api.post("/student/signup", json=body)
    assert signed_up.status_code == (201 if how == "open" else 403)
    file = io.BytesIO(b"student_id,name,email\nS1,Ben,ben@school.example\n")
    answer = api.post(f"/course/{course['id']}/roster", admin, data={"file": (file, "class.csv")})
    (row,) = answer.json["rows"]
    assert row["result"] == "created"
    assert (row["invitation"] is None) == (how == "closed")
    invited = api.post(f"/course/{course['id']}/students/S1/invitation", admin)
    assert invited.status_code == (403 if how == "closed" else 201)


def test_an_invitation_from_before_lets_nobody_in_when_the_school_has_closed(
    make_app: Callable[..., OpenAPI],
) -> None:
    api = Api(make_app())
    admin = api.teacher()
    course = course_of(api, admin)
    file = io.BytesIO(b"student_id,name,email\nS1,Ben,ben@school.example\n")
    answer = api.post(f"/course/{course['id']}/roster", admin, data={"file": (file, "class.csv")})
    token = answer.json["rows"][0]["invitation"]["link"].partition("#")[2]
    body = {"token": token, "password": "long enough"}
    for how, status in (("closed", 403), ("invited", 200)):
        change = {"student_sign_up": how}
        assert api.call("PATCH", "/admin/settings", admin, json=change).status_code == 200
        assert api.post("/auth/set-password", json=body).status_code == status


# -- faces


def test_an_administrator_takes_a_face_out_and_nobody_else_brings_it_back(
    api: Api, admin: Person, parts: Services
) -> None:
    student = api.student("obama")
    assert take_face(api, admin, student).status_code == 204
    row = api.get("/student/me", student).json["student"]
    assert (row["templates"], row["consent_at"]) == (0, None)
    assert row["face_withdrawn_at"] is not None
    assert [line["actor"] for line in audited(parts, "face.remove")] == [
        f"teacher:{admin.row['id']}"
    ]
    assert code_of(api.upload("/verify", admin, picture("obama2"))) == (404, "face_unknown")
    assert take_face(api, admin, student).status_code == 204, "it is gone already"
    assert len(audited(parts, "face.remove")) == 1
    # the student gives the consent again
    api.enrol(student, "obama")
    row = api.get("/student/me", student).json["student"]
    assert (row["templates"], row["face_withdrawn_at"]) == (1, None)
    assert code_of(take_face(api, api.teacher(name="Bob"), student))[0] == 403
    nobody = Person({"id": 999}, "", "")
    assert code_of(take_face(api, admin, nobody)) == (404, "student_not_found")


# -- two accounts of one person


def test_two_accounts_become_one_and_the_earlier_mark_wins(
    api: Api, admin: Person, clock: FakeClock, parts: Services
) -> None:
    course = course_of(api, admin)
    one, into = api.student(name="Jan"), api.student(name="Jane")
    enrol(api, admin, course, one, into)
    both = api.session(admin, course_id=course["id"])
    put(api, admin, both, one, "present")
    clock.advance(minutes=5)
    put(api, admin, both, into, "absent")
    assert api.post("/session/stop", admin, json={"session_id": both["id"]}).status_code == 200
    later = hold(api, clock, admin, course, {"late": [one]})
    mine = hold(api, clock, admin, course, {"present": [into]})

    answer = merge(api, admin, one, into)
    assert answer.status_code == 200, answer.text
    assert answer.json["student"]["id"] == into.row["id"]
    assert [listed(api, admin, held) for held in (both, later, mine)] == [
        {"Jane": "present"},
        {"Jane": "late"},
        {"Jane": "present"},
    ]
    assert code_of(api.get("/student/me", one)) == (401, "token_invalid")
    own = api.get("/student/attendance/summary", into).json["overall"]
    assert (own["present"], own["total"]) == (3, 3)
    (line,) = audited(parts, "student.merge")
    assert json.loads(line["old_value"])["name"] == "Jan"
    assert [each["subject"] for each in audited(parts, "student.merged")] == [
        f"student:{one.row['id']}"
    ]
    assert code_of(merge(api, admin, one, into)) == (404, "student_not_found")
    assert code_of(merge(api, admin, into, into)) == (400, "invalid_request")
    assert code_of(merge(api, admin, into, one)) == (404, "student_not_found")


def test_the_later_mark_of_the_account_that_ends_is_dropped(
    api: Api, admin: Person, clock: FakeClock
) -> None:
    one, into = api.student(name="Jan"), api.student(name="Jane")
    session = api.session(admin)
    put(api, admin, session, into, "late")
    clock.advance(minutes=5)
    put(api, admin, session, one, "present")
    assert merge(api, admin, one, into).status_code == 200
    assert listed(api, admin, session) == {"Jane": "late"}


@pytest.mark.parametrize(
    ("status", "other", "stays"),
    [
        ("present", "absent", "present"),
        ("absent", "late", "late"),
        ("late", "excused", "late"),
        ("present", "late", "late"),
    ],
)
def test_of_two_marks_of_one_roll_call_that_of_having_been_there_counts(
    api: Api, admin: Person, status: str, other: str, stays: str
) -> None:
    course = course_of(api, admin)
    one, into = api.student(name="Jan"), api.student(name="Jane")
    enrol(api, admin, course, one, into)
    session = api.session(admin, course_id=course["id"])
    changes = [
        {"student_id": one.row["student_id"], "status": status},
        {"student_id": into.row["student_id"], "status": other},
    ]
    url = f"/session/{session['id']}/attendance"
    assert api.call("PUT", url, admin, json={"changes": changes}).status_code == 200
    assert merge(api, admin, one, into).status_code == 200
    assert listed(api, admin, session) == {"Jane": stays}


def test_the_face_goes_over_where_there_is_none(api: Api, admin: Person) -> None:
    registered = api.upload(
        "/register", admin, picture("obama"), first_name="Barack", last_name="O"
    )
    assert registered.status_code == 200, registered.text
    (one,) = api.get("/admin/students", admin).json["students"]
    into = api.student(name="Barack Obama")
    assert merge(api, admin, Person(one, "", ""), into).status_code == 200
    verified = api.upload("/verify", admin, picture("obama2"))
    assert verified.json["student_id"] == into.row["student_id"]


def test_a_withdrawn_consent_stays_withdrawn_in_a_merge(
    api: Api, admin: Person, parts: Services
) -> None:
    one, into = api.student("obama"), api.student("biden")
    assert api.call("DELETE", "/student/face", into).status_code == 204
    assert merge(api, admin, one, into).status_code == 200
    with parts.database.read() as tx:
        assert faces.all_templates(tx) == []
    assert api.get("/student/me", into).json["student"]["face_withdrawn_at"] is not None


def test_the_account_that_stays_takes_the_sign_in_that_it_lacks(api: Api, admin: Person) -> None:
    course = course_of(api, admin)
    file = io.BytesIO(b"student_id,name\nS1,Ann Lee\n")
    assert (
        api.post(
            f"/course/{course['id']}/roster", admin, data={"file": (file, "class.csv")}
        ).status_code
        == 200
    )
    one = api.student(email="ann@school.example", student_id="OTHER")
    (into,) = (
        row
        for row in api.get("/admin/students", admin).json["students"]
        if row["name"] == "Ann Lee"
    )
    assert merge(api, admin, one, Person(into, "", "")).status_code == 200
    login = {"email": "ann@school.example", "password": one.password}
    answer = api.post("/student/login", json=login)
    assert answer.json["student"]["student_id"] == "S1"


def test_every_table_that_names_students_is_thought_of(parts: Services) -> None:
    inspector = sa.inspect(parts.database.engine)
    naming = {
        table
        for table in inspector.get_table_names()
        for key in inspector.get_foreign_keys(table)
        if key["referred_table"] == "students"
    }
    assert naming == {*merging.TABLES, *merging.LEFT} - {"reservation_uses"}
