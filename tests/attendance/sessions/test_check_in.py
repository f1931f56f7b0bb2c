"""Here: what a course asks for besides the face, and that its rules count as they are now."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance.core.services import Services
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    answer = api.post("/course", teacher, json={"code": "MA101", "name": "Algebra"})
    made: dict[str, Any] = answer.json["course"]
    return made


def rule(api: Api, teacher: Person, course: dict[str, Any], **rules: Any) -> dict[str, Any]:
    answer = api.call("PATCH", f"/course/{course['id']}", teacher, json={"check_in": rules})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json["course"]["check_in"]
    return shown


def come(api: Api, teacher: Person, course: dict[str, Any], face: str = "obama") -> Person:
    student = api.student(face)
    body = {"student_id": student.row["student_id"]}
    assert api.post(f"/course/{course['id']}/students", teacher, json=body).status_code == 201
    return student


def scan(parts: Services, session: dict[str, Any], clock: FakeClock) -> dict[str, str]:
    return {"ticket": parts.tickets.ticket(session["id"], clock.now())}


def join(api: Api, student: Person, **body: str) -> TestResponse:
    return api.post("/session/join", student, json=body)


def test_rules_begin_as_ever_and_are_changed_one_by_one(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    usual = {
        "scan": "qr_or_code",
        "face": "required",
        "liveness": "off",
        "networks": [],
        "one_device": False,
        "check_out": "off",
        "position": None,
    }
    assert course["check_in"] == usual
    shown = rule(api, teacher, course, scan="qr", networks=["192.0.2.17/24", "::ffff:10.1.0.0/112"])
    assert shown == {**usual, "scan": "qr", "networks": ["192.0.2.0/24", "10.1.0.0/16"]}
    assert rule(api, teacher, course, one_device=True)["scan"] == "qr"
    wrong = api.call(
        "PATCH", f"/course/{course['id']}", teacher, json={"check_in": {"networks": ["school"]}}
    )
    assert code_of(wrong) == (400, "invalid_request")
    assert wrong.json["errors"][0]["type"] == "network"


def test_a_course_that_wants_a_scan_takes_no_code(
    api: Api, parts: Services, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    student = come(api, teacher, course)
    rule(api, teacher, course, scan="qr")
    session = api.session(teacher, course_id=course["id"])
    assert code_of(join(api, student, code=session["code"])) == (403, "scan_required")
    assert code_of(api.mark(student, "obama2", code=session["code"])) == (403, "scan_required")
    token = join(api, student, **scan(parts, session, clock)).json["join_token"]
    assert api.mark(student, "obama2", join_token=token).json["status"] == "present"
    [row] = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert (row["evidence"], row["weak"]) == (["scan", "face"], False)


def test_rules_that_change_in_the_middle_count_from_the_next_mark_on(
    api: Api, parts: Services, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    early, late = come(api, teacher, course), come(api, teacher, course, "biden")
    session = api.session(teacher, course_id=course["id"])
    assert api.mark(early, "obama2", code=session["code"]).status_code == 200
    token = join(api, late, code=session["code"]).json["join_token"]
    rule(api, teacher, course, scan="qr")
    assert code_of(api.mark(late, "biden", join_token=token)) == (403, "scan_required")
    rule(api, teacher, course, scan="qr_or_code")
    assert api.mark(late, "biden", join_token=token).status_code == 200
    listed = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert [row["evidence"] for row in listed] == [["code", "face"], ["code", "face"]]


@pytest.mark.parametrize(
    ("address", "networks", "admitted"),
    [
        ("192.0.2.9", ["192.0.2.0/24"], True),
        ("::ffff:192.0.2.9", ["192.0.2.0/24"], True),
        ("192.0.3.9", ["192.0.2.0/24", "2001:db8::/48"], False),
        ("2001:db8:0:7::1", ["192.0.2.0/24", "2001:db8::/48"], True),
        ("2001:db8:1::1", ["2001:db8::/48"], False),
    ],
)
def test_a_mark_comes_from_the_schools_network(
    api: Api,
    teacher: Person,
    course: dict[str, Any],
    address: str,
    networks: list[str],
    admitted: bool,
) -> None:
    student = come(api, teacher, course)
    rule(api, teacher, course, networks=networks)
    session = api.session(teacher, course_id=course["id"])
    answer = api.post(
        "/session/join",
        student,
        json={"code": session["code"]},
        environ_overrides={"REMOTE_ADDR": address},
    )
    if admitted:
        assert answer.status_code == 200, answer.text
    else:
        assert code_of(answer) == (403, "wrong_network")
        assert "Connect to it" in answer.json["detail"]


def test_only_counted_proxies_tell_an_address(
    make_app: Callable[..., OpenAPI], clock: FakeClock
) -> None:
    told = {"X-Forwarded-For": "192.0.2.9"}
    api = Api(make_app(trusted_proxies=1))
    teacher = api.teacher()
    course = api.post("/course", teacher, json={"code": "M", "name": "A"}).json["course"]
    student = come(api, teacher, course)
    rule(api, teacher, course, networks=["192.0.2.0/24"])
    session = api.session(teacher, course_id=course["id"])
    code = {"code": session["code"]}
    assert api.post("/session/join", student, json=code, headers=told).status_code == 200
    # one that the client wrote itself stands further left
    lied = {"X-Forwarded-For": "192.0.2.9, 198.51.100.1"}
    refused = api.post("/session/join", student, json=code, headers=lied)
    assert code_of(refused) == (403, "wrong_network")
    uncounted = Api(make_app(trusted_proxies=0))
    hidden = uncounted.post("/session/join", student, json=code, headers=told)
    assert code_of(hidden) == (403, "wrong_network")
    assert "TRUSTED_PROXIES" in hidden.json["detail"]


def test_one_browser_marks_one_student_where_the_course_wants_it(
    app: OpenAPI, api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    one, other = come(api, teacher, course), come(api, teacher, course, "biden")
    rule(api, teacher, course, one_device=True)
    session = api.session(teacher, course_id=course["id"])
    phone, second = Api(app, cookies=True), Api(app, cookies=True)
    token = join(phone, one, code=session["code"]).json["join_token"]
    assert phone.mark(one, "obama2", join_token=token).status_code == 200
    assert code_of(join(phone, other, code=session["code"])) == (403, "device_used")
    token = join(second, other, code=session["code"]).json["join_token"]
    assert code_of(phone.mark(other, "biden", join_token=token)) == (403, "device_used")
    without = api.mark(other, "biden", join_token=token)
    assert code_of(without) == (403, "device_used")
    assert "cookie" in without.json["detail"]
    assert second.mark(other, "biden", join_token=token).status_code == 200
    # the next lesson is another matter
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    session = api.session(teacher, course_id=course["id"])
    assert join(phone, other, code=session["code"]).status_code == 200


def test_the_code_turns_and_the_one_before_still_counts(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    students = [api.student("obama"), api.student("biden")]
    assert session["code_changes_at"] == "2026-03-02T08:05:00.000000Z"
    clock.advance(minutes=5)
    now = api.get(f"/session/{session['id']}", teacher).json["session"]
    assert now["code"] != session["code"]
    assert len(now["code"]) == len(session["code"])
    for code in (session["code"], now["code"]):
        assert join(api, students[0], code=code).status_code == 200
    assert api.mark(students[0], "obama2", code=session["code"]).status_code == 200
    clock.advance(minutes=5)
    assert code_of(join(api, students[1], code=session["code"])) == (403, "join_expired")
    assert code_of(api.mark(students[1], "biden", code=session["code"])) == (403, "join_expired")
    assert join(api, students[1], code=now["code"]).status_code == 200
    clock.advance(minutes=5)
    assert code_of(join(api, students[1], code=now["code"])) == (403, "join_expired")
    # who is marked already is told so, whatever the code's age
    assert api.mark(students[0], "obama2", code=session["code"]).json["already"] is True
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert code_of(join(api, students[1], code=now["code"])) == (410, "session_ended")


def test_a_chosen_code_stays_and_so_does_one_of_a_school_that_wants_it(
    make_app: Callable[..., OpenAPI], clock: FakeClock
) -> None:
    for values, fields in (({}, {"code": "OURS"}), ({"session_code_seconds": 0}, {})):
        api = Api(make_app(**values))
        teacher, student = api.teacher(), api.student()
        session = api.session(teacher, **fields)
        clock.advance(minutes=60)
        assert join(api, student, code=session["code"]).status_code == 200


def test_the_evidence_stands_in_list_file_and_the_students_own_history(
    api: Api, parts: Services, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    student = api.student("obama")
    token = join(api, student, **scan(parts, session, clock)).json["join_token"]
    api.mark(student, "obama2", join_token=token)
    other = api.student("biden")
    api.mark(other, "biden", code=session["code"])
    path = f"/session/{session['id']}/attendance/{other.row['student_id']}"
    file = api.get(f"/session/{session['id']}/export.csv", teacher).text.splitlines()
    assert [row["evidence"] for row in csv.DictReader(file)] == ["scan face", "code face"]
    spot = api.get(f"/session/{session['id']}/spot-check", teacher).json["students"]
    assert [row["student_id"] for row in spot] == [
        other.row["student_id"],
        student.row["student_id"],
    ]
    [own] = api.get("/student/attendance", student).json["attendance"]
    assert own["evidence"] == ["scan", "face"]
    undo = api.call("PUT", path, teacher, json={"status": "present"})
    assert undo.json["attendance"]["evidence"] == ["manual"]


def test_what_is_put_right_and_taken_back_keeps_its_evidence(
    api: Api, parts: Services, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    student = api.student("obama")
    token = join(api, student, **scan(parts, session, clock)).json["join_token"]
    api.mark(student, "obama2", join_token=token)
    path = f"/session/{session['id']}/attendance"
    change = {"changes": [{"student_id": student.row["student_id"], "status": "late"}]}

    def shown() -> Any:
        rows = api.get(f"/session/attendance?session_id={session['id']}", teacher).json
        return [row["evidence"] for row in rows["attendance"]]

    undo = api.call("PUT", path, teacher, json=change).json["undo"]
    assert shown() == [["manual"]]
    api.post(f"{path}/undo", teacher, json={"undo": undo})
    assert shown() == [["scan", "face"]]
    api.call("DELETE", f"{path}?confirm=true", teacher)
    api.post(f"{path}/restore", teacher)
    assert shown() == [["scan", "face"]]


def test_a_spot_check_names_the_three_weakest_and_nobody_whom_the_teacher_has_seen(
    api: Api, parts: Services, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    names = ["obama", "biden", "grace_hopper", "astronaut", None]
    scanned, typed, other, third, seen = (api.student(name) for name in names)
    token = join(api, scanned, **scan(parts, session, clock)).json["join_token"]
    assert api.mark(scanned, "obama2", join_token=token).status_code == 200
    for student, face in ((typed, "biden"), (other, "grace_hopper"), (third, "astronaut")):
        assert api.mark(student, face, code=session["code"]).status_code == 200
    by_hand = f"/session/{session['id']}/attendance/{seen.row['student_id']}"
    api.call("PUT", by_hand, teacher, json={"status": "present"})
    spot = api.get(f"/session/{session['id']}/spot-check", teacher).json["students"]
    assert {row["student_id"] for row in spot} == {
        each.row["student_id"] for each in (typed, other, third)
    }
    assert all(row["weak"] for row in spot)
    listed = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert {row["student_id"] for row in listed if not row["weak"]} == {
        each.row["student_id"] for each in (scanned, seen)
    }
    # who was looked at is marked by hand, and is not named again
    looked = f"/session/{session['id']}/attendance/{typed.row['student_id']}"
    api.call("PUT", looked, teacher, json={"status": "present"})
    spot = api.get(f"/session/{session['id']}/spot-check", teacher).json["students"]
    assert [row["student_id"] for row in spot][-1] == scanned.row["student_id"]
    assert typed.row["student_id"] not in {row["student_id"] for row in spot}
    stranger = api.get(f"/session/{session['id']}/spot-check", api.teacher())
    assert code_of(stranger) == (403, "forbidden")
