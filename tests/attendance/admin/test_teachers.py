"""/admin/teachers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from attendance.core.services import Services
from database import audit
from tests.conftest import Api, Person, code_of


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher(name="Ada", email="ada@school.example")


def change(api: Api, by: Person, teacher: Person, role: str) -> Any:
    return api.call("PATCH", f"/admin/teachers/{teacher.row['id']}", by, json={"role": role})


def do(api: Api, by: Person, teacher: Person, what: str) -> Any:
    return api.post(f"/admin/teachers/{teacher.row['id']}/{what}", by)


def actions(parts: Services) -> list[str]:
    with parts.database.read() as tx:
        rows = audit.page(tx, audit.Filter(), before=None, limit=50)
    return [row["action"] for row in reversed(rows)]


def test_a_pending_teacher_is_listed_first_and_approved(make_app: Callable[..., Any]) -> None:
    api = Api(make_app(teacher_sign_up="approval"))
    admin = api.teacher(name="Ada")
    body = {"name": "Zoe", "email": "zoe@school.example", "password": "correct horse"}
    assert api.post("/teacher/signup", json=body).status_code == 202

    listed = api.get("/admin/teachers", admin).json
    assert [row["name"] for row in listed["teachers"]] == ["Zoe", "Ada"]
    assert listed["total"] == 2
    zoe = listed["teachers"][0]
    assert (zoe["state"], zoe["courses"], zoe["sessions"]) == ("pending", 0, 0)
    assert "password_hash" not in zoe

    login = {"email": body["email"], "password": body["password"]}
    assert code_of(api.post("/teacher/login", json=login)) == (403, "account_pending")
    approved = api.post(f"/admin/teachers/{zoe['id']}/approve", admin)
    assert approved.json["teacher"]["state"] == "active"
    assert api.post("/teacher/login", json=login).status_code == 200


def test_the_list_is_filtered_by_state_and_text(api: Api, admin: Person) -> None:
    api.teacher(name="Ärzte 100%", email="doctor@school.example")
    names = lambda **query: [  # noqa: E731  # a sentence each below
        row["name"]
        for row in api.get("/admin/teachers", admin, query_string=query).json["teachers"]
    ]
    assert names(q="äRZ") == ["Ärzte 100%"]
    assert names(q="0%") == ["Ärzte 100%"]
    assert names(q="%a") == []
    assert names(q="DOCTOR@") == ["Ärzte 100%"]
    assert names(state="pending") == []
    assert names(per_page=1, page=2) == ["Ärzte 100%"]


def test_suspension_ends_tokens_at_once_and_approval_does_not_revive_them(
    api: Api, admin: Person, parts: Services
) -> None:
    bob = api.teacher(name="Bob", email="bob@school.example")
    assert do(api, admin, bob, "suspend").json["teacher"]["state"] == "suspended"
    assert code_of(api.get("/teacher/me", bob)) == (401, "token_invalid")
    assert code_of(api.post("/auth/refresh", bob.refresh_token)) == (401, "token_invalid")
    login = {"email": "bob@school.example", "password": bob.password}
    assert code_of(api.post("/teacher/login", json=login)) == (403, "account_suspended")

    assert do(api, admin, bob, "approve").status_code == 200
    assert code_of(api.get("/teacher/me", bob)) == (401, "token_invalid")
    assert api.post("/teacher/login", json=login).status_code == 200
    assert actions(parts) == [
        *("teacher.signup", "teacher.signup", "teacher.suspend", "teacher.approve")
    ]


def test_suspending_twice_is_one_line_in_the_audit_log(
    api: Api, admin: Person, parts: Services
) -> None:
    bob = api.teacher()
    assert do(api, admin, bob, "suspend").status_code == 200
    assert do(api, admin, bob, "suspend").status_code == 200
    assert actions(parts).count("teacher.suspend") == 1


def test_a_teacher_becomes_administrator_and_teacher_again(api: Api, admin: Person) -> None:
    bob = api.teacher()
    assert code_of(api.get("/admin/teachers", bob)) == (403, "forbidden")
    assert change(api, admin, bob, "admin").json["teacher"]["role"] == "admin"
    assert api.get("/admin/teachers", bob).status_code == 200
    assert change(api, admin, bob, "teacher").json["teacher"]["role"] == "teacher"
    assert code_of(api.get("/admin/teachers", bob)) == (403, "forbidden")


def test_a_suspended_teacher_cannot_become_administrator(api: Api, admin: Person) -> None:
    bob = api.teacher()
    do(api, admin, bob, "suspend")
    assert code_of(change(api, admin, bob, "admin")) == (403, "forbidden")


def test_the_last_administrator_stays(api: Api, admin: Person) -> None:
    bob = api.teacher()
    change(api, admin, bob, "admin")
    do(api, admin, bob, "suspend")  # an administrator who cannot sign in does not count
    refused = (409, "last_administrator")
    assert code_of(do(api, admin, admin, "suspend")) == refused
    assert code_of(change(api, admin, admin, "teacher")) == refused
    assert code_of(api.call("DELETE", f"/admin/teachers/{admin.row['id']}", admin)) == refused
    assert api.get("/admin/teachers", admin).status_code == 200


def test_two_administrators_who_demote_each_other_at_once_leave_one(
    api: Api, admin: Person, app: Any
) -> None:
    bob = api.teacher()
    change(api, admin, bob, "admin")
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def demote(by: Person, other: Person) -> None:
        own = Api(app)
        barrier.wait()
        statuses.append(change(own, by, other, "teacher").status_code)

    threads = [threading.Thread(target=demote, args=pair) for pair in ((admin, bob), (bob, admin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # the second is refused: as no administrator any more, or because nobody would be left
    assert sorted(statuses) in ([200, 403], [200, 409])


def test_a_teacher_without_records_is_deleted(api: Api, admin: Person) -> None:
    bob = api.teacher(email="bob@school.example")
    assert api.call("DELETE", f"/admin/teachers/{bob.row['id']}", admin).status_code == 204
    assert code_of(api.get("/teacher/me", bob)) == (401, "token_invalid")
    assert code_of(do(api, admin, bob, "approve")) == (404, "teacher_not_found")
    assert api.teacher(email="bob@school.example").row["id"] != bob.row["id"]


def test_sessions_are_handed_over_before_their_teacher_is_deleted(api: Api, admin: Person) -> None:
    bob = api.teacher()
    session = api.session(bob)
    path = f"/admin/teachers/{bob.row['id']}"
    assert code_of(api.call("DELETE", path, admin)) == (409, "teacher_has_records")
    for heir in (bob.row["id"], 999):
        answer = api.call("DELETE", f"{path}?transfer_to={heir}", admin)
        assert answer.status_code in (400, 404)
    assert api.get("/teacher/me", bob).status_code == 200

    answer = api.call("DELETE", f"{path}?transfer_to={admin.row['id']}", admin)
    assert answer.status_code == 204
    mine = api.get("/session/mine", admin).json["sessions"]
    assert [row["id"] for row in mine] == [session["id"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/teachers"),
        ("POST", "/admin/teachers/1/approve"),
        ("POST", "/admin/teachers/1/suspend"),
        ("PATCH", "/admin/teachers/1"),
        ("DELETE", "/admin/teachers/1"),
        ("GET", "/admin/students"),
        ("GET", "/admin/students/1"),
        ("DELETE", "/admin/students/1"),
        ("GET", "/admin/courses"),
        ("GET", "/admin/sessions"),
        ("GET", "/admin/audit"),
        ("GET", "/admin/audit.csv"),
        ("GET", "/admin/settings"),
        ("PATCH", "/admin/settings"),
    ],
)
def test_only_an_administrator_gets_in(api: Api, admin: Person, method: str, path: str) -> None:
    assert code_of(api.call(method, path)) == (401, "token_missing")
    assert code_of(api.call(method, path, api.teacher())) == (403, "forbidden")
    assert code_of(api.call(method, path, api.student())) == (403, "forbidden")
