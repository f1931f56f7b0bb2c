"""Two requests at once about one thing: one is done, the other is told so, and nothing is half."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from tests.attendance.school import audited
from tests.attendance.web.walking import School, refusal
from tests.conftest import Api, Person

pytestmark = pytest.mark.any_database

Call = tuple[str, str, Person, Any]


@pytest.fixture
def school(api: Api, parts: Services) -> School:
    return School(api, parts)


@pytest.fixture
def at_once(app: OpenAPI) -> Callable[..., list[tuple[int, str]]]:
    """Send calls (method, path, by, body) together; what each was answered, in any order."""

    def send(*calls: Call) -> list[tuple[int, str]]:
        begin = Barrier(len(calls))

        def one(call: Call) -> tuple[int, str]:
            method, path, by, body = call
            begin.wait(timeout=10)
            return refusal(Api(app).call(method, path, by, json=body))

        with ThreadPoolExecutor(len(calls)) as pool:
            return sorted(pool.map(one, calls))

    return send


Together = Callable[..., list[tuple[int, str]]]


def test_one_address_for_two_students(school: School, at_once: Together) -> None:
    body = {"email": "same@school.example"}
    people = (school.pupil, school.student)
    paths = [f"/admin/students/{person.row['id']}" for person in people]
    found = at_once(*[("PATCH", path, school.admin, body) for path in paths])
    assert found == [(200, ""), (409, "email_taken")]


def test_two_accounts_merged_into_each_other(school: School, at_once: Together) -> None:
    one, other = school.pupil.row["id"], school.student.row["id"]
    found = at_once(
        ("POST", f"/admin/students/{one}/merge", school.admin, {"into": other}),
        ("POST", f"/admin/students/{other}/merge", school.admin, {"into": one}),
    )
    assert found == [(200, ""), (404, "student_not_found")]
    left = school.api.get("/admin/students", school.admin).json["students"]
    assert len({one, other} & {row["id"] for row in left}) == 1


@pytest.mark.parametrize(
    ("path", "who", "missing"),
    [
        ("/admin/students/{student}", "admin", "student_not_found"),
        ("/admin/api-keys/{key_id}", "admin", "api_key_not_found"),
        ("/admin/holidays/{number}", "admin", "school_days_not_found"),
        ("/admin/webhooks/{webhook_id}", "admin", "webhook_not_found"),
        ("/plan/{plan_id}", "owner", "plan_not_found"),
        ("/excuse/{excuse_id}", "owner", "excuse_not_found"),
        ("/student/passkeys/{passkey}", "pupil", "passkey_not_found"),
    ],
)
def test_what_two_delete_is_deleted_once(
    school: School, parts: Services, at_once: Together, path: str, who: str, missing: str
) -> None:
    call = ("DELETE", path.format(**school.ids), getattr(school, who), None)
    assert at_once(call, call) == [(204, ""), (404, missing)]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/absence/{absence_id}/decide", (409, "absence_decided")),
        ("/appeal/{appeal_id}/decide", (409, "appeal_decided")),
        ("/course/requests/{request_id}/decide", (409, "join_request_decided")),
    ],
)
def test_what_two_decide_is_decided_once(
    school: School, at_once: Together, path: str, code: tuple[int, str]
) -> None:
    address = path.format(**school.ids)
    calls = [("POST", address, school.owner, {"accepted": said}) for said in (True, False)]
    assert at_once(*calls) == [(200, ""), code]


def test_an_absence_that_two_excuse_is_excused_once(
    school: School, parts: Services, at_once: Together
) -> None:
    path = "/absence/{absence_id}/decide".format(**school.ids)
    [reason] = school.api.get("/reasons", school.admin).json["reasons"]
    body = {"accepted": True, "reason_id": reason["id"]}
    found = at_once(*[("POST", path, by, body) for by in (school.owner, school.admin)])
    assert found == [(200, ""), (409, "absence_decided")]
    assert len(audited(parts, "absence.decide")) == 1
    excuses = school.api.get("/course/{course_id}/excuses".format(**school.ids), school.owner)
    assert [row["reason_id"] for row in excuses.json["excuses"]] == [None, reason["id"]]


def test_one_name_for_two_reasons(school: School, at_once: Together) -> None:
    body = {"name": "Trip", "code": "T", "status": "excused"}
    calls = [("POST", "/admin/reasons", school.admin, {**body, "code": code}) for code in "TU"]
    assert at_once(*calls) == [(201, ""), (409, "reason_exists")]


def test_an_enrolment_is_refused_once(school: School, parts: Services, at_once: Together) -> None:
    call = (
        "POST",
        f"/admin/enrolments/{school.ids['proposal']}/decide",
        school.owner,
        {"accepted": False},
    )
    assert at_once(call, call) == [(200, ""), (404, "enrolment_not_found")]
    assert len(audited(parts, "face.reject")) == 1


def test_two_roll_calls_leave_one_mark_a_student(school: School, at_once: Together) -> None:
    path = f"/session/{school.ids['session_id']}/attendance"
    statuses = ("present", "late")
    student = school.ids["student_id"]  # excused by an apology, so that no rest concerns him or her
    calls = [
        ("PUT", path, school.owner, {"changes": [{"student_id": student, "status": status}]})
        for status in statuses
    ]
    assert at_once(*calls) == [(200, ""), (200, "")]
    listed = f"/session/attendance?session_id={school.ids['session_id']}"
    [mark] = [
        row
        for row in school.api.get(listed, school.owner).json["attendance"]
        if row["student_id"] == school.ids["student_id"]
    ]
    assert mark["status"] in statuses


def test_a_session_that_is_stopped_and_discarded_together_is_gone(
    school: School, at_once: Together
) -> None:
    session = school.ids["session_id"]
    found = at_once(
        ("POST", "/session/stop", school.owner, {"session_id": session}),
        ("DELETE", f"/session/{session}", school.owner, None),
    )
    assert found in ([(200, ""), (204, "")], [(204, ""), (404, "session_not_found")])
    assert refusal(school.api.get(f"/session/{session}", school.owner))[0] == 404


def test_one_helper_is_let_in_once(school: School, at_once: Together) -> None:
    path = f"/course/{school.ids['course_id']}/staff"
    body = {"email": school.teacher.row["email"], "role": "assistant"}
    assert at_once(*[("POST", path, school.owner, body)] * 2) == [(200, ""), (201, "")]
    assert len(school.api.get(path, school.owner).json["staff"]) == 1
