"""Whether a student is where the course is held: in or out, as a sign, where the course asks."""

from __future__ import annotations

from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import audited, course_of, enrol
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
PLACE = {"latitude": 48.13743, "longitude": 11.57549, "metres": 150}


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


def rule(api: Api, teacher: Person, course: dict[str, Any], **rules: Any) -> dict[str, Any]:
    answer = api.call("PATCH", f"/course/{course['id']}", teacher, json={"check_in": rules})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json["course"]["check_in"]
    return shown


def scanned(
    api: Api, parts: Services, clock: FakeClock, student: Person, session: dict[str, Any]
) -> dict[str, Any]:
    ticket = parts.tickets.ticket(session["id"], clock.now())
    answer = api.post("/session/join", student, json={"ticket": ticket})
    assert answer.status_code == 200, answer.text
    joined: dict[str, Any] = answer.json
    return joined


@pytest.mark.parametrize(
    ("said", "word", "weak"),
    [
        ("in", "place", False),
        ("out", "elsewhere", True),
        ("unknown", "place_unknown", False),
        (None, "place_unknown", False),
    ],
)
def test_what_the_browser_says_is_a_sign_and_refuses_nobody(
    api: Api,
    parts: Services,
    clock: FakeClock,
    teacher: Person,
    said: str | None,
    word: str,
    weak: bool,
) -> None:
    student = api.student("obama")
    course = course_of(api, teacher, check_in={"position": PLACE})
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    joined = scanned(api, parts, clock, student, session)
    assert joined["position"] == PLACE
    fields = {} if said is None else {"position": said}
    marked = api.mark(student, "obama2", join_token=joined["join_token"], **fields)
    assert marked.json["status"] == "present"
    [row] = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert (row["evidence"], row["weak"]) == (["scan", word, "face"], weak)
    [own] = api.get("/student/attendance", student).json["attendance"]
    assert own["evidence"] == ["scan", word, "face"]


def test_nobody_is_asked_where_the_course_does_not_want_it(
    api: Api, parts: Services, clock: FakeClock, teacher: Person
) -> None:
    student = api.student("obama")
    course = course_of(api, teacher)
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    joined = scanned(api, parts, clock, student, session)
    assert joined["position"] is None
    token = joined["join_token"]
    assert api.mark(student, "obama2", join_token=token, position="in").status_code == 200
    [row] = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert row["evidence"] == ["scan", "face"]


def test_a_pin_says_it_too_and_coordinates_are_not_taken(
    api: Api, parts: Services, clock: FakeClock, teacher: Person
) -> None:
    student = api.student()
    pin = {"pin": "482913", "password": student.password}
    assert api.call("PUT", "/student/pin", student, json=pin).status_code == 204
    course = course_of(api, teacher, check_in={"position": PLACE, "face": "off"})
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    joined = scanned(api, parts, clock, student, session)
    sent = {"join_token": joined["join_token"], "pin": "482913"}
    wrong = api.upload("/session/mark", student, **sent, position="48.1374,11.5755")
    assert code_of(wrong) == (400, "invalid_request")
    assert api.upload("/session/mark", student, **sent, position="in").status_code == 200
    with parts.database.read() as tx:
        [kept] = tx.all("SELECT * FROM attendance")
    assert kept["evidence"] == "scan,place,pin"
    assert not [value for value in kept.values() if isinstance(value, float)]


def test_a_place_is_set_changed_cleared_and_audited(
    api: Api, parts: Services, teacher: Person
) -> None:
    course = course_of(api, teacher)
    assert course["check_in"]["position"] is None
    assert rule(api, teacher, course, position=PLACE)["position"] == PLACE
    assert rule(api, teacher, course, scan="qr", liveness=None)["position"] == PLACE
    shown = rule(api, teacher, course, position=None)
    assert (shown["position"], shown["scan"]) == (None, "qr")
    for wrong in (
        {**PLACE, "latitude": 90.1},
        {**PLACE, "longitude": -181},
        {**PLACE, "metres": 49},
        {"latitude": 48.1, "metres": 150},
    ):
        body = {"check_in": {"position": wrong}}
        answer = api.call("PATCH", f"/course/{course['id']}", teacher, json=body)
        assert code_of(answer) == (400, "invalid_request")
    assert len(audited(parts, "course.change")) == 3
