"""Timetables that are taken over: matched, compared, planned, read again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import course_of
from tests.attendance.timetables.calendars import berlin, calendar, event, send, taken
from tests.conftest import Api, FakeClock, Person, code_of

WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=3"
ROOM = "LOCATION:B 12"


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher, timezone="Europe/Berlin", section="7b")


def planned(api: Api, by: Person, days: int = 40) -> list[tuple[str, str | None]]:
    """When the teacher has lessons ahead, and in which room."""
    now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    query = f"?from={now.date()}&to={(now + timedelta(days=days)).date()}"
    lines = api.get(f"/session/planned{query}", by).json["planned"]
    return [(line["starts_at"][:16], line["room"]) for line in lines]


def made(api: Api, by: Person, *events: str, **options: Any) -> int:
    answer = send(api, by, calendar(*events), **options)
    assert answer.status_code == 200, answer.text
    number: int = answer.json["timetable"]["id"]
    return number


def results(answer: Any) -> list[tuple[str, str | None, str | None]]:
    """What is said of each lesson: the result, and when it was and will be."""
    assert answer.status_code == 200, answer.text
    return [
        (
            one["result"],
            one["before"] and one["before"]["starts_at"][:16],
            one["after"] and one["after"]["starts_at"][:16],
        )
        for one in answer.json["changes"]
    ]


def test_lessons_are_looked_at_then_planned(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    data = calendar(berlin("a", "20260316", 9, WEEKLY, ROOM))
    seen = send(api, teacher, data, dry_run=True)
    assert results(seen) == [
        ("new", None, "2026-03-16T08:00"),
        ("new", None, "2026-03-23T08:00"),
        ("new", None, "2026-03-30T07:00"),  # the clock has changed
    ]
    assert seen.json["timetable"] is None
    assert planned(api, teacher) == []
    (label,) = seen.json["labels"]
    name = {"id": course["id"], "code": "MA101", "name": "Algebra"}
    assert label == {"label": "MA101", "lessons": 3, "course": name, "how": "found"}

    done = send(api, teacher, data)
    assert taken(done) == {"new": 3}
    assert planned(api, teacher) == [
        ("2026-03-16T08:00", "B 12"),
        ("2026-03-23T08:00", "B 12"),
        ("2026-03-30T07:00", "B 12"),
    ]
    number = done.json["timetable"]["id"]
    plans = api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    assert {plan["timetable_id"] for plan in plans} == {number}
    (listed,) = api.get("/timetable", teacher).json["timetables"]
    assert (listed["name"], listed["lessons"], listed["host"]) == ("School", 3, None)
    again = send(api, teacher, data, number)
    assert taken(again) == {"unchanged": 3}
    assert again.json["changes"] == []


def test_a_newer_file_moves_cancels_and_changes_rooms(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    zone = ";TZID=Europe/Berlin:"
    number = made(api, teacher, berlin("a", "20260316", 9, WEEKLY, ROOM))
    newer = calendar(
        berlin("a", "20260316", 9, WEEKLY, ROOM, f"EXDATE{zone}20260330T090000"),
        berlin("a", "20260324", 10, ROOM, f"RECURRENCE-ID{zone}20260323T090000"),
        berlin("a", "20260316", 9, "LOCATION:C 1", f"RECURRENCE-ID{zone}20260316T090000"),
    )
    expected = [
        ("room_changed", "2026-03-16T08:00", "2026-03-16T08:00"),
        ("moved", "2026-03-23T08:00", "2026-03-24T09:00"),
        ("cancelled", "2026-03-30T07:00", None),
    ]
    assert results(send(api, teacher, newer, number, dry_run=True)) == expected
    assert planned(api, teacher)[1] == ("2026-03-23T08:00", "B 12")
    assert results(send(api, teacher, newer, number)) == expected
    assert planned(api, teacher) == [("2026-03-16T08:00", "C 1"), ("2026-03-24T09:00", "B 12")]
    # what falls out may come back
    back = send(api, teacher, calendar(berlin("a", "20260316", 9, WEEKLY, ROOM)), number)
    assert taken(back) == {"room_changed": 1, "moved": 1, "new": 1}


def test_a_series_that_moves_takes_its_lessons_with_it(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    number = made(api, teacher, berlin("a", "20260316", 9, WEEKLY))
    ids = {one["id"] for one in api.get(f"/course/{course['id']}/plans", teacher).json["plans"]}
    for day, hour, first in (("20260316", 11, "16T10"), ("20260318", 11, "18T10")):
        moved = send(api, teacher, calendar(berlin("a", day, hour, WEEKLY)), number)
        assert taken(moved) == {"moved": 3}
        assert planned(api, teacher)[0][0].startswith(f"2026-03-{first}")
    plans = api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    assert {one["id"] for one in plans} == ids


def test_what_a_teacher_changed_by_hand_stays_and_is_said(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    data = calendar(berlin("a", "20260316", 9, WEEKLY, ROOM))
    number = made(api, teacher, berlin("a", "20260316", 9, WEEKLY, ROOM))
    first, second, third = api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    api.call("PATCH", f"/plan/{first['id']}", teacher, json={"start_time": "11:00"})
    api.call("DELETE", f"/plan/{second['id']}", teacher)
    # automatic is no matter of the timetable
    api.call("PATCH", f"/plan/{third['id']}", teacher, json={"automatic": True})
    again = send(api, teacher, data, number)
    assert taken(again) == {"kept": 2, "unchanged": 1}
    newer = calendar(berlin("a", "20260316", 9, WEEKLY, "LOCATION:C 1"))
    assert taken(send(api, teacher, newer, number)) == {"kept": 2, "room_changed": 1}
    assert planned(api, teacher) == [("2026-03-16T10:00", "B 12"), ("2026-03-30T07:00", "C 1")]
    plans = api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    assert [plan["automatic"] for plan in plans] == [False, True]
    empty = send(api, teacher, calendar(), number)
    assert taken(empty) == {"kept": 2, "cancelled": 1}


def test_sessions_that_were_held_are_never_touched_and_the_past_is_left(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    number = made(api, teacher, berlin("a", "20260302", 9, WEEKLY))
    api.session(teacher, course_id=course["id"])  # becomes the lesson that runs
    plan = api.get(f"/course/{course['id']}/plans", teacher).json["plans"][0]
    clock.advance(days=8)  # the second lesson was missed
    later = calendar(berlin("a", "20260320", 9, "RRULE:FREQ=WEEKLY;COUNT=1"))
    found = send(api, teacher, later, number)
    assert results(found) == [
        ("cancelled", "2026-03-16T08:00", None),
        ("new", None, "2026-03-20T08:00"),
    ]
    assert plan["id"] in {
        one["id"] for one in api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    }
    assert planned(api, teacher) == [
        ("2026-03-02T08:00", None),
        ("2026-03-09T08:00", None),
        ("2026-03-20T08:00", None),
    ]


def test_a_program_that_gives_lessons_other_names_each_time_changes_nothing(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    number = made(api, teacher, berlin("a", "20260316", 9), berlin("b", "20260317", 9))
    before = api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    renamed = calendar(berlin("x", "20260316", 9), berlin("y", "20260317", 9))
    for _ in range(2):
        assert taken(send(api, teacher, renamed, number)) == {"unchanged": 2}
    assert api.get(f"/course/{course['id']}/plans", teacher).json["plans"] == before
    moved = calendar(berlin("x", "20260316", 9), berlin("y", "20260317", 12))
    assert taken(send(api, teacher, moved, number)) == {"unchanged": 1, "moved": 1}


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("summary", "more"),
    [
        ("ma101", ()),
        ("Álgebra 7B", ()),
        ("7b – Algebra", ()),
        ("Algebra", ()),
        ("Room 4", ("CATEGORIES:Algebra 7b",)),
        ("Algebra", ("CATEGORIES:7b",)),
        ("Lesson MA101 (Ms. Lovelace)", ()),
    ],
)
def test_a_course_is_found_by_its_code_or_its_name_and_section(
    api: Api, teacher: Person, course: dict[str, Any], summary: str, more: tuple[str, ...]
) -> None:
    course_of(api, teacher, code="BI101", name="Biology", section="7b")
    data = calendar(berlin("a", "20260316", 9, *more, summary=summary))
    (label,) = send(api, teacher, data, dry_run=True).json["labels"]
    assert (label["how"], label["course"]["id"]) == ("found", course["id"])


def test_what_fits_several_courses_or_none_is_shown_and_assigned_once(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    other = course_of(api, teacher, code="MA102", section="7c", timezone="Europe/Berlin")
    events = (
        berlin("a", "20260316", 9, summary="Algebra"),
        berlin("b", "20260317", 9, summary="Staff meeting"),
    )
    seen = send(api, teacher, calendar(*events), dry_run=True)
    assert [(label["label"], label["how"]) for label in seen.json["labels"]] == [
        ("Algebra", "several"),
        ("Staff meeting", "unknown"),
    ]
    assert taken(seen) == {}
    choices: dict[str, int | None] = {"Algebra": other["id"], "Staff meeting": None}
    number = made(api, teacher, *events, assigned=choices)
    later = calendar(*events, berlin("c", "20260318", 9, summary="Algebra"))
    again = send(api, teacher, later, number)  # remembered
    assert taken(again) == {"unchanged": 1, "new": 1}
    assert [label["how"] for label in again.json["labels"]] == ["chosen", "left_out"]
    # another course for it: the lessons go over
    moved = send(api, teacher, later, number, assigned={"Algebra": course["id"]})
    assert taken(moved) == {"new": 2, "cancelled": 2}


def test_what_cannot_be_a_lesson_is_rejected_with_the_reason(
    api: Api, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    api.post(
        "/admin/holidays",
        admin,
        json={"name": "Easter", "from": "2026-04-03", "to": "2026-04-06"},
    )
    weekly = {"days": ["wed"], "start_time": "09:00", "duration_minutes": 45}
    weekly |= {"from": "2026-03-18", "to": "2026-03-18"}
    assert api.post(f"/course/{course['id']}/plans", teacher, json=weekly).status_code == 201
    zone = ";TZID=Europe/Berlin:"
    answer = send(
        api,
        teacher,
        calendar(
            event("a", ";VALUE=DATE:20260310", ";VALUE=DATE:20260311"),
            event("b", ":nonsense", ":nonsense"),
            event("c", f"{zone}20260311T090000", f"{zone}20260311T090000"),
            event("d", f"{zone}20260312T090000", f"{zone}20260314T090000"),
            # 02:30 that the clock shows a second time
            event("e", ":20261025T013000Z", ":20261025T023000Z"),
            berlin("f", "20260403", 9),
            berlin("g", "20260318", 9),
            berlin("h", "20260319", 9),
        ),
    )
    assert answer.status_code == 200, answer.text
    rejected = {one["reason"] for one in answer.json["changes"] if one["result"] == "rejected"}
    assert rejected == {
        *("all_day", "unreadable", "no_end", "too_long"),
        *("clock_change", "holiday", "planned_already"),
    }
    assert taken(answer) == {"new": 1, "rejected": 7}


def test_times_without_a_zone_are_the_courses(api: Api, teacher: Person) -> None:
    course_of(api, teacher, code="TOKYO", timezone="Asia/Tokyo")
    made(api, teacher, event("a", ":20260316T090000", ":20260316T100000", summary="TOKYO"))
    assert planned(api, teacher) == [("2026-03-16T00:00", None)]


def test_lessons_are_looked_for_to_the_end_of_the_last_term_or_for_a_year(
    api: Api, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    endless = berlin("a", "20260302", 9, "RRULE:FREQ=WEEKLY")
    assert taken(send(api, teacher, calendar(endless), dry_run=True)) == {"new": 53}
    term = {"name": "Spring", "from": "2026-02-01", "to": "2026-03-31"}
    api.post("/admin/terms", admin, json=term)
    assert taken(send(api, teacher, calendar(endless), dry_run=True)) == {"new": 5}


def test_a_teacher_plans_own_courses_and_an_administrator_all(
    api: Api, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    data = calendar(berlin("a", "20260316", 9))
    other = api.teacher()
    stranger = send(api, other, data, dry_run=True)
    assert [label["how"] for label in stranger.json["labels"]] == ["unknown"]
    forced = send(api, other, data, assigned={"MA101": course["id"]})
    assert code_of(forced) == (400, "invalid_request")
    helping = {"email": other.row["email"], "role": "assistant"}
    api.post(f"/course/{course['id']}/staff", teacher, json=helping)
    assert taken(send(api, other, data, dry_run=True)) == {}  # helps, and does not plan
    number = made(api, admin, berlin("a", "20260316", 9))
    missing = (404, "timetable_not_found")
    assert code_of(send(api, teacher, data, number)) == missing
    assert code_of(api.call("DELETE", f"/timetable/{number}", teacher)) == missing
    assert code_of(send(api, admin, data, 999)) == missing
    assert api.get("/timetable", teacher).json["timetables"] == []
    assert code_of(send(api, api.student(), data)) == (403, "forbidden")
    assert taken(send(api, teacher, data)) == {"rejected": 1}  # it is planned already


@pytest.mark.any_database
def test_what_is_sent_wrongly_is_refused(api: Api, teacher: Person, course: dict[str, Any]) -> None:
    data = calendar(berlin("a", "20260316", 9))
    wrong = (400, "invalid_request")
    assert code_of(send(api, teacher, None)) == wrong
    assert code_of(send(api, teacher, data, url="https://school.example/a.ics")) == wrong
    for assigned in ({"MA101": -1}, {"MA101": True}, {"MA101": 999_999}):
        assert code_of(send(api, teacher, data, assigned=assigned)) == wrong
    assert code_of(send(api, teacher, b"no calendar")) == (400, "timetable_unreadable")
    bomb = calendar(berlin("a", "20260316", 9, "RRULE:FREQ=SECONDLY"))
    assert code_of(send(api, teacher, bomb)) == (400, "recurrence_too_dense")
    large = send(api, teacher, data + b" " * 1_000_001)
    assert code_of(large) == (413, "timetable_too_large")
    assert api.get("/timetable", teacher).json["timetables"] == []


def test_a_timetable_that_is_forgotten_takes_what_lies_ahead_with_it(
    api: Api, parts: Services, teacher: Person, course: dict[str, Any]
) -> None:
    number = made(api, teacher, berlin("a", "20260316", 9, WEEKLY))
    first = api.get(f"/course/{course['id']}/plans", teacher).json["plans"][0]
    api.call("PATCH", f"/plan/{first['id']}", teacher, json={"room": "own"})
    assert api.call("DELETE", f"/timetable/{number}", teacher).status_code == 204
    assert planned(api, teacher) == [("2026-03-16T08:00", "own")]
    (left,) = api.get(f"/course/{course['id']}/plans", teacher).json["plans"]
    assert left["timetable_id"] is None
    with parts.database.read() as tx:
        rows = tx.all("SELECT action, actor FROM audit ORDER BY id")
    actions = [(row["action"], row["actor"]) for row in rows]
    name = f"teacher:{teacher.row['id']}"
    assert actions[-2:] == [("timetable.import", name), ("timetable.delete", name)]


def test_cancelled_lessons_are_cancelled_in_the_calendars_of_students(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    number = made(api, teacher, berlin("a", "20260316", 9))
    path = api.post("/calendar/feed", teacher).json["url"].removeprefix("http://localhost")
    assert "STATUS:CONFIRMED" in api.get(path).text
    send(api, teacher, calendar(), number)
    assert "STATUS:CANCELLED" in api.get(path).text
