"""Devices whose key is bound to courses: whom they find and register, and whom they do not."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from facerecog import Recognizer
from tests import classroom
from tests.attendance.school import course_of, enrol
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, Person, code_of, picture

pytestmark = pytest.mark.any_database

NAMES = {"first_name": "Grace", "last_name": "Hopper"}


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def courses(api: Api, admin: Person) -> list[dict[str, Any]]:
    """Two courses; Obama is in the first, Biden in the second."""
    made = [course_of(api, admin, code=code) for code in ("A", "B")]
    for course, who in zip(made, ("obama", "biden"), strict=True):
        enrol(api, admin, course, api.student(who, name=who))
    return made


def key_of(api: Api, admin: Person, **bound: Any) -> str:
    body = {"name": "Door", "scopes": ["register", "verify"], **bound}
    answer = api.post("/admin/api-keys", admin, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["key"])


def test_a_key_finds_students_of_its_courses_only(
    api: Api, admin: Person, courses: list[dict[str, Any]], recognizer: Recognizer
) -> None:
    first, both = (
        key_of(api, admin, course_ids=[course["id"] for course in bound])
        for bound in (courses[:1], courses)
    )
    own = api.upload("/verify", first, picture("obama2"), candidates="5")
    assert own.json["name"] == "obama"
    assert [each["name"] for each in own.json["candidates"]] == ["obama"]
    assert code_of(api.upload("/verify", first, picture("biden"))) == (404, "face_unknown")
    assert api.upload("/verify", both, picture("biden")).json["name"] == "biden"
    data = classroom.frame(recognizer, classroom.seats(["obama", "biden"]), 1)
    shown = api.upload("/verify", first, data, all_faces="true").json["faces"]
    assert sorted(str(face["name"]) for face in shown) == ["None", "obama"]
    shown = api.upload("/verify", admin, data, all_faces="true").json["faces"]
    assert sorted(str(face["name"]) for face in shown) == ["biden", "obama"]
    for course in courses:
        for row in api.get(f"/course/{course['id']}/students", admin).json["students"]:
            path = f"/course/{course['id']}/students/{row['student_id']}"
            assert api.call("DELETE", path, admin).status_code == 204
    for key in (first, both):
        refused = api.upload("/verify", key, picture("obama2"))
        assert code_of(refused) == (404, "face_unknown"), "who left is found with no later picture"


def test_a_key_registers_into_its_courses(
    app: OpenAPI, api: Api, admin: Person, courses: list[dict[str, Any]]
) -> None:
    key = key_of(api, admin, course_ids=[courses[0]["id"]])
    with serving(app) as url, Listener(url, admin.token) as listener:
        answer = api.upload("/register", key, picture("grace_hopper"), **NAMES)
        assert answer.status_code == 200, answer.text
        assert listener.next("course_changed")["course_id"] == courses[0]["id"]
    there, elsewhere = (
        {row["name"] for row in api.get(f"/course/{course['id']}/students", admin).json["students"]}
        for course in courses
    )
    assert there == {"obama", "Grace Hopper"}
    assert elsewhere == {"biden"}
    assert api.upload("/verify", key, picture("grace_hopper")).json["name"] == "Grace Hopper"
    body = {"archived": True}
    archived = api.call("PATCH", f"/course/{courses[0]['id']}", admin, json=body)
    assert archived.status_code == 200, archived.text
    before = api.get("/api/students/", admin).json
    refused = api.upload("/register", key, picture("astronaut"), **NAMES)
    assert code_of(refused) == (400, "course_archived")
    assert api.get("/api/students/", admin).json == before, "nobody is half registered"


def test_a_key_of_a_room_alone_finds_and_registers_nobody(
    api: Api, admin: Person, courses: list[dict[str, Any]]
) -> None:
    key = key_of(api, admin, room="R 101")
    refused = (403, "scope_missing")
    assert code_of(api.upload("/verify", key, picture("obama2"))) == refused
    assert code_of(api.upload("/verify", key, picture("obama2"), all_faces="true")) == refused
    assert code_of(api.upload("/register", key, picture("grace_hopper"), **NAMES)) == refused
    assert len(api.get("/api/students/", admin).json["students"]) == 2
    both = key_of(api, admin, room="R 101", course_ids=[courses[0]["id"]])
    assert api.upload("/verify", both, picture("obama2")).json["name"] == "obama"
