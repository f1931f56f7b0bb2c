"""Planned sessions: weekly patterns that open and close by themselves, or by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.live import ticker
from attendance.planning import automatic
from attendance.sessions import rules
from attendance.web.current import services_of
from tests.attendance.school import course_of, enrol, listed, put
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of

WEEKLY = {
    "days": ["wed", "mon"],
    "start_time": "09:00",
    "duration_minutes": 90,
    "from": "2026-03-02",
    "to": "2026-06-30",
}


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher, timezone="Europe/Berlin", section="A")


def planned(api: Api, teacher: Person, course: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = api.post(f"/course/{course['id']}/plans", teacher, json={**WEEKLY, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["plan"]
    return made


def shown(api: Api, by: Person, query: str = "") -> list[tuple[str, str]]:
    answer = api.get(f"/session/planned{query}", by)
    assert answer.status_code == 200, answer.text
    return [(line["starts_at"][:16], line["state"]) for line in answer.json["planned"]]


def test_a_plan_is_made_seen_changed_and_deleted(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    made = planned(api, teacher, course, exceptions=["2026-04-06", "2026-03-09", "2026-04-06"])
    assert made == {
        "id": made["id"],
        "course_id": course["id"],
        "timezone": "Europe/Berlin",
        "days": ["mon", "wed"],
        "start_time": "09:00",
        "duration_minutes": 90,
        "from": "2026-03-02",
        "to": "2026-06-30",
        "every_weeks": 1,
        "exceptions": ["2026-03-09", "2026-04-06"],
        "on_holidays": False,
        "moves": [],
        "room": None,
        "subject": "Algebra",
        "section": "A",
        "late_after_minutes": None,
        "automatic": False,
        "timetable_id": None,
    }
    url = f"/plan/{made['id']}"
    changed = api.call("PATCH", url, teacher, json={"exceptions": [], "automatic": True})
    assert changed.json["plan"] == {**made, "exceptions": [], "automatic": True}
    assert api.get(f"/course/{course['id']}/plans", teacher).json["plans"] == [changed.json["plan"]]
    assert api.call("DELETE", url, teacher).status_code == 204
    assert code_of(api.call("DELETE", url, teacher)) == (404, "plan_not_found")


@pytest.mark.parametrize(
    "fields",
    [
        {"days": []},
        {"days": ["monday"]},
        {"start_time": "9:00"},
        {"start_time": "24:00"},
        {"start_time": "09:00\n"},
        {"duration_minutes": 0},
        {"to": "2026-03-01"},
        {"from": "yesterday"},
        {"exceptions": ["never"]},
    ],
)
def test_a_wrong_plan_is_refused(
    api: Api, teacher: Person, course: dict[str, Any], fields: dict[str, Any]
) -> None:
    answer = api.post(f"/course/{course['id']}/plans", teacher, json={**WEEKLY, **fields})
    assert code_of(answer) == (400, "invalid_request")
    made = planned(api, teacher, course)
    changed = api.call("PATCH", f"/plan/{made['id']}", teacher, json=fields)
    assert code_of(changed) == (400, "invalid_request")


def test_teachers_and_students_see_what_is_planned_today_and_later(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    student, stranger = api.student(), api.student()
    enrol(api, teacher, course, student)
    planned(api, teacher, course)
    clock.moment = datetime(2026, 3, 25, 7, 0, tzinfo=timezone.utc)
    assert shown(api, teacher) == [("2026-03-25T08:00", "planned")]
    assert shown(api, student) == [("2026-03-25T08:00", "planned")]
    assert shown(api, stranger) == []
    assert shown(api, api.teacher()) == []
    over_the_change = shown(api, teacher, "?from=2026-03-25&to=2026-03-30")
    assert over_the_change == [("2026-03-25T08:00", "planned"), ("2026-03-30T07:00", "planned")]
    clock.advance(hours=1)
    assert shown(api, teacher) == [("2026-03-25T08:00", "due")]
    clock.advance(hours=2)
    assert shown(api, teacher) == [("2026-03-25T08:00", "missed")]
    too_long = api.get("/session/planned?from=2026-01-01&to=2026-12-31", teacher)
    assert code_of(too_long) == (400, "invalid_request")


@pytest.mark.any_database
def test_a_plan_goes_through_both_changes_of_the_clock(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    """Sundays at half past two: skipped in March, shown twice in October."""
    planned(api, teacher, course, days=["sun"], start_time="02:30", to="2026-12-31")
    found = [
        at
        for month in ("from=2026-03-22&to=2026-04-05", "from=2026-10-18&to=2026-11-01")
        for at, _ in shown(api, teacher, f"?{month}")
    ]
    assert found == [
        *("2026-03-22T01:30", "2026-03-29T01:30", "2026-04-05T00:30"),
        *("2026-10-18T00:30", "2026-10-25T00:30", "2026-11-01T01:30"),
    ]


def test_today_is_a_day_of_the_course_not_of_the_teacher(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    """At 22:00 UTC on Sunday it is Monday in Tokyo, and still Sunday in Honolulu."""
    for zone in ("Asia/Tokyo", "Pacific/Honolulu"):
        planned(api, teacher, course_of(api, teacher, timezone=zone), days=["mon"])
    clock.moment = datetime(2026, 3, 8, 22, 0, tzinfo=timezone.utc)
    assert shown(api, teacher) == [("2026-03-09T00:00", "planned")]
    clock.moment = datetime(2026, 3, 10, 5, 0, tzinfo=timezone.utc)
    assert shown(api, teacher) == [("2026-03-09T19:00", "missed")]


def test_a_lesson_over_midnight_is_todays_until_it_ends(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, teacher, course, days=["sun"], start_time="23:30", duration_minutes=60)
    clock.moment = datetime(2026, 3, 8, 23, 20, tzinfo=timezone.utc)  # 20 past midnight
    assert shown(api, teacher) == [("2026-03-08T22:30", "due")]
    session = api.session(teacher, course_id=course["id"])
    assert session["closes_at"] == "2026-03-08T23:30:00.000000Z"
    assert shown(api, teacher) == [("2026-03-08T22:30", "open")]
    assert shown(api, teacher, "?from=2026-03-09") == []
    clock.advance(minutes=10)
    assert shown(api, teacher) == []


def test_a_lesson_that_was_entered_from_paper_is_missed_no_longer(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    url = f"/plan/{planned(api, teacher, course)['id']}/start"
    clock.moment = datetime(2026, 3, 5, 15, 0, tzinfo=timezone.utc)
    held = {"started_at": "2026-03-04T08:10:00Z", "ended_at": "2026-03-04T09:20:00Z"}
    body = {"course_id": course["id"], **held}
    assert api.post("/session/past", teacher, json=body).status_code == 201
    assert shown(api, teacher, "?from=2026-03-02&to=2026-03-04") == [
        ("2026-03-02T08:00", "missed"),
        ("2026-03-04T08:00", "ended"),
    ]
    assert code_of(api.post(url, teacher, json={"day": "2026-03-04"})) == (409, "already_started")
    assert api.post(url, teacher, json={"day": "2026-03-02"}).status_code == 201


def test_a_planned_session_is_opened_by_hand_once(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    made = planned(api, teacher, course, late_after_minutes=5)
    url, body = f"/plan/{made['id']}/start", {"day": "2026-03-02"}
    session = api.post(url, teacher, json=body).json["session"]
    assert session["course_id"] == course["id"]
    assert session["late_after_minutes"] == 5
    assert session["started_at"] == "2026-03-02T08:00:00.000000Z"
    assert session["closes_at"] == "2026-03-02T09:30:00.000000Z"
    assert shown(api, teacher) == [("2026-03-02T08:00", "open")]
    assert code_of(api.post(url, teacher, json=body)) == (409, "already_started")
    with services_of(api.app).database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM sessions") == 1
    assert code_of(api.post(url, teacher, json={"day": "2026-03-03"})) == (404, "not_planned")
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert shown(api, teacher) == [("2026-03-02T08:00", "ended")]


def test_a_missed_lesson_becomes_a_session_at_its_own_time_and_a_later_one_none(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    student = api.student(name="Ann")
    enrol(api, teacher, course, student)
    url = f"/plan/{planned(api, teacher, course)['id']}/start"
    clock.moment = datetime(2026, 3, 5, 15, 0, tzinfo=timezone.utc)
    late = api.post(url, teacher, json={"day": "2026-03-04"}).json["session"]
    assert (late["state"], late["started_at"], late["ended_at"]) == (
        *("ended", "2026-03-04T08:00:00.000000Z"),
        "2026-03-04T09:30:00.000000Z",
    )
    assert listed(api, teacher, late) == {"Ann": "absent"}
    put(api, teacher, late, student, "present")  # from the paper
    assert listed(api, teacher, late) == {"Ann": "present"}
    assert code_of(api.post(url, teacher, json={"day": "2026-03-04"})) == (409, "already_started")
    assert code_of(api.post(url, teacher, json={"day": "2026-03-09"})) == (409, "not_due")
    assert len(api.get("/session/mine", teacher).json["sessions"]) == 1


def test_who_starts_the_course_starts_the_lesson_that_is_due(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, teacher, course, late_after_minutes=5)
    clock.moment = datetime(2026, 3, 2, 7, 46, tzinfo=timezone.utc)  # 14 minutes early
    session = api.session(teacher, course_id=course["id"])
    assert session["late_after_minutes"] == 5
    assert session["closes_at"] == "2026-03-02T09:30:00.000000Z"
    assert shown(api, teacher) == [("2026-03-02T08:00", "open")]


def test_what_was_started_by_hand_is_the_lesson_that_would_open_by_itself(
    api: Api, app: OpenAPI, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, teacher, course, automatic=True)
    clock.moment = datetime(2026, 3, 2, 7, 40, tzinfo=timezone.utc)  # before it is this lesson's
    session = api.session(teacher, course_id=course["id"])
    assert shown(api, teacher) == [("2026-03-02T08:00", "planned")]
    clock.advance(minutes=21)
    assert automatic.open_due(services_of(app)) == []
    assert [one["id"] for one in api.get("/session/mine", teacher).json["sessions"]] == [
        session["id"]
    ]
    assert shown(api, teacher) == [("2026-03-02T08:00", "open")]


def test_an_automatic_session_opens_and_closes_by_itself(
    api: Api, app: OpenAPI, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    student = api.student(name="Ann")
    enrol(api, teacher, course, student)
    planned(api, teacher, course, automatic=True)
    clock.moment = datetime(2026, 3, 2, 7, 59, 59, tzinfo=timezone.utc)
    with serving(app) as url, Listener(url, student.token) as hears:
        ticker.tick(app, 0)
        assert shown(api, teacher) == [("2026-03-02T08:00", "planned")]
        clock.advance(seconds=4)
        step = ticker.tick(app, 0)
        started = hears.next("session_started")["session"]
        assert started["started_at"] == "2026-03-02T08:00:00.000000Z"
        assert started["closes_at"] == "2026-03-02T09:30:00.000000Z"
        ticker.tick(app, step)
        assert len(api.get("/session/mine", teacher).json["sessions"]) == 1
        clock.advance(minutes=90)
        ticker.tick(app, step)
        stopped = hears.next("session_stopped")["session"]
        assert stopped["ended_at"] == "2026-03-02T09:30:00.000000Z"
    assert listed(api, teacher, started) == {"Ann": "absent"}
    assert shown(api, teacher) == [("2026-03-02T08:00", "ended")]


def test_who_comes_to_a_session_that_opened_late_is_late_from_the_planned_start(
    api: Api, app: OpenAPI, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    student = api.student("obama")
    enrol(api, teacher, course, student)
    planned(api, teacher, course, automatic=True, late_after_minutes=10)
    clock.moment = datetime(2026, 3, 2, 8, 20, tzinfo=timezone.utc)
    opened = automatic.open_due(services_of(app))
    answer = api.mark(student, "obama2", code=rules.code_at(opened[0], clock.now()))
    assert answer.json["status"] == "late"


def test_what_nobody_served_is_left_alone(
    api: Api, app: OpenAPI, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, teacher, course, automatic=True)
    clock.moment = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)
    assert automatic.open_due(services_of(app)) == []
    assert shown(api, teacher) == [("2026-03-02T08:00", "missed")]


def test_an_archived_course_opens_nothing(
    api: Api, app: OpenAPI, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, teacher, course, automatic=True)
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"archived": True})
    clock.moment = datetime(2026, 3, 2, 8, 30, tzinfo=timezone.utc)
    assert automatic.open_due(services_of(app)) == []
    assert shown(api, teacher) == []
    refused = api.post(f"/course/{course['id']}/plans", teacher, json=WEEKLY)
    assert code_of(refused) == (409, "course_archived")


def test_two_processes_open_a_planned_session_once(
    api: Api, make_app: Any, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, teacher, course, automatic=True)
    clock.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc) + timedelta(seconds=1)
    parts, other = services_of(api.app), services_of(make_app())
    plan = api.get(f"/course/{course['id']}/plans", teacher).json["plans"][0]
    assert len(automatic.open_due(parts)) == 1
    assert automatic.open_due(other) == []
    again = api.post(f"/plan/{plan['id']}/start", teacher, json={"day": "2026-03-02"})
    assert code_of(again) == (409, "already_started")


def test_who_may_plan(api: Api, admin: Person, teacher: Person, course: dict[str, Any]) -> None:
    student = api.student()
    enrol(api, teacher, course, student)
    plan = planned(api, admin, course)
    calls: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("POST", f"/course/{course['id']}/plans", WEEKLY),
        ("PATCH", f"/plan/{plan['id']}", {"automatic": True}),
        ("POST", f"/plan/{plan['id']}/start", {"day": "2026-03-02"}),
        ("DELETE", f"/plan/{plan['id']}", None),
    )
    for method, url, body in calls:
        options = {} if body is None else {"json": body}
        assert code_of(api.call(method, url, **options)) == (401, "token_missing")
        assert code_of(api.call(method, url, student, **options)) == (403, "forbidden")
        assert code_of(api.call(method, url, api.teacher(), **options)) == (403, "forbidden")
        assert api.call(method, url, admin, **options).status_code < 300
    url = f"/course/{course['id']}/plans"
    assert code_of(api.get(url)) == (401, "token_missing")
    assert code_of(api.get(url, api.student())) == (403, "not_enrolled")
    assert api.get(url, student).status_code == 200
    assert code_of(api.get("/session/planned")) == (401, "token_missing")


def test_what_opens_by_itself_follows_the_stored_settings(
    api: Api,
    make_app: Callable[..., OpenAPI],
    admin: Person,
    teacher: Person,
    course: dict[str, Any],
    clock: FakeClock,
) -> None:
    planned(api, teacher, course, automatic=True)
    answer = api.call("PATCH", "/admin/settings", admin, json={"late_after_minutes": 5})
    assert answer.status_code == 200, answer.text
    clock.moment = datetime(2026, 3, 2, 8, 0, 0, tzinfo=timezone.utc)
    ticker.tick(make_app(), 0)  # a process that has answered nothing yet
    (session,) = api.get("/session/mine", teacher).json["sessions"]
    assert session["late_after_minutes"] == 5
