"""Tokens: missing, forged, expired, foreign, revoked; by header and by cookie."""

from __future__ import annotations

from datetime import timedelta

import jwt as pyjwt
import pytest
from flask_jwt_extended import create_access_token

from attendance.accounts.guard import account_of_token
from attendance.core.errors import TokenInvalid
from tests.conftest import PASSWORD, Api, Person, code_of

TEACHER_CALLS = [
    ("GET", "/teacher/me"),
    ("PATCH", "/teacher/me"),
    ("POST", "/session/start"),
    ("POST", "/session/lock"),
    ("POST", "/session/unlock"),
    ("POST", "/session/stop"),
    ("GET", "/session/attendance"),
    ("GET", "/session/mine"),
    ("GET", "/session/1/qr.png"),
    ("GET", "/session/1/export.csv"),
    ("POST", "/register"),
    ("POST", "/verify"),
]
STUDENT_CALLS = [
    ("GET", "/student/me"),
    ("PATCH", "/student/me"),
    ("POST", "/student/upload-face"),
    ("DELETE", "/student/face"),
    ("GET", "/student/attendance"),
    ("GET", "/student/attendance/summary"),
    ("POST", "/session/join"),
    ("POST", "/session/mark"),
]
ANY_CALLS = [("GET", "/session/1"), ("POST", "/auth/logout"), ("POST", "/auth/refresh")]


@pytest.mark.parametrize(("method", "path"), TEACHER_CALLS + STUDENT_CALLS + ANY_CALLS)
def test_no_call_is_open(api: Api, method: str, path: str) -> None:
    """The token comes before the body: what is sent does not matter."""
    assert code_of(api.call(method, path)) == (401, "token_missing")
    assert code_of(api.call(method, path, "not.a.token")) == (401, "token_invalid")


@pytest.mark.parametrize(("method", "path"), TEACHER_CALLS)
def test_a_student_may_not_call_what_is_a_teachers(api: Api, method: str, path: str) -> None:
    assert code_of(api.call(method, path, api.student())) == (403, "forbidden")


@pytest.mark.parametrize(("method", "path"), STUDENT_CALLS)
def test_a_teacher_may_not_call_what_is_a_students(api: Api, method: str, path: str) -> None:
    assert code_of(api.call(method, path, api.teacher())) == (403, "forbidden")


def test_an_expired_token_is_told_apart(api: Api) -> None:
    student = api.student()
    with api.app.app_context():
        old = create_access_token(
            f"student:{student.row['id']}",
            additional_claims={"ver": 0},
            expires_delta=timedelta(seconds=-1),
        )
    assert code_of(api.get("/student/me", old)) == (401, "token_expired")


@pytest.mark.parametrize(
    "claims", [{"sub": "student:4711"}, {"sub": "janitor:1"}, {"sub": "student:x"}, {"ver": 7}]
)
def test_a_token_that_names_nobody_is_refused(api: Api, claims: dict[str, object]) -> None:
    student = api.student()
    genuine = pyjwt.decode(student.token, options={"verify_signature": False})
    key = api.app.config["JWT_SECRET_KEY"]
    forged = pyjwt.encode({**genuine, **claims}, key, algorithm="HS256")
    assert code_of(api.get("/student/me", forged)) == (401, "token_invalid")


def test_a_token_signed_with_another_key_or_none_is_refused(api: Api) -> None:
    student = api.student()
    claims = pyjwt.decode(student.token, options={"verify_signature": False})
    for forged in (
        pyjwt.encode(claims, "x" * 48, algorithm="HS256"),
        pyjwt.encode(claims, None, algorithm="none"),
    ):
        assert code_of(api.get("/student/me", forged)) == (401, "token_invalid")


FOREIGN: list[dict[str, object]] = [
    {"exp": None},
    {"exp": "4102444800"},
    {"exp": 10**15},
    {"jti": None},
    {"jti": 7},
    {"aud": "somebody"},
    {"aud": ["attendance"]},
    {"iss": "somebody"},
    {"type": "join"},
    {"type": ["access"]},
    {"sub": "teacher:\u00b2"},
    {"sub": "student:\u0661"},
    {"sub": "student:01"},
    {"sub": "student:99999999999999999999"},
    {"sub": "device:1"},
    {"sub": 1},
    {"sub": None},
]


