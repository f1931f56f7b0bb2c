"""Signing up, signing in, the account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from attendance.accounts import passwords
from attendance.core.services import Services
from tests.conftest import PASSWORD, Api, FakeClock, code_of

TEACHER = {"name": "Ada", "email": "ada@school.example", "password": PASSWORD}
STUDENT = {**TEACHER, "student_id": "S001"}


def test_the_first_teacher_is_the_administrator_and_the_next_waits(make_app) -> None:  # type: ignore[no-untyped-def]  # a fixture
    api = Api(make_app(teacher_sign_up="approval"))
    first = api.post("/teacher/signup", json=TEACHER)
    assert first.status_code == 201
    assert (first.json["teacher"]["role"], first.json["teacher"]["state"]) == ("admin", "active")
    second = api.post("/teacher/signup", json={**TEACHER, "email": "bob@school.example"})
    assert second.status_code == 202
    assert second.json["teacher"]["state"] == "pending"
    assert "access_token" not in second.json
    login = api.post("/teacher/login", json={"email": "bob@school.example", "password": PASSWORD})
    assert code_of(login) == (403, "account_pending")


def test_of_two_first_teachers_at_once_one_is_the_administrator(api: Api) -> None:
    def sign_up(number: int) -> str:
        body = {**TEACHER, "email": f"t{number}@school.example"}
        role: str = Api(api.app).post("/teacher/signup", json=body).json["teacher"]["role"]
        return role

    with ThreadPoolExecutor(6) as pool:
        roles = [f.result() for f in [pool.submit(sign_up, number) for number in range(6)]]
    assert sorted(roles) == ["admin"] + ["teacher"] * 5


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_sign_up_and_sign_in_bring_tokens(api: Api, kind: str) -> None:
    body = {**STUDENT, "email": "Ada@School.Example"}
    signed_up = api.post(f"/{kind}/signup", json=body)
    assert signed_up.status_code == 201
    assert signed_up.json[kind]["email"] == "ada@school.example"
    assert "password" not in signed_up.text
    login = api.post(f"/{kind}/login", json={"email": "ADA@school.example", "password": PASSWORD})
    assert login.status_code == 200
    assert {"access_token", "refresh_token", kind} == set(login.json)
    assert api.get(f"/{kind}/me", login.json["access_token"]).json[kind]["name"] == "Ada"


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(api: Api, kind: str) -> None:
    api.post(f"/{kind}/signup", json=STUDENT)
    wrong_password = {"email": STUDENT["email"], "password": "not this one"}
    wrong_name = {"email": "nobody@school.example", "password": PASSWORD}
    too_short = {"email": STUDENT["email"], "password": "x"}
    too_long = {"email": STUDENT["email"], "password": PASSWORD + "x" * 100}
    answers = [
        api.post(f"/{kind}/login", json=body)
        for body in (wrong_password, wrong_name, too_short, too_long)
    ]
    assert [code_of(answer) for answer in answers] == [(401, "login_failed")] * 4
    assert len({answer.data for answer in answers}) == 1


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bcrypt

    api.post("/student/signup", json=STUDENT)
    calls: list[int] = []
    check = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        calls.append(int(hashed.split(b"$")[2]))
        return check(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    for email in (STUDENT["email"], "nobody@school.example"):
        api.post("/student/login", json={"email": email, "password": "not this one"})
    assert calls == [4, 4]


def test_login_tries_are_counted_per_account(make_app) -> None:  # type: ignore[no-untyped-def]  # a fixture
    api = Api(make_app(login_tries_per_minute=3))
    api.post("/student/signup", json=STUDENT)
    other = {**STUDENT, "email": "bob@school.example", "student_id": "S002"}
    api.post("/student/signup", json=other)
    wrong = {"email": STUDENT["email"], "password": "not this one"}
    for _ in range(3):
        assert code_of(api.post("/student/login", json=wrong)) == (401, "login_failed")
    refused = api.post("/student/login", json={**wrong, "password": PASSWORD})
    assert code_of(refused) == (429, "too_many_tries")
    assert int(refused.headers["Retry-After"]) > 0
    good = {"email": other["email"], "password": PASSWORD}
    assert api.post("/student/login", json=good).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "a\u0000b"),
        ("name", "x" * 201),
        ("email", "not an address"),
        ("password", "short"),
        ("password", "ä" * 37),  # 74 bytes: bcrypt would cut it
        ("student_id", ""),
        ("name", None),
    ],
)
def test_a_wrong_field_is_named(api: Api, field: str, value: str | None) -> None:
    body = {key: v for key, v in {**STUDENT, field: value}.items() if v is not None}
    refused = api.post("/student/signup", json=body)
    assert code_of(refused) == (400, "invalid_request")
    assert refused.json["errors"][0]["field"] == field


def test_a_password_of_72_bytes_is_used_whole(api: Api) -> None:
    password = "ä" * 36
    api.post("/student/signup", json={**STUDENT, "password": password})
    login = {"email": STUDENT["email"], "password": password}
    assert api.post("/student/login", json=login).status_code == 200
    login["password"] = "ä" * 35 + "a"
    assert code_of(api.post("/student/login", json=login)) == (401, "login_failed")


def test_taken_addresses_and_numbers_are_told(api: Api) -> None:
    api.post("/teacher/signup", json=TEACHER)
    assert code_of(api.post("/teacher/signup", json=TEACHER)) == (409, "email_taken")
    api.post("/student/signup", json=STUDENT)
    assert code_of(api.post("/student/signup", json=STUDENT)) == (409, "student_id_taken")
    other = {**STUDENT, "student_id": "S002"}
    assert code_of(api.post("/student/signup", json=other)) == (409, "email_taken")


def test_a_changed_password_ends_every_token(api: Api, clock: FakeClock) -> None:
    student = api.student()
    wrong = {"password": "a new password", "current_password": "not this one"}
    assert code_of(api.call("PATCH", "/student/me", student, json=wrong)) == (401, "login_failed")
    missing = {"password": "a new password"}
    answer = api.call("PATCH", "/student/me", student, json=missing)
    assert code_of(answer) == (400, "invalid_request")
    right = {**wrong, "current_password": PASSWORD}
    changed = api.call("PATCH", "/student/me", student, json=right)
    assert changed.status_code == 200
    assert code_of(api.get("/student/me", student)) == (401, "token_invalid")
    refused = api.post("/auth/refresh", student.refresh_token)
    assert code_of(refused) == (401, "token_invalid")
    assert api.get("/student/me", changed.json["access_token"]).status_code == 200
    login = {"email": student.row["email"], "password": "a new password"}
    assert api.post("/student/login", json=login).status_code == 200


@pytest.mark.parametrize(("kind", "field"), [("teacher", "department"), ("student", "course")])
def test_the_own_account_can_be_changed(api: Api, kind: str, field: str) -> None:
    person = api.teacher() if kind == "teacher" else api.student()
    changed = api.call("PATCH", f"/{kind}/me", person, json={"name": "New", field: "Physics"})
    assert changed.json[kind]["name"] == "New"
    assert changed.json[kind][field] == "Physics"
    cleared = api.call("PATCH", f"/{kind}/me", person, json={field: None})
    assert cleared.json[kind][field] is None
    assert cleared.json[kind]["name"] == "New"


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    refused = api.post("/student/login", data="{", content_type="application/json")
    assert code_of(refused) == (400, "invalid_request")
    assert code_of(api.post("/student/login", data="name=1")) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_others_can_write_while_a_password_is_hashed(
    api: Api, parts: Services, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = api.teacher() if kind == "teacher" else api.student()
    hash_password, written = passwords.hash_password, 0

    def slowly(password: str, rounds: int) -> str:
        nonlocal written
        with parts.database.write() as tx:
            written += tx.execute("UPDATE counters SET value = value WHERE name = 'faces'")
        return hash_password(password, rounds)

    monkeypatch.setattr(passwords, "hash_password", slowly)
    body = {"password": "another password", "current_password": person.password}
    assert api.call("PATCH", f"/{kind}/me", person, json=body).status_code == 200
    assert written == 1


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_spaces_around_an_address_are_no_new_tries(make_app, kind: str) -> None:  # type: ignore[no-untyped-def]  # a fixture
    api = Api(make_app(login_tries_per_minute=2))
    api.post(f"/{kind}/signup", json=STUDENT)
    codes = [
        code_of(
            api.post(
                f"/{kind}/login",
                json={"email": f"{STUDENT['email']}{' ' * spaces}", "password": "not this one"},
            )
        )[1]
        for spaces in range(3)
    ]
    assert codes == ["login_failed", "login_failed", "too_many_tries"]


@pytest.mark.parametrize("depth", [10, 900, 5_000, 50_000])
def test_json_that_nests_too_deeply_is_a_mistake_of_the_client(api: Api, depth: int) -> None:
    answer = api.post("/student/login", data="[" * depth, content_type="application/json")
    assert code_of(answer) == (400, "invalid_request")
