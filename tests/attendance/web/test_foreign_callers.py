"""Every call of the description, made by somebody who may not: nothing is told, nothing is done."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from tests.attendance.school import course_of
from tests.attendance.web.walking import MARKER, MISSING, Operation, School, operations, refusal
from tests.conftest import Api, Person

pytestmark = pytest.mark.any_database

# What whoever has no account may ask.
OPEN = {
    "GET /calendar/{token}.ics",
    "GET /docs",
    "GET /docs/errors",
    "GET /health",
    "GET /health/ready",
    "GET /join/{ticket}",
    "GET /openapi.json",
    "POST /auth/first-sign-in",
    "POST /auth/forgot-password",
    "POST /auth/password-link",
    "POST /auth/set-password",
    "POST /digest",
    "POST /guardian/absence",
    "POST /guardian/absence-with-note",
    "POST /guardian/consent",
    "POST /guardian/link",
    "POST /guardian/withdraw",
    "POST /student/login",
    "POST /student/signup",
    "POST /teacher/login",
    "POST /teacher/signup",
}
# What stands below /admin and is for every teacher, each with the own students only.
TEACHERS_TOO = {
    "GET /admin/enrolments",
    "GET /admin/enrolments/{proposal}/before.jpg",
    "GET /admin/enrolments/{proposal}/new.jpg",
    "POST /admin/enrolments/{proposal}/decide",
}


@pytest.fixture
def school(api: Api, parts: Services) -> School:
    return School(api, parts)


def of_an_account(app: OpenAPI) -> list[Operation]:
    return [each for each in operations(app) if str(each) not in OPEN]


def test_without_a_token_only_a_few_calls_answer(app: OpenAPI, school: School) -> None:
    everything = list(operations(app))
    assert len(everything) > 180
    assert {str(each) for each in everything if not each.needs_token} == OPEN
    before = school.tables()
    for each in of_an_account(app):
        for ids in ({}, school.ids):
            answer = each.send(school.api, None, ids)
            assert refusal(answer) == (401, "token_missing"), each
            assert MARKER not in answer.text
    assert school.tables() == before


def test_a_token_of_the_wrong_kind_opens_nothing(app: OpenAPI, school: School) -> None:
    before = school.tables()
    refused = (403, "forbidden")
    walked = 0
    for each in of_an_account(app):
        by_whom = kinds_of(app, each)
        if each.path.startswith("/admin/"):
            assert by_whom == ({"teacher"} if str(each) in TEACHERS_TOO else {"admin"}), each
        strangers = {"student": school.student, "teacher": school.teacher}
        for kind, person in strangers.items():
            if by_whom & {kind, "any", "refresh token"}:
                continue
            for ids in ({}, school.ids):
                answer = each.send(school.api, person, ids)
                assert refusal(answer) == refused, (each, kind)
                assert MARKER not in answer.text
            walked += 1
    assert walked > 150
    assert school.tables() == before


def kinds_of(app: OpenAPI, each: Operation) -> set[str]:
    """For whom a call says that it is, in the page of the API."""
    path = each.path.replace("{", "<").replace("}", ">")
    for rule in app.url_map.iter_rules():
        plain = re.sub(r"<\w+:", "<", rule.rule)
        if plain == path and each.method.upper() in (rule.methods or ()):
            return {str(getattr(app.view_functions[rule.endpoint], "role", None))}
    raise AssertionError(f"no route for {each}")


# What names an id, and is answered without the ones of others; or looks at a picture first.
ANSWERED = {
    "GET /session/mine": (200, ""),
    "GET /admin/courses": (200, ""),
    "GET /admin/sessions": (200, ""),
    "POST /kiosk/mark": (403, "forbidden"),  # a device's only
    "POST /register": (400, "image_unreadable"),
}
NOT_MINE = {(403, "forbidden"), (403, "not_enrolled")}


def is_not_found(refused: tuple[int, str]) -> bool:
    return refused[0] == 404 and refused[1].endswith("_not_found")


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_what_is_somebody_elses_is_neither_told_nor_touched(
    app: OpenAPI, school: School, kind: str
) -> None:
    stranger = {"teacher": school.teacher, "student": school.student}[kind]
    before, walked = school.tables(), 0
    for each in of_an_account(app):
        if not kinds_of(app, each) & {kind, "any"} or not each.names & set(school.ids):
            continue
        answer = each.send(school.api, stranger, school.ids)
        assert MARKER not in answer.text, each
        found = refusal(answer)
        expected = ANSWERED.get(str(each))
        assert found in NOT_MINE | {expected} or is_not_found(found), (each, found)
        walked += 1
    assert walked > {"teacher": 70, "student": 9}[kind]
    assert school.tables() == before


@pytest.mark.parametrize("kind", ["admin", "teacher", "student"])
def test_what_is_not_there_is_not_found(app: OpenAPI, school: School, kind: str) -> None:
    caller = {"admin": school.admin, "teacher": school.owner, "student": school.pupil}[kind]
    missing = {**dict.fromkeys(school.ids, MISSING), "student_id": "X99"}
    before, walked = school.tables(), 0
    for each in of_an_account(app):
        if not kinds_of(app, each) & {kind, "any"} or not each.names & set(missing):
            continue
        found = refusal(each.send(school.api, caller, missing))
        assert is_not_found(found) or found == ANSWERED.get(str(each)), (each, found)
        walked += 1
    assert walked > {"admin": 20, "teacher": 70, "student": 9}[kind]
    assert school.tables() == before


def caller_of(app: OpenAPI, school: School, each: Operation) -> Person | str:
    """Somebody who may make the call."""
    [kind] = kinds_of(app, each)
    if kind == "refresh token":
        return school.owner.refresh_token
    people = {"admin": school.admin, "student": school.pupil}
    return people.get(kind, school.owner)


def test_bodies_that_are_huge_broken_or_of_another_kind_are_refused(
    app: OpenAPI, school: School
) -> None:
    before, walked = school.tables(), 0
    for each in operations(app):
        if each.content is None:
            continue
        by = None if str(each) in OPEN else caller_of(app, school, each)

        def sent(content: str, data: bytes, each: Operation = each, by: Any = by) -> Any:
            how = {"json": None, "data": data, "content_type": content}
            return refusal(each.send(school.api, by, school.ids, **how))

        if each.content == "application/json":
            huge = b'{"x": "' + b"x" * 65_536 + b'"}'
            assert sent(each.content, huge) == (413, "request_too_large"), each
            empty = [b""] if each.needs_body else []
            for broken in (*empty, b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a":' * 5000):
                assert sent(each.content, broken) == (400, "invalid_request"), (each, broken[:9])
            assert sent("text/plain", b"{}") == (400, "invalid_request"), each
        walked += 1
    assert walked > 60
    assert school.tables() == before


def key_of(school: School, *scopes: str, **bound: Any) -> str:
    """A device's key, which is sent as a token is."""
    body = {"name": "Device", "scopes": list(scopes), **bound}
    answer = school.api.post("/admin/api-keys", school.admin, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["key"])


