"""API keys of devices."""

from __future__ import annotations

import io
from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import course_of
from tests.conftest import Api, FakeClock, Person, code_of, picture


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


def make(api: Api, by: Person, *scopes: str, **fields: Any) -> dict[str, Any]:
    body = {"name": "Door", "scopes": list(scopes), **fields}
    answer = api.post("/admin/api-keys", by, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def test_a_device_registers_and_verifies_with_a_key_in_either_header(
    api: Api, admin: Person
) -> None:
    key = make(api, admin, "register", "verify")["key"]
    names = {"first_name": "Barack", "last_name": "Obama"}
    registered = api.upload("/register", key, picture("obama"), **names)
    assert registered.status_code == 200, registered.text
    data = {"image": (io.BytesIO(picture("obama2")), "frame.jpg")}
    verified = api.post("/verify", headers={"X-API-Key": key}, data=data)
    assert verified.json["name"] == "Barack Obama"
    (line,) = api.get("/admin/audit?action=student.register", admin).json["audit"]
    assert line["actor"].startswith("api_key:")


def test_a_key_opens_only_what_its_scopes_name(api: Api, admin: Person) -> None:
    key = make(api, admin, "verify")["key"]
    lacking = (403, "scope_missing")
    names = {"first_name": "Barack", "last_name": "Obama"}
    assert code_of(api.upload("/register", key, picture("obama"), **names)) == lacking
    for method, path in (
        ("GET", "/admin/teachers"),
        ("GET", "/admin/api-keys"),
        ("GET", "/teacher/me"),
        ("POST", "/session/start"),
        ("GET", "/student/export"),
        ("POST", "/auth/refresh"),
        ("POST", "/auth/logout"),
    ):
        assert code_of(api.call(method, path, key)) == lacking


def test_a_revoked_or_expired_or_invented_key_is_refused(
    api: Api, admin: Person, clock: FakeClock
) -> None:
    made = make(api, admin, "verify")
    short = make(api, admin, "verify", expires_at="2026-03-02T08:05:00Z")
    assert code_of(api.upload("/verify", short["key"], picture("obama")))[0] == 404
    clock.advance(minutes=5)
    refused = (401, "api_key_invalid")
    assert code_of(api.upload("/verify", short["key"], picture("obama"))) == refused
    assert api.call("DELETE", f"/admin/api-keys/{made['api_key']['id']}", admin).status_code == 204
    assert code_of(api.upload("/verify", made["key"], picture("obama"))) == refused
    assert code_of(api.upload("/verify", "ak_" + "A" * 43, picture("obama"))) == refused
    answer = api.call("DELETE", f"/admin/api-keys/{made['api_key']['id']}", admin)
    assert code_of(answer) == (404, "api_key_not_found")


def test_the_key_is_shown_once_and_only_its_hash_is_kept(
    api: Api, admin: Person, parts: Services
) -> None:
    made = make(api, admin, "verify", "verify", name="North gate")
    listed = api.get("/admin/api-keys", admin)
    assert made["key"] not in listed.text
    assert listed.json["api_keys"] == [made["api_key"]]
    assert made["api_key"]["scopes"] == ["verify"]
    assert made["key"].startswith(made["api_key"]["hint"])
    with parts.database.read() as tx:
        rows = str(tx.all("SELECT * FROM api_keys")) + str(tx.all("SELECT * FROM audit"))
    assert made["key"] not in rows


def test_the_last_use_is_shown(api: Api, admin: Person, clock: FakeClock) -> None:
    made = make(api, admin, "verify")

    def used() -> str | None:
        (row,) = api.get("/admin/api-keys", admin).json["api_keys"]
        return row["last_used_at"]

    assert used() is None
    for _ in range(2):
        api.upload("/verify", made["key"], picture("obama"))
        assert used() == "2026-03-02T08:00:00.000000Z"
        clock.advance(seconds=30)
    clock.advance(seconds=30)
    api.upload("/verify", made["key"], picture("obama"))
    assert used() == "2026-03-02T08:01:30.000000Z"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Door", "scopes": []},
        {"name": "Door", "scopes": ["everything"]},
        {"name": "", "scopes": ["verify"]},
        {"scopes": ["verify"]},
        {"name": "Door", "scopes": ["verify"], "expires_at": "2026-03-02T08:05:00"},
    ],
)
def test_a_key_needs_a_name_and_known_scopes(api: Api, admin: Person, body: dict[str, Any]) -> None:
    assert code_of(api.post("/admin/api-keys", admin, json=body)) == (400, "invalid_request")


def test_only_an_administrator_makes_keys(api: Api, admin: Person) -> None:
    body = {"name": "Door", "scopes": ["verify"]}
    assert code_of(api.post("/admin/api-keys", api.teacher(), json=body)) == (403, "forbidden")
    assert code_of(api.post("/admin/api-keys", json=body)) == (401, "token_missing")


def test_a_key_reads_the_lists_that_its_scopes_name(api: Api) -> None:
    admin = api.teacher()
    body = {"name": "Report", "scopes": ["attendance:read"]}
    key = api.post("/admin/api-keys", admin, json=body).json["key"]
    assert api.get("/api/attendance/records", key).status_code == 200
    assert api.get("/stats/daily", key).status_code == 200
    assert code_of(api.get("/api/students/", key)) == (403, "scope_missing")


def test_a_key_goes_with_the_last_course_that_it_is_bound_to(api: Api, admin: Person) -> None:
    first, second = (course_of(api, admin, code=code)["id"] for code in ("A", "B"))
    bounds: list[dict[str, Any]] = [
        {"course_ids": [first]},
        {"course_ids": [first, second]},
        {"course_ids": [first], "room": "R1"},
        {},
    ]
    for number, bound in enumerate(bounds):
        make(api, admin, "mark", name=f"Key {number}", **bound)
    assert api.call("DELETE", f"/course/{first}", admin).status_code == 204
    left = api.get("/admin/api-keys", admin).json["api_keys"]
    assert [row["name"] for row in left] == ["Key 3", "Key 2", "Key 1"]
    [line] = api.get("/admin/audit?action=api_key.delete", admin).json["audit"]
    assert line["actor"] == f"teacher:{admin.row['id']}"
