"""Sessions that can be put right: one at a time, an end for each, changed, reopened, discarded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import audited, course_of, enrol, hold, listed, put
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher)


def start(api: Api, by: Person, course: dict[str, Any], **fields: Any) -> Any:
    body = {"subject": "Algebra", "course_id": course["id"], **fields}
    return api.post("/session/start", by, json=body)


def change(api: Api, by: Person, session: dict[str, Any], **fields: Any) -> Any:
    return api.call("PATCH", f"/session/{session['id']}", by, json=fields)


def discard(api: Api, by: Person, session: dict[str, Any]) -> Any:
    return api.call("DELETE", f"/session/{session['id']}", by)


def restore(api: Api, by: Person, session: dict[str, Any]) -> Any:
    return api.post(f"/session/{session['id']}/restore", by)


def stop(api: Api, by: Person, session: dict[str, Any]) -> None:
    answer = api.post("/session/stop", by, json={"session_id": session["id"]})
    assert answer.status_code == 200, answer.text


def reopen(api: Api, by: Person, session: dict[str, Any], **fields: Any) -> Any:
    return api.post("/session/reopen", by, json={"session_id": session["id"], **fields})


# -- one at a time


def test_a_second_start_names_the_session_that_is_open(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    first = start(api, teacher, course).json["session"]
    again = start(api, teacher, course)
    assert code_of(again) == (409, "session_open")
    assert again.json["session"] == first
    beside = start(api, teacher, course, another=True)
    assert beside.status_code == 201
    for session in (first, beside.json["session"]):
        stop(api, teacher, session)
    assert start(api, teacher, course).status_code == 201


def test_sessions_without_a_course_stand_beside_each_other(api: Api, teacher: Person) -> None:
    assert api.session(teacher)["id"] != api.session(teacher)["id"]


def test_a_double_click_opens_one_session(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(start, Api(api.app), teacher, course) for _ in range(4)]
    answers = sorted(done.result().status_code for done in tries)
    assert answers == [201, 409, 409, 409]


# -- an end for each


def test_a_session_that_nobody_stops_ends_by_itself(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    session = start(api, teacher, course).json["session"]
    assert session["closes_at"] == "2026-03-02T09:30:00.000000Z"
    clock.advance(minutes=90)
    assert api.get(f"/session/{session['id']}", teacher).json["session"]["state"] == "ended"
    free = api.session(teacher, duration_minutes=5)
    assert free["closes_at"] == "2026-03-02T09:35:00.000000Z"


# -- changed


def test_words_late_rule_end_and_note_can_be_changed(
    api: Api, teacher: Person, course: dict[str, Any], parts: Services
) -> None:
    session = start(api, teacher, course, section="A").json["session"]
    wanted = {
        "subject": "Geometry",
        "section": None,
        "late_after_minutes": 7,
        "closes_at": "2026-03-02T10:15:00.000000Z",
        "note": "Room 12 was cold.\nMoved to 14.",
    }
    answer = change(api, teacher, session, **wanted)
    assert answer.json["session"] == {**session, **wanted}
    [line] = audited(parts, "session.change")
    assert line["subject"] == f"session:{session['id']}"
    assert change(api, teacher, session, note=None).json["session"]["note"] is None
    assert change(api, teacher, session).status_code == 200
    assert len(audited(parts, "session.change")) == 2


def test_a_note_is_the_teachers_own(api: Api, teacher: Person, course: dict[str, Any]) -> None:
    student = api.student("obama")
    enrol(api, teacher, course, student)
    session = start(api, teacher, course).json["session"]
    change(api, teacher, session, note="Ask Barack about Friday")
    assert api.get(f"/session/{session['id']}", student).json["session"]["note"] is None
    joined = api.post("/session/join", student, json={"code": session["code"]})
    assert joined.json["session"]["note"] is None
    assert "Friday" not in api.get("/student/sessions", student).text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"closes_at": "2026-03-02T07:59:00Z"}, "closes_at"),
        ({"closes_at": "2026-03-02T10:00:00"}, "closes_at"),  # no zone
        ({"closes_at": "9999-12-31T23:59:59-12:00"}, "closes_at"),
        ({"closes_at": "2027-03-02T10:00:00Z"}, "closes_at"),  # next year
        ({"subject": ""}, "subject"),
        ({"late_after_minutes": -1}, "late_after_minutes"),
    ],
)
def test_a_wrong_change_is_refused(
    api: Api, teacher: Person, course: dict[str, Any], fields: dict[str, Any], field: str
) -> None:
    session = start(api, teacher, course).json["session"]
    refused = change(api, teacher, session, **fields)
    assert code_of(refused) == (400, "invalid_request")
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert api.get(f"/session/{session['id']}", teacher).json["session"] == session


def test_the_end_of_an_ended_session_is_not_changed_but_its_words_are(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    session = hold(api, clock, teacher, course, {})
    later = change(api, teacher, session, closes_at="2026-04-01T10:00:00Z")
    assert code_of(later) == (410, "session_ended")
    assert change(api, teacher, session, subject="Trees").json["session"]["subject"] == "Trees"


def test_a_change_moves_the_late_rule_for_who_comes_afterwards(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, late_after_minutes=5)
    early, late = api.student("obama"), api.student("biden")
    clock.advance(minutes=6)
    assert api.mark(early, "obama2", code=session["code"]).json["status"] == "late"
    change(api, teacher, session, late_after_minutes=10)
    assert api.mark(late, "biden", code=session["code"]).json["status"] == "present"
    assert listed(api, teacher, session)[early.row["name"]] == "late"


# -- opened again


def test_an_ended_session_is_opened_again_and_takes_marks(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    student = api.student("obama")
    enrol(api, teacher, course, student)
    session = start(api, teacher, course).json["session"]
    stop(api, teacher, session)
    clock.advance(hours=2)
    with serving(api.app) as url, Listener(url, student.token) as hears:
        opened = reopen(api, teacher, session).json["session"]
        assert hears.next("session_started")["session_id"] == session["id"]
    assert (opened["state"], opened["code"]) == ("open", session["code"])
    assert opened["closes_at"] == "2026-03-02T10:10:00.000000Z"
    assert reopen(api, teacher, session, minutes=60).json["session"] == opened, "a second click"
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    clock.advance(minutes=10)
    assert api.get(f"/session/{session['id']}", teacher).json["session"]["state"] == "ended"


def test_a_session_of_the_day_before_yesterday_stays_ended(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    session = hold(api, clock, teacher, course, {})  # it ended 23 hours ago
    clock.advance(minutes=61)
    assert code_of(reopen(api, teacher, session)) == (409, "session_too_old")


def test_a_session_is_not_opened_again_beside_an_open_one(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    first = start(api, teacher, course).json["session"]
    stop(api, teacher, first)
    second = start(api, teacher, course).json["session"]
    refused = reopen(api, teacher, first)
    assert code_of(refused) == (409, "session_open")
    assert refused.json["session"]["id"] == second["id"]


def test_a_code_that_is_in_use_by_now_is_replaced(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    session = start(api, teacher, course, code="ROOM7").json["session"]
    stop(api, teacher, session)
    api.session(teacher, code="ROOM7")
    opened = reopen(api, teacher, session).json["session"]
    assert opened["state"] == "open"
    assert opened["code"] != "ROOM7"


# -- entered afterwards


def past(api: Api, by: Person, course: dict[str, Any], **fields: Any) -> Any:
    body = {
        "course_id": course["id"],
        "started_at": "2026-02-27T08:00:00Z",
        "ended_at": "2026-02-27T09:30:00Z",
    }
    return api.post("/session/past", by, json={**body, **fields})


def test_a_session_on_paper_is_entered_and_counts_for_who_is_in_the_course(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    came, missed = api.student(name="Ann"), api.student(name="Ben")
    enrol(api, teacher, course, came, missed)
    session = past(api, teacher, course).json["session"]
    assert (session["state"], session["subject"]) == ("ended", course["name"])
    assert session["ended_at"] == "2026-02-27T09:30:00.000000Z"
    assert listed(api, teacher, session) == {"Ann": "absent", "Ben": "absent"}
    put(api, teacher, session, came, "present")
    clock.advance(seconds=1)
    enrol(api, teacher, course, api.student(name="Zoe"))  # came into the course afterwards
    assert listed(api, teacher, session) == {"Ann": "present", "Ben": "absent"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ended_at": "2026-02-27T08:00:00Z"}, "ended_at"),
        ({"ended_at": "2026-02-26T09:00:00Z"}, "ended_at"),
        ({"ended_at": "2026-03-02T08:00:01Z"}, "ended_at"),
        ({"started_at": "2026-03-03T08:00:00Z", "ended_at": "2026-03-03T09:00:00Z"}, "ended_at"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"started_at": "2025-02-27T08:00:00Z"}, "ended_at"),  # last year: it lasts a year
    ],
)
def test_a_session_of_the_future_or_that_ends_before_it_begins_is_refused(
    api: Api, teacher: Person, course: dict[str, Any], fields: dict[str, Any], field: str
) -> None:
    refused = past(api, teacher, course, **fields)
    assert code_of(refused) == (400, "invalid_request")
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert api.get("/session/mine", teacher).json["sessions"] == []


# -- discarded


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 409),  # a double click
        ({"started_at": "2026-02-27T09:29:00Z", "ended_at": "2026-02-27T11:00:00Z"}, 409),
        ({"started_at": "2026-02-27T09:30:00Z", "ended_at": "2026-02-27T11:00:00Z"}, 201),
        ({"section": "Group B"}, 201),
    ],
)
def test_a_course_has_one_session_on_paper_at_a_time(
    api: Api, teacher: Person, course: dict[str, Any], fields: dict[str, Any], status: int
) -> None:
    first = past(api, teacher, course).json["session"]
    second = past(api, teacher, course, **fields)
    assert second.status_code == status, second.text
    if status == 409:
        assert code_of(second) == (409, "already_started")
        api.call("DELETE", f"/session/{first['id']}", teacher)
        assert past(api, teacher, course, **fields).status_code == 201


def test_a_discarded_session_counts_nowhere_and_comes_back_whole(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock, parts: Services
) -> None:
    came, missed = api.student(name="Ann"), api.student(name="Ben")
    enrol(api, teacher, course, came, missed)
    session = hold(api, clock, teacher, course, {"present": [came]})
    looks = {
        "report": f"/course/{course['id']}/report",
        "mine": "/session/mine",
    }
    before = {name: api.get(url, teacher).json for name, url in looks.items()}
    own = api.get("/student/attendance/summary", missed).json
    assert own["overall"]["total"] == 1
    history = api.get("/student/attendance", came).json
    assert len(history["attendance"]) == 1

    assert discard(api, teacher, session).status_code == 204
    assert api.get("/session/mine", teacher).json["sessions"] == []
    assert code_of(api.get(f"/session/{session['id']}", teacher)) == (404, "session_not_found")
    assert code_of(discard(api, teacher, session)) == (404, "session_not_found")
    assert api.get("/student/attendance/summary", missed).json["overall"]["total"] == 0
    assert api.get("/student/attendance", came).json["attendance"] == []
    assert api.get("/student/attendance", came).json["total"] == 0
    report = api.get(looks["report"], teacher).json
    assert [row["total"] for row in report["students"]] == [0, 0]
    listed_now = api.get(f"/session/attendance?session_id={session['id']}", teacher)
    assert code_of(listed_now) == (404, "session_not_found")

    clock.advance(days=29)
    assert restore(api, teacher, session).json["session"] == session
    assert restore(api, teacher, session).json["session"] == session, "a second click"
    for name, url in looks.items():
        assert api.get(url, teacher).json == before[name], name
    assert listed(api, teacher, session) == {"Ann": "present", "Ben": "absent"}
    assert api.get("/student/attendance", came).json == history
    assert len(audited(parts, "session.discard")) == len(audited(parts, "session.restore")) == 1


def test_an_open_session_that_is_discarded_ends_for_everybody(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    student = api.student("obama")
    enrol(api, teacher, course, student)
    session = start(api, teacher, course).json["session"]
    with serving(api.app) as url, Listener(url, student.token) as hears:
        discard(api, teacher, session)
        assert hears.next("session_stopped")["session"]["state"] == "ended"
        assert hears.next("session_discarded") == {"session_id": session["id"]}
    refused = api.mark(student, "obama2", code=session["code"])
    assert code_of(refused) == (404, "session_not_found")
    assert api.get("/student/sessions", student).json["sessions"] == []
    assert start(api, teacher, course).status_code == 201


def test_what_was_discarded_a_month_ago_is_gone(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    session = hold(api, clock, teacher, course, {})
    discard(api, teacher, session)
    clock.advance(days=30, seconds=1)
    assert code_of(restore(api, teacher, session)) == (404, "session_not_found")


def test_a_course_whose_sessions_were_all_discarded_can_be_deleted(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    session = hold(api, clock, teacher, course, {})
    url = f"/course/{course['id']}"
    assert code_of(api.call("DELETE", url, teacher))[0] == 409
    discard(api, teacher, session)
    assert api.call("DELETE", url, teacher).status_code == 204
    assert code_of(restore(api, teacher, session)) == (404, "session_not_found")


def test_only_the_sessions_teacher_and_an_administrator_put_it_right(
    api: Api, clock: FakeClock
) -> None:
    admin, teacher, other = api.teacher(), api.teacher(), api.teacher()
    course = course_of(api, teacher)
    student = api.student()
    session = hold(api, clock, teacher, course, {})
    gone = hold(api, clock, teacher, course, {})
    discard(api, teacher, gone)
    for by in (other, student):
        for refused in (
            change(api, by, session, subject="Mine"),
            reopen(api, by, session),
            discard(api, by, session),
            restore(api, by, gone),
            past(api, by, course),
        ):
            assert code_of(refused) == (403, "forbidden")
    assert change(api, admin, session, subject="Checked").status_code == 200
    assert restore(api, admin, gone).status_code == 200
