"""GET /search: courses, students and sessions by a few letters, of the caller only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attendance.school import course_of, enrol
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


def found(api: Api, by: Person, text: str, **query: object) -> dict[str, list[dict[str, Any]]]:
    answer = api.get("/search", by, query_string={"q": text, **query})
    assert answer.status_code == 200, answer.text
    told: dict[str, list[dict[str, Any]]] = answer.json
    return told


def names(told: dict[str, list[dict[str, Any]]]) -> list[list[str]]:
    return [
        [row["name"] for row in told["courses"]],
        [row["name"] for row in told["students"]],
        [row["subject"] for row in told["sessions"]],
    ]


def test_accents_and_capitals_do_not_count_for_any_kind(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher, name="Français", code="FR-1", section="10b")
    jose = api.student(name="José Müller", student_id="JM-7")
    enrol(api, teacher, course, jose)
    session = api.session(teacher, course_id=course["id"], subject="Éluard", section="10b")
    told = found(api, teacher, "FRANCAIS")
    assert told["courses"] == [
        {"id": course["id"], "code": "FR-1", "name": "Français", "section": "10b"}
    ]
    for text in ("jose", "MUELLER jos", "jm-7", "muller"):
        [row] = found(api, teacher, text)["students"]
        assert (row["name"], row["student_id"], row["course"]["id"]) == (
            *("José Müller", "JM-7", course["id"]),
        )
    [held] = found(api, teacher, "eluard 10B")["sessions"]
    assert (held["id"], held["timezone"]) == (session["id"], course["timezone"])
    for text in ("%", "_", "nobody"):
        assert names(found(api, teacher, text)) == [[], [], []]


def test_the_newest_sessions_come_first_and_no_more_than_asked_for(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course = course_of(api, teacher)
    for number in range(4):
        enrol(api, teacher, course, api.student(name=f"Ann {number}"))
        session = api.session(teacher, subject=f"Ann's {number % 2}")
        api.post("/session/stop", teacher, json={"session_id": session["id"]})
        clock.advance(days=1)
    told = found(api, teacher, "ann", limit=3)
    assert [row["name"] for row in told["students"]] == ["Ann 0", "Ann 1", "Ann 2"]
    assert [row["subject"] for row in told["sessions"]] == ["Ann's 1", "Ann's 0", "Ann's 1"]
    body = {"session_id": told["sessions"][0]["id"]}
    assert api.call("DELETE", f"/session/{body['session_id']}", teacher).status_code == 204
    assert len(found(api, teacher, "ann", limit=20)["sessions"]) == 3  # one was discarded


def test_each_finds_the_own_and_an_administrator_every_student(
    api: Api, admin: Person, teacher: Person, clock: FakeClock
) -> None:
    other = api.teacher()
    course = course_of(api, teacher, name="Zoology", code="ZO-1")
    student = api.student(name="Zoe Zander")
    enrol(api, teacher, course, student)
    api.session(teacher, course_id=course["id"], subject="Zebras")
    assert names(found(api, other, "z")) == [[], [], []]
    assert names(found(api, admin, "z")) == [[], ["Zoe Zander"], []]
    assert found(api, admin, "z")["students"][0]["course"] is None
    helper = {"email": other.row["email"], "role": "substitute", "until": "2026-03-02T09:00:00Z"}
    assert api.post(f"/course/{course['id']}/staff", teacher, json=helper).status_code == 201
    assert names(found(api, other, "z")) == [["Zoology"], ["Zoe Zander"], ["Zebras"]]
    clock.advance(hours=2)
    assert names(found(api, other, "z")) == [[], [], []]
    password = {"current_password": student.password}
    api.call("DELETE", "/student/me", student, json=password)
    assert names(found(api, teacher, "zoe")) == [[], [], []]
    assert names(found(api, admin, "deleted")) == [[], [], []]


def test_only_teachers_search_and_only_with_some_letters(api: Api, teacher: Person) -> None:
    assert code_of(api.get("/search?q=a")) == (401, "token_missing")
    assert code_of(api.get("/search?q=a", api.student())) == (403, "forbidden")
    for query in ("", "q=", "q=%20", "q=" + "a" * 201, "q=a&limit=0", "q=a&limit=21"):
        assert code_of(api.get(f"/search?{query}", teacher)) == (400, "invalid_request"), query
    assert names(found(api, teacher, "a " * 100)) == [[], [], []]
