"""A roll call: many marks at once, all or none, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from attendance.core.services import Services
from attendance.corrections import events
from tests.attendance.school import audited, course_of, enrol, excuse, hold, listed, put
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher)


@pytest.fixture
def people(api: Api, teacher: Person, course: dict[str, Any]) -> list[Person]:
    people = [api.student("obama" if name == "Ann" else None, name=name) for name in NAMES]
    enrol(api, teacher, course, *people)
    return people


NAMES = ("Ann", "Ben", "Cem", "Dan")


@pytest.fixture
def session(api: Api, teacher: Person, course: dict[str, Any], people: list[Person]) -> Any:
    return api.session(teacher, course_id=course["id"])


def call(
    api: Api, by: Person, session: dict[str, Any], *changes: tuple[Person, str], **fields: Any
) -> Any:
    body = {
        "changes": [
            {"student_id": person.row["student_id"], "status": status} for person, status in changes
        ],
        **fields,
    }
    return api.call("PUT", f"/session/{session['id']}/attendance", by, json=body)


def undo(api: Api, by: Person, session: dict[str, Any], number: int) -> Any:
    return api.post(f"/session/{session['id']}/attendance/undo", by, json={"undo": number})


def test_a_roll_call_marks_some_and_the_rest_and_is_taken_back(
    api: Api,
    teacher: Person,
    session: dict[str, Any],
    people: list[Person],
    parts: Services,
    clock: FakeClock,
) -> None:
    ann, ben, cem, _ = people
    by_face = api.mark(ann, "obama2", code=session["code"]).json
    clock.advance(minutes=1)
    put(api, teacher, session, ben, "late", remark="Bus")
    answer = call(api, teacher, session, (ben, "excused"), (cem, "absent"), rest="present").json
    assert answer["changed"] == 3, "Ann has a mark already, and the rest is for who has none"
    assert listed(api, teacher, session) == {
        "Ann": "present",
        "Ben": "excused",
        "Cem": "absent",
        "Dan": "present",
    }
    lines = audited(parts, "attendance.set")[-3:]
    assert {line["subject"] for line in lines} == {
        f"student:{person.row['id']}" for person in people[1:]
    }
    assert undo(api, teacher, session, answer["undo"]).json == {"restored": 3, "kept": 0}
    rows = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert [(row["name"], row["status"], row["remark"]) for row in rows] == [
        ("Ann", "present", None),
        ("Ben", "late", "Bus"),
    ]
    assert rows[0]["distance"] == by_face["distance"]
    again = undo(api, teacher, session, answer["undo"])
    assert code_of(again) == (409, "nothing_to_undo")


def test_a_face_marks_method_and_distance_come_back(
    api: Api, teacher: Person, session: dict[str, Any], people: list[Person]
) -> None:
    by_face = api.mark(people[0], "obama2", code=session["code"]).json
    number = call(api, teacher, session, (people[0], "absent")).json["undo"]
    undo(api, teacher, session, number)
    [row] = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert (row["status"], row["method"]) == ("present", "face")
    assert (row["distance"], row["marked_at"]) == (by_face["distance"], by_face["marked_at"])


def test_what_was_changed_since_stays_and_is_counted(
    api: Api, teacher: Person, session: dict[str, Any], people: list[Person]
) -> None:
    number = call(api, teacher, session, rest="present").json["undo"]
    put(api, teacher, session, people[1], "late")
    put(api, teacher, session, people[2], "present", remark="Came at nine")
    assert undo(api, teacher, session, number).json == {"restored": 2, "kept": 2}
    assert listed(api, teacher, session) == {"Ben": "late", "Cem": "present"}


def test_all_present_of_an_ended_session_takes_one_call(
    api: Api, teacher: Person, course: dict[str, Any], people: list[Person], clock: FakeClock
) -> None:
    session = hold(api, clock, teacher, course, {"late": people[:1]})
    enrol(api, teacher, course, api.student(name="Zoe"))  # too late to belong to it
    assert call(api, teacher, session, rest="present").json["changed"] == 3
    assert listed(api, teacher, session) == {
        "Ann": "late",
        "Ben": "present",
        "Cem": "present",
        "Dan": "present",
    }


@pytest.mark.parametrize("rest", ["present", "late", "absent", "excused"])
def test_the_rest_is_who_was_expected_and_whom_an_apology_excuses_stays_so(
    api: Api,
    teacher: Person,
    course: dict[str, Any],
    people: list[Person],
    clock: FakeClock,
    rest: str,
) -> None:
    """Also where the session is over; whoever is named gets what he or she is given."""
    ann, ben, cem, _ = people
    for person in (ann, ben):
        excuse(api, teacher, course, person, **{"from": "2026-03-02"})
    excuse(api, teacher, course, cem)  # for another day
    session = api.session(teacher, course_id=course["id"])
    numbers = [person.row["student_id"] for person in (ann, ben)]
    assert excused_in(api, teacher, session) == sorted(numbers)
    answer = call(api, teacher, session, (ben, "late"), rest=rest).json
    assert (answer["changed"], answer["excused"]) == (3, 1)
    assert listed(api, teacher, session) == {"Ben": "late", "Cem": rest, "Dan": rest}
    assert excused_in(api, teacher, session) == numbers[:1]
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    clock.advance(hours=1)
    again = call(api, teacher, session, rest=rest).json
    assert again == {"changed": 0, "excused": 1, "undo": None}
    assert listed(api, teacher, session)["Ann"] == "excused"
    assert call(api, teacher, session, (ann, "absent")).json["changed"] == 1
    assert listed(api, teacher, session)["Ann"] == "absent", "who is named is meant"


def excused_in(api: Api, teacher: Person, session: dict[str, Any]) -> list[str]:
    answer = api.get(f"/session/attendance?session_id={session['id']}", teacher)
    return list(answer.json["excused"])


def test_what_changes_nothing_has_nothing_to_undo(
    api: Api, teacher: Person, session: dict[str, Any], people: list[Person], parts: Services
) -> None:
    put(api, teacher, session, people[0], "present")
    before = len(audited(parts, "attendance.set"))
    answer = call(api, teacher, session, (people[0], "present"))
    assert answer.json == {"changed": 0, "excused": 0, "undo": None}
    assert len(audited(parts, "attendance.set")) == before
    free = api.session(teacher)
    assert call(api, teacher, free, rest="present").json["changed"] == 0, "no course, no rest"


def test_one_wrong_line_writes_none(
    api: Api, teacher: Person, session: dict[str, Any], people: list[Person]
) -> None:
    stranger = api.student(name="Zoe")
    ghost = Person({"student_id": "nobody"}, "", "")
    wrong = (
        (call(api, teacher, session, (people[0], "present"), (ghost, "late")), 404),
        (call(api, teacher, session, (people[0], "present"), (stranger, "late")), 403),
        (call(api, teacher, session, (people[0], "present"), (people[0], "late")), 400),
        (call(api, teacher, session, (people[0], "present"), (people[1], "asleep")), 400),
        (call(api, teacher, session, *[(people[0], "present")] * 1001), 400),
        (call(api, teacher, session, rest="asleep"), 400),
    )
    for answer, status in wrong:
        assert answer.status_code == status, answer.text
    assert listed(api, teacher, session) == {}


def test_a_roll_call_is_heard_by_the_teacher_and_by_each_student(
    api: Api,
    teacher: Person,
    session: dict[str, Any],
    people: list[Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        serving(api.app) as url,
        Listener(url, teacher.token) as board,
        Listener(url, people[1].token) as own,
    ):
        board.follow(session["id"])
        call(api, teacher, session, (people[1], "late"), rest="present")
        assert own.next("attendance_marked")["status"] == "late"
        own.settle()
        assert board.next("attendance_snapshot")["attendance"] == []
        told = [board.next("attendance_marked") for _ in people]
        assert {row["name"]: row["status"] for row in told}["Ben"] == "late"
        monkeypatch.setattr(events, "FEW", 1)
        call(api, teacher, session, *((person, "absent") for person in people))
        rows = board.next("attendance_snapshot")["attendance"]
        assert {row["status"] for row in rows} == {"absent"}


def test_only_the_sessions_teacher_calls_the_roll(
    api: Api, teacher: Person, session: dict[str, Any], people: list[Person]
) -> None:
    number = call(api, teacher, session, rest="present").json["undo"]
    other = api.session(teacher)
    assert code_of(undo(api, teacher, other, number)) == (409, "nothing_to_undo")
    for by in (api.teacher(), people[0]):
        assert code_of(call(api, by, session, rest="absent")) == (403, "forbidden")
        assert code_of(undo(api, by, session, number)) == (403, "forbidden")
