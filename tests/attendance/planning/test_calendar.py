"""The own sessions in a calendar program."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest

from attendance.core.services import Services
from attendance.planning import ical
from tests.attendance.sessions.test_marking_gates import enrol_in_course
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher(name="Ada; Lovelace")


def opened(api: Api, by: Person) -> str:
    answer = api.post("/calendar/feed", by)
    assert answer.status_code == 201
    url: str = answer.json["url"]
    assert url.startswith("http://localhost/calendar/")
    return url.removeprefix("http://localhost")


def events(api: Api, path: str) -> list[dict[str, str]]:
    """What a calendar program reads: lines unfolded, events taken apart."""
    answer = api.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    text = answer.data.decode()
    assert text.endswith("END:VCALENDAR\r\n")
    lines = text.replace("\r\n ", "").split("\r\n")
    found: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and ":" in line:
            name, _, value = line.partition(":")
            found[-1].setdefault(name, value)
    return found


def test_a_teacher_sees_own_sessions_with_their_real_ends(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    api.session(api.teacher(), subject="Another's")
    stopped = api.session(teacher, subject="Botany, part 1", section="A")
    clock.advance(minutes=45)
    api.post("/session/stop", teacher, json={"session_id": stopped["id"]})
    api.session(teacher, subject="Algebra", duration_minutes=60)
    first, second = events(api, opened(api, teacher))
    assert first["UID"] == f"session-{stopped['id']}@attendance"
    assert (first["DTSTART"], first["DTEND"]) == ("20260302T080000Z", "20260302T084500Z")
    assert first["SUMMARY"] == "Botany\\, part 1 (A)"
    assert (second["DTSTART"], second["DTEND"]) == ("20260302T084500Z", "20260302T094500Z")


def test_a_student_sees_the_sessions_of_own_courses_and_no_code(
    api: Api, parts: Services, teacher: Person
) -> None:
    member, stranger = api.student(), api.student()
    course = enrol_in_course(parts, teacher, member)
    session = api.session(teacher, course_id=course)
    path = opened(api, member)
    assert [event["UID"] for event in events(api, path)] == [f"session-{session['id']}@attendance"]
    assert session["code"] not in api.get(path).text
    assert events(api, opened(api, stranger)) == []


def test_the_address_is_secret_and_ends_when_revoked_or_renewed(
    api: Api, teacher: Person, parts: Services
) -> None:
    assert api.get("/calendar/feed", teacher).json == {"created_at": None}
    first = opened(api, teacher)
    assert api.get("/calendar/feed", teacher).json == {"created_at": "2026-03-02T08:00:00.000000Z"}
    with parts.database.read() as tx:
        kept = str(tx.all("SELECT * FROM calendar_feeds"))
    assert first.removeprefix("/calendar/").removesuffix(".ics") not in kept
    second = opened(api, teacher)
    missing = (404, "calendar_not_found")
    assert code_of(api.get(first)) == missing
    assert api.get(second).status_code == 200
    assert api.call("DELETE", "/calendar/feed", teacher).status_code == 204
    assert code_of(api.get(second)) == missing
    assert code_of(api.get("/calendar/guess.ics")) == missing
    assert code_of(api.post("/calendar/feed")) == (401, "token_missing")


def test_it_ends_with_the_account(api: Api, teacher: Person) -> None:
    bob, student = api.teacher(), api.student()
    of_bob, of_student = opened(api, bob), opened(api, student)
    api.post(f"/admin/teachers/{bob.row['id']}/suspend", teacher)
    api.call("DELETE", f"/admin/students/{student.row['id']}", teacher)
    for path in (of_bob, of_student):
        assert code_of(api.get(path)) == (404, "calendar_not_found")
    api.post(f"/admin/teachers/{bob.row['id']}/approve", teacher)
    assert api.get(of_bob).status_code == 200
    api.call("DELETE", f"/admin/teachers/{bob.row['id']}", teacher)
    assert code_of(api.get(of_bob)) == (404, "calendar_not_found")


NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=timezone.utc)
END = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("two\nlines\r\nthree", "two\\nlines\\nthree"),
        ("END:VCALENDAR\r\nBEGIN:VALARM", "END:VCALENDAR\\nBEGIN:VALARM"),
    ],
)
def test_text_is_escaped(text: str, written: str) -> None:
    lines = ical.calendar(text, [ical.Event("1", NOW, END, text, text)], NOW).split("\r\n")
    for name in ("X-WR-CALNAME", "SUMMARY", "DESCRIPTION"):
        assert f"{name}:{written}" in lines
    assert lines.count("END:VCALENDAR") == 1


@pytest.mark.parametrize("text", ["x" * 300, "é" * 200, "😀" * 100, "short", "x" * 67, "x" * 68])
def test_lines_are_folded_between_characters(text: str) -> None:
    calendar = ical.calendar("name", [ical.Event("1", NOW, END, text)], NOW)
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    assert f"\r\nSUMMARY:{text}\r\n" in calendar.replace("\r\n ", "")


def test_a_calendar_says_what_programs_ask_for() -> None:
    calendar = ical.calendar("Ada", [ical.Event("1", NOW, END, "Algebra")], NOW)
    for line in (
        *("VERSION:2.0", "METHOD:PUBLISH", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"),
        *("X-PUBLISHED-TTL:PT1H", "DTSTAMP:20260302T080000Z", "DTSTART:20260302T080000Z"),
        *("DTEND:20260302T083000Z", "UID:1"),
    ):
        assert f"\r\n{line}\r\n" in calendar
    assert "DESCRIPTION" not in calendar


def test_planned_sessions_are_shown_until_they_are_held(
    api: Api, parts: Services, teacher: Person, clock: FakeClock
) -> None:
    """Mondays at 9 in Berlin, over the change to summer time."""
    member = api.student()
    course = enrol_in_course(parts, teacher, member)
    with parts.database.write() as tx:
        tx.execute("UPDATE courses SET timezone = 'Europe/Berlin' WHERE id = :id", id=course)
    plan = {
        "subject": "Algebra",
        "days": ["mon"],
        "start_time": "09:00",
        "duration_minutes": 90,
        "from": "2026-03-23",
        "to": "2026-03-30",
    }
    made = api.post(f"/course/{course}/plans", teacher, json=plan)
    assert made.status_code == 201, made.text
    for person in (teacher, member):
        shown = [(e["DTSTART"], e["DTEND"]) for e in events(api, opened(api, person))]
        assert shown == [
            ("20260323T080000Z", "20260323T093000Z"),
            ("20260330T070000Z", "20260330T083000Z"),
        ]
    clock.advance(days=22)
    shown = [e["DTSTART"] for e in events(api, opened(api, member))]
    assert shown == ["20260330T070000Z"]


def test_a_lesson_stays_one_entry_and_is_cancelled_where_it_falls_out(
    api: Api, parts: Services, teacher: Person, clock: FakeClock
) -> None:
    member = api.student()
    course = enrol_in_course(parts, teacher, member)
    plan = {
        "subject": "Algebra",
        "days": ["mon", "wed"],
        "start_time": "08:00",
        "duration_minutes": 60,
        "from": "2026-03-02",
        "to": "2026-03-04",
    }
    made = api.post(f"/course/{course}/plans", teacher, json=plan).json["plan"]["id"]
    path = opened(api, member)
    told: dict[str, list[tuple[int, str]]] = {}

    def look() -> dict[str, dict[str, str]]:
        found = {event["UID"]: event for event in events(api, path)}
        for uid, event in found.items():
            told.setdefault(uid, []).append((int(event["SEQUENCE"]), event["STATUS"]))
        return found

    monday, wednesday = (f"plan-{made}-2026-03-0{day}@attendance" for day in (2, 4))
    assert set(look()) == {monday, wednesday}
    api.call("PATCH", f"/plan/{made}", teacher, json={"exceptions": ["2026-03-04"]})
    look()
    session = api.post(f"/plan/{made}/start", teacher, json={"day": "2026-03-02"}).json["session"]
    assert set(look()) == {monday, wednesday}
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    look()
    api.call("DELETE", f"/session/{session['id']}", teacher)
    look()
    api.post(f"/session/{session['id']}/restore", teacher)
    look()
    api.call("DELETE", f"/session/{session['id']}", teacher)
    look()
    api.post(f"/plan/{made}/start", teacher, json={"day": "2026-03-02"})
    (other,) = set(look()) - {monday, wednesday}
    assert {state for _, state in told.pop(other)} == {"CANCELLED"}  # nobody has it as an entry
    states = [state for _, state in told[monday]]
    assert states == [
        *("CONFIRMED", "CONFIRMED", "CONFIRMED", "CONFIRMED"),
        *("CANCELLED", "CONFIRMED", "CANCELLED", "CONFIRMED"),
    ]
    assert [state for _, state in told[wednesday]] == ["CONFIRMED", *["CANCELLED"] * 7]
    for lines in told.values():
        numbers = [number for number, _ in lines]
        assert numbers == sorted(numbers)
        changes = [
            (before, after)
            for (before, was), (after, state) in itertools.pairwise(lines)
            if was != state
        ]
        assert all(before < after for before, after in changes)


def test_lessons_of_a_deleted_plan_are_cancelled_and_those_that_were_held_stay(
    api: Api, parts: Services, teacher: Person, clock: FakeClock
) -> None:
    member = api.student()
    course = enrol_in_course(parts, teacher, member)
    plan = {
        "subject": "Algebra",
        "days": ["mon", "wed"],
        "start_time": "08:00",
        "duration_minutes": 60,
        "from": "2026-03-02",
        "to": "2026-03-04",
    }
    made = api.post(f"/course/{course}/plans", teacher, json=plan).json["plan"]["id"]
    paths = [opened(api, person) for person in (member, teacher)]
    session = api.post(f"/plan/{made}/start", teacher, json={"day": "2026-03-02"}).json["session"]
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    monday, wednesday = (f"plan-{made}-2026-03-0{day}@attendance" for day in (2, 4))
    before = {event["UID"]: event for event in events(api, paths[0])}
    assert {event["STATUS"] for event in before.values()} == {"CONFIRMED"}
    assert api.call("DELETE", f"/plan/{made}", teacher).status_code == 204
    assert api.get(f"/course/{course}/plans", teacher).json["plans"] == []
    assert code_of(api.call("DELETE", f"/plan/{made}", teacher)) == (404, "plan_not_found")
    for path in paths:
        after = {event["UID"]: event for event in events(api, path)}
        assert set(after) == {monday, wednesday}
        assert (after[monday]["STATUS"], after[wednesday]["STATUS"]) == ("CONFIRMED", "CANCELLED")
        assert int(after[wednesday]["SEQUENCE"]) > int(before[wednesday]["SEQUENCE"])
        assert int(after[monday]["SEQUENCE"]) >= int(before[monday]["SEQUENCE"])
    clock.advance(days=200)
    assert events(api, paths[0]) == []
