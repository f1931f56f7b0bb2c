"""Passwords reset by a link that an administrator hands out."""

from __future__ import annotations

import pytest

from tests.conftest import Api, FakeClock, Person, code_of


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_a_reset_link_sets_a_password_once(api: Api, clock: FakeClock, kind: str) -> None:
    admin = api.teacher()
    person: Person = getattr(api, kind)()
    path = f"/admin/{kind}s/{person.row['id']}/reset-password"
    answer = api.post(path, admin)
    assert answer.status_code == 200
    token = answer.json["link"].partition("#")[2]
    assert api.get(f"/{kind}/me", person).status_code == 200

    body = {"token": token, "password": "another horse"}
    assert api.post("/auth/set-password", json=body).status_code == 200
    assert code_of(api.get(f"/{kind}/me", person)) == (401, "token_invalid")
    login = {"email": person.row["email"], "password": "another horse"}
    assert api.post(f"/{kind}/login", json=login).status_code == 200
    assert code_of(api.post("/auth/set-password", json=body)) == (403, "invitation_invalid")

    late = api.post(path, admin).json["link"].partition("#")[2]
    clock.advance(days=1)
    body = {"token": late, "password": "another horse"}
    assert code_of(api.post("/auth/set-password", json=body)) == (410, "invitation_expired")

    lines = api.get("/admin/audit?action=password", admin).json["audit"]
    assert [line["action"] for line in reversed(lines)] == [
        *("password.reset_link", "password.set", "password.reset_link"),
    ]


def test_only_an_administrator_makes_reset_links(api: Api) -> None:
    admin, bob, student = api.teacher(), api.teacher(), api.student()
    for path in (
        f"/admin/teachers/{admin.row['id']}/reset-password",
        f"/admin/students/{student.row['id']}/reset-password",
    ):
        for by in (bob, student):
            assert code_of(api.post(path, by)) == (403, "forbidden")
    unknown = api.post("/admin/students/999/reset-password", admin)
    assert code_of(unknown) == (404, "student_not_found")
    unknown = api.post("/admin/teachers/999/reset-password", admin)
    assert code_of(unknown) == (404, "teacher_not_found")
