"""Students with like faces, and pairs of them that a teacher allows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attendance.core.services import Services
from database import faces
from tests.attendance.school import audited, course_of, enrol
from tests.conftest import Api, Person, code_of, picture

TAKEN, MISMATCH = (409, "face_taken"), (422, "face_mismatch")


def number(student: Person) -> str:
    return str(student.row["student_id"])


def allow(api: Api, by: Person, one: Person, other: Person) -> None:
    body = {"student_ids": [number(one), number(other)]}
    answer = api.post("/look-alikes/allowed", by, json=body)
    assert answer.status_code == 204, answer.text


def withdraw(api: Api, by: Person, one: Person, other: Person) -> None:
    query = f"student_id={number(one)}&other_id={number(other)}"
    answer = api.call("DELETE", f"/look-alikes/allowed?{query}", by)
    assert answer.status_code == 204, answer.text


def marks_of(api: Api, by: Person, session: dict[str, Any]) -> list[dict[str, Any]]:
    found = api.get("/session/attendance", by, query_string={"session_id": session["id"]})
    rows: list[dict[str, Any]] = found.json["attendance"]
    return rows


@pytest.fixture
def admin(api: Api) -> Person:
    """The first teacher of a school is its administrator."""
    return api.teacher()


@pytest.fixture
def twins(api: Api, admin: Person) -> tuple[Person, Person]:
    """Two students with one face, allowed as a pair and enrolled."""
    one, other = api.student("obama"), api.student()
    allow(api, admin, one, other)
    api.enrol(other, "obama2")
    return one, other


def test_a_twins_face_is_taken_until_the_pair_is_allowed(api: Api, admin: Person) -> None:
    one, other, third = api.student("obama"), api.student(), api.student()
    assert code_of(api.upload("/student/upload-face", other, picture("obama2"))) == TAKEN
    allow(api, admin, other, one)
    assert api.upload("/student/upload-face", other, picture("obama2")).status_code == 200
    # Of a third person it is still the face of two others.
    assert code_of(api.upload("/student/upload-face", third, picture("obama3"))) == TAKEN


def test_a_mark_of_an_allowed_pair_counts_and_says_so(
    api: Api, admin: Person, twins: tuple[Person, Person]
) -> None:
    one, other = twins
    session = api.session(admin)
    marked = api.mark(one, "obama2", code=session["code"])  # the very picture of the other
    assert marked.status_code == 200, marked.text
    assert api.mark(other, "obama", code=session["code"]).status_code == 200
    listed = marks_of(api, admin, session)
    assert [row["remark"] for row in listed] == [
        "The face could be that of either of an allowed pair."
    ] * 2


def test_a_pair_that_is_withdrawn_refuses_the_nearer_face_again(
    api: Api, admin: Person, twins: tuple[Person, Person]
) -> None:
    one, other = twins
    session = api.session(admin)
    withdraw(api, admin, other, one)
    assert code_of(api.mark(one, "obama2", code=session["code"])) == MISMATCH
    assert api.mark(one, "obama", code=session["code"]).status_code == 200
    (row,) = marks_of(api, admin, session)
    assert row["remark"] is None


def test_the_own_face_must_be_near_enough_in_a_pair_too(
    api: Api, parts: Services, admin: Person
) -> None:
    one, other = api.student("obama"), api.student("biden")
    allow(api, admin, one, other)
    session = api.session(admin)
    assert code_of(api.mark(one, "biden", code=session["code"])) == MISMATCH
    marked = api.mark(one, "obama2", code=session["code"])
    assert marked.status_code == 200
    (row,) = marks_of(api, admin, session)
    assert row["remark"] is None  # the other's face is far away


def test_a_classmate_outside_of_the_pair_still_refuses(
    api: Api, parts: Services, admin: Person, twins: tuple[Person, Person]
) -> None:
    one, _ = twins
    api.student("biden")
    session = api.session(admin)
    lax = parts.settings.model_copy(update={"face_threshold": 2.0})
    object.__setattr__(parts, "settings", lax)
    assert code_of(api.mark(one, "biden", code=session["code"])) == MISMATCH


def test_look_alikes_are_listed_with_their_distance_the_nearest_first(
    api: Api, parts: Services, admin: Person, twins: tuple[Person, Person]
) -> None:
    one, other = twins
    stranger, apart = api.student("biden"), api.student()
    allow(api, admin, stranger, apart)
    answer = api.get("/look-alikes", admin).json
    threshold = parts.faces.thresholds.own(parts.faces.model)
    assert answer["threshold"] == parts.faces.reported(threshold)
    near, far = answer["pairs"]
    assert [student["student_id"] for student in near["students"]] == [number(one), number(other)]
    assert 0 < near["distance"] < answer["threshold"]
    assert near["allowed_at"] == "2026-03-02T08:00:00.000000Z"
    assert far["distance"] is None
    assert far["students"][1]["name"] == apart.row["name"]
    withdraw(api, admin, stranger, apart)
    withdraw(api, admin, one, other)
    (near,) = api.get("/look-alikes", admin).json["pairs"]
    assert near["allowed_at"] is None  # and the warning stays


def test_a_teacher_sees_and_allows_own_students_only(api: Api, admin: Person) -> None:
    one, other, elsewhere = api.student("obama"), api.student(), api.student()
    teacher = api.teacher()
    enrol(api, teacher, course_of(api, teacher), one, other)
    allow(api, teacher, one, other)
    allow(api, admin, one, elsewhere)
    assert len(api.get("/look-alikes", admin).json["pairs"]) == 2
    (pair,) = api.get("/look-alikes", teacher).json["pairs"]
    assert {student["student_id"] for student in pair["students"]} == {number(one), number(other)}
    missing = (404, "student_not_found")
    body = {"student_ids": [number(one), number(elsewhere)]}
    assert code_of(api.post("/look-alikes/allowed", teacher, json=body)) == missing
    query = f"student_id={number(one)}&other_id={number(elsewhere)}"
    refused = api.call("DELETE", f"/look-alikes/allowed?{query}", teacher)
    assert code_of(refused) == missing
    assert code_of(api.get("/look-alikes", one)) == (403, "forbidden")


def test_allowing_and_withdrawing_stand_in_the_audit_log_once(
    api: Api, parts: Services, admin: Person, twins: tuple[Person, Person]
) -> None:
    one, other = twins
    allow(api, admin, other, one)  # is allowed already
    withdraw(api, admin, one, other)
    withdraw(api, admin, one, other)
    (allowed,), (withdrawn,) = (
        audited(parts, f"face_pair.{what}") for what in ("allow", "withdraw")
    )
    told = {"students": [number(one), number(other)]}
    assert json.loads(allowed["new_value"]) == json.loads(withdrawn["old_value"]) == told
    assert allowed["subject"] == f"student:{one.row['id']}"
    assert allowed["actor"] == f"teacher:{admin.row['id']}"


@pytest.mark.parametrize(
    ("students", "refusal"),
    [
        (["nobody", "nothing"], (404, "student_not_found")),
        (["same", "same"], (400, "invalid_request")),
        (["one"], (400, "invalid_request")),
        (["one", "two", "three"], (400, "invalid_request")),
    ],
)
def test_what_is_no_pair_is_refused(
    api: Api, admin: Person, students: list[str], refusal: tuple[int, str]
) -> None:
    answer = api.post("/look-alikes/allowed", admin, json={"student_ids": students})
    assert code_of(answer) == refusal


def test_a_pair_goes_with_either_of_its_students(
    api: Api, parts: Services, admin: Person, twins: tuple[Person, Person]
) -> None:
    one, other = twins
    exported = api.get(f"/admin/students/{one.row['id']}/export", admin).json
    assert exported["allowed_pairs"] == [{"allowed_at": "2026-03-02T08:00:00.000000Z"}]
    api.call("DELETE", f"/admin/students/{other.row['id']}", admin)
    assert api.get("/look-alikes", admin).json["pairs"] == []
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM face_pairs") == 0
        assert len(faces.templates_of(tx, int(one.row["id"]))) == 1
