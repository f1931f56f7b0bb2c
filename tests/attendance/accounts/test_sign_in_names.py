"""People without a mailbox sign in by a user name or a number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask_openapi3 import OpenAPI

from tests.conftest import PASSWORD, Api, code_of

pytestmark = pytest.mark.any_database


def test_a_student_signs_in_by_address_user_name_or_number(api: Api) -> None:
    admin = api.teacher()
    student = api.student(student_id="S-07", email="ann@school.example")
    url = f"/admin/students/{student.row['id']}"
    fields = {"username": "Ann.Lee", "email": None}
    assert api.call("PATCH", url, admin, json=fields).status_code == 200
    for name in (
        {"username": "ANN.lee"},
        {"student_id": "S-07"},
        {"username": "S-07"},
    ):
        answer = api.post("/student/login", json={**name, "password": PASSWORD})
        assert answer.status_code == 200, name
        assert answer.json["student"]["id"] == student.row["id"]
    for wrong in (
        {"username": "nobody"},
        {"student_id": "ann.lee"},
        {"email": "ann@school.example"},
    ):
        answer = api.post("/student/login", json={**wrong, "password": PASSWORD})
        assert code_of(answer) == (401, "login_failed"), wrong
    answer = api.post("/teacher/login", json={"username": "ann.lee", "password": PASSWORD})
    assert code_of(answer) == (401, "login_failed")


def test_exactly_one_name_is_sent(api: Api) -> None:
    for body in ({}, {"email": "a@b.example", "username": "a"}):
        answer = api.post("/student/login", json={**body, "password": PASSWORD})
        assert code_of(answer) == (400, "invalid_request"), body


def test_a_number_is_guessed_as_seldom_as_an_address(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app(login_failures_per_hour=3))
    student = api.student(student_id="S-07")
    names = [{"student_id": "S-07"}, {"username": "S-07"}, {"email": student.row["email"]}]
    for name in names:
        answer = api.post("/student/login", json={**name, "password": "wrong"})
        assert code_of(answer) == (401, "login_failed")
    for name in names:
        answer = api.post("/student/login", json={**name, "password": PASSWORD})
        assert code_of(answer) == (429, "too_many_tries"), name


def test_addresses_of_closed_networks_are_a_setting(make_app: Callable[..., OpenAPI]) -> None:
    body = {"name": "Ada", "email": "ada@school.local", "password": PASSWORD}
    try:
        opened = Api(make_app(closed_network_addresses=True))
        assert opened.post("/teacher/signup", json=body).status_code == 201
        inside = {**body, "email": "ada@school.internal"}
        assert opened.post("/teacher/signup", json=inside).status_code == 201
    finally:
        usual = Api(make_app())
    assert code_of(usual.post("/teacher/signup", json=body)) == (400, "invalid_request")