def test_a_text_that_is_called_jpg_is_no_picture(app: OpenAPI, school: School) -> None:
    ids = {name: value for name, value in school.ids.items() if name != "passkey"}
    kiosk, walked = key_of(school, "mark"), 0
    before = school.tables()
    for each in of_an_account(app):
        # who marks is asked for a code before any picture is looked at
        if "image" not in each.names or each.path == "/session/mark":
            continue
        by = kiosk if each.path.startswith("/kiosk/") else caller_of(app, school, each)
        assert refusal(each.send(school.api, by, ids)) == (400, "image_unreadable"), each
        walked += 1
    assert walked == 8
    after = school.tables()
    del before["api_keys"], after["api_keys"]  # when it was last used
    assert after == before


# What a device may call with a key of a scope: no more than stands here.
OF_SCOPE = {
    "students:read": {"GET /api/students/"},
    "attendance:read": {"GET /api/attendance/records", "GET /stats/daily"},
    "register": {"POST /register"},
    "verify": {"POST /verify"},
    "mark": {"GET /kiosk/state", "POST /kiosk/mark"},
    "camera": set(),
}


@pytest.mark.parametrize("scope", sorted(OF_SCOPE))
def test_a_key_opens_what_its_scope_says(app: OpenAPI, school: School, scope: str) -> None:
    key = key_of(school, scope)
    before = school.tables()
    for each in of_an_account(app):
        found = refusal(each.send(school.api, key, {}))
        if str(each) in OF_SCOPE[scope]:
            assert found[0] not in (401, 403), (each, found)
        else:
            assert found[0] in (401, 403), (each, found)
    after = school.tables()
    del before["api_keys"], after["api_keys"]  # when it was last used
    assert after == before


@pytest.mark.parametrize("scope", ["students:read", "attendance:read"])
def test_a_key_that_is_bound_to_a_course_tells_nothing_of_another(
    app: OpenAPI, school: School, scope: str
) -> None:
    other = course_of(school.api, school.teacher, code="OTHER")
    key = key_of(school, scope, course_ids=[other["id"]])
    for path in OF_SCOPE[scope]:
        for query in ("", f"?course_id={school.ids['course_id']}"):
            answer = school.api.get(path.removeprefix("GET ") + query, key)
            assert MARKER not in answer.text, answer.text
            assert refusal(answer) == (403, "scope_missing")
        own = school.api.get(path.removeprefix("GET ") + f"?course_id={other['id']}", key)
        assert own.status_code == 200, own.text
    # a key that is bound to a course that goes, goes with it: bound to nothing it would serve all
    assert school.api.call("DELETE", f"/course/{other['id']}", school.teacher).status_code == 204
    for path in OF_SCOPE[scope]:
        answer = school.api.get(path.removeprefix("GET "), key)
        assert refusal(answer) == (401, "api_key_invalid")


def test_a_token_for_other_purposes_opens_nothing(app: OpenAPI, school: School) -> None:
    ended = school.api.student()
    assert school.api.post("/auth/logout-everywhere", ended).status_code == 204
    revoked = {school.owner.refresh_token, ended.token}
    for token in (*revoked, "x", "a.b.c", school.owner.token[:-3] + "AAA", "att_" + "x" * 40):
        before = school.tables()
        for each in of_an_account(app):
            if str(each) == "POST /auth/refresh" and token in revoked:
                continue
            assert refusal(each.send(school.api, token, school.ids))[0] == 401, (each, token)
        assert school.tables() == before