@pytest.mark.parametrize("changed", FOREIGN, ids=str)
def test_what_else_is_signed_with_the_key_is_no_token(api: Api, changed: dict[str, object]) -> None:
    student = api.student()
    key = api.app.config["JWT_SECRET_KEY"]

    def signed(token: str) -> str:
        claims = {**pyjwt.decode(token, options={"verify_signature": False}), **changed}
        kept = {name: value for name, value in claims.items() if value is not None}
        return pyjwt.encode(kept, key, algorithm="HS256")

    access, refresh = signed(student.token), signed(student.refresh_token)
    assert code_of(api.get("/student/me", access)) == (401, "token_invalid")
    assert code_of(api.post("/auth/refresh", refresh)) == (401, "token_invalid")
    body = {"refresh_token": refresh}
    assert api.post("/auth/logout", student, json=body).status_code == 204
    with api.app.app_context(), pytest.raises(TokenInvalid):
        account_of_token(access)
    assert api.post("/auth/refresh", student.refresh_token).status_code == 200


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_may_be_written_in_small_letters(api: Api, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {api.student().token}"}
    assert api.get("/student/me", headers=headers).status_code == 200


def test_who_is_not_known_is_told_how_to_authenticate(api: Api) -> None:
    for answer in (
        api.get("/student/me"),
        api.get("/student/me", "nonsense"),
        api.get("/student/me", headers={"X-API-Key": "nonsense"}),
        api.post("/student/login", json={"email": "a@b.example", "password": PASSWORD}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "WWW-Authenticate" not in api.get("/session/1", api.student()).headers


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(api: Api) -> None:
    student = api.student()
    assert code_of(api.get("/student/me", student.refresh_token)) == (401, "token_invalid")
    assert code_of(api.post("/auth/refresh", student.token)) == (401, "token_invalid")


def test_a_refresh_token_brings_a_new_access_token(api: Api) -> None:
    student = api.student()
    refreshed = api.post("/auth/refresh", student.refresh_token)
    assert refreshed.status_code == 200
    assert api.get("/student/me", refreshed.json["access_token"]).status_code == 200


def test_logout_revokes_the_token_and_the_refresh_token(api: Api) -> None:
    student = api.student()
    assert api.post("/auth/logout", student).status_code == 204
    assert code_of(api.get("/student/me", student)) == (401, "token_invalid")
    assert api.post("/auth/refresh", student.refresh_token).status_code == 200
    again = api.post(
        "/student/login", json={"email": student.row["email"], "password": PASSWORD}
    ).json
    body = {"refresh_token": again["refresh_token"]}
    assert api.post("/auth/logout", again["access_token"], json=body).status_code == 204
    refused = api.post("/auth/refresh", again["refresh_token"])
    assert code_of(refused) == (401, "token_invalid")


def test_logout_does_not_revoke_another_students_refresh_token(api: Api) -> None:
    student, other = api.student(), api.student()
    api.post("/auth/logout", student, json={"refresh_token": other.refresh_token})
    assert api.post("/auth/refresh", other.refresh_token).status_code == 200


def test_cookies_work_with_csrf_protection(api: Api) -> None:
    student = api.student()
    browser = Api(api.app, cookies=True)
    login = browser.post(
        "/student/login?transport=cookie",
        json={"email": student.row["email"], "password": PASSWORD},
    )
    assert "access_token" not in login.json
    cookies = {c.key: c for c in browser.client._cookies.values()}
    assert cookies["access_token_cookie"].http_only
    assert cookies["refresh_token_cookie"].http_only
    days_30 = 30 * 24 * 3600
    # it is gone shortly before the access token is at its end, and pages ask for another
    fresh = cookies.pop("access_token_is_fresh")
    assert (fresh.max_age, fresh.http_only) == (15 * 60 - 20, False)
    assert {c.max_age for name, c in cookies.items() if "token" in name} == {days_30}
    assert browser.get("/student/me").status_code == 200
    body = {"name": "New"}
    assert code_of(browser.call("PATCH", "/student/me", json=body)) == (401, "csrf_failed")
    csrf = {"X-CSRF-TOKEN": cookies["csrf_access_token"].value}
    changed = browser.call("PATCH", "/student/me", json=body, headers=csrf)
    assert changed.json["student"]["name"] == "New"
    csrf = {"X-CSRF-TOKEN": cookies["csrf_refresh_token"].value}
    assert browser.post("/auth/refresh?transport=cookie", headers=csrf).status_code == 200
    again = {c.key: c.max_age for c in browser.client._cookies.values()}
    for name in ("access_token_cookie", "csrf_access_token"):
        assert days_30 - 120 < again[name] <= days_30, "no longer than the token that gave it"


def test_another_teachers_session_is_closed_to_a_teacher_and_open_to_the_administrator(
    api: Api,
) -> None:
    admin, owner, other = api.teacher(), api.teacher(), api.teacher()
    number = api.session(owner)["id"]
    calls: list[tuple[str, str, dict[str, object]]] = [
        ("GET", f"/session/{number}", {}),
        ("GET", f"/session/{number}/qr.png", {}),
        ("GET", f"/session/{number}/export.csv", {}),
        ("GET", f"/session/attendance?session_id={number}", {}),
        ("POST", "/session/lock", {"json": {"session_id": number}}),
        ("POST", "/session/unlock", {"json": {"session_id": number}}),
        ("POST", "/session/stop", {"json": {"session_id": number}}),
    ]
    for method, path, options in calls:
        assert code_of(api.call(method, path, other, **options)) == (403, "forbidden"), path
    for method, path, options in calls:
        assert api.call(method, path, admin, **options).status_code == 200, path


def test_each_token_opens_the_own_records_only(api: Api) -> None:
    session = api.session(api.teacher())
    first: Person = api.student("obama")
    second = api.student("biden")
    api.mark(first, "obama2", code=session["code"])
    assert api.get("/student/attendance", second).json["attendance"] == []
    own = api.get("/student/attendance", first).json
    assert [row["session_id"] for row in own["attendance"]] == [session["id"]]
