"""What calendars say: recurrences, zones, both changes of the clock, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from attendance.core.errors import (
    Problem,
    RecurrenceTooDense,
    TimetableTooLarge,
    TimetableUnreadable,
)
from attendance.timetables import reading
from tests.attendance.timetables.calendars import berlin, calendar, event

pytestmark = pytest.mark.any_database
FIRST = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)
YEAR = timedelta(days=366)


def starts(*events: str, until: timedelta = YEAR) -> list[str]:
    lines = list(reading.lines(calendar(*events), FIRST, FIRST + until))
    return sorted(line["starts_at"][:16] for line in lines)


def test_a_weekly_lesson_stays_at_its_hour_through_both_changes_of_the_clock() -> None:
    found = starts(berlin("a", "20260223", 9, "RRULE:FREQ=WEEKLY"))
    assert "2026-03-23T08:00" in found
    assert "2026-03-30T07:00" in found
    assert "2026-10-19T07:00" in found
    assert "2026-10-26T08:00" in found
    assert (found[0], found[-1]) == ("2026-03-02T08:00", "2027-03-01T08:00")


def test_exceptions_moves_and_cancelled_occurrences_are_followed() -> None:
    zone = ";TZID=Europe/Berlin:"
    weekly = berlin(
        "a", "20260302", 10, "RRULE:FREQ=WEEKLY;COUNT=4", f"EXDATE{zone}20260309T100000"
    )
    moved = berlin("a", "20260317", 11, f"RECURRENCE-ID{zone}20260316T100000")
    assert starts(weekly, moved) == ["2026-03-02T09:00", "2026-03-17T10:00", "2026-03-23T09:00"]
    cancelled = berlin(
        "a", "20260323", 10, f"RECURRENCE-ID{zone}20260323T100000", "STATUS:CANCELLED"
    )
    lines = reading.lines(calendar(weekly, cancelled), FIRST, FIRST + YEAR)
    assert [line["starts_at"][:10] for line in lines if line["cancelled"]] == ["2026-03-23"]


def test_zones_are_those_of_the_event_and_times_without_one_are_told_as_they_stand() -> None:
    new_york = ";TZID=America/New_York:20260310T090000"  # where the clocks have changed already
    windows = ";TZID=W. Europe Standard Time:20260310T090000"
    found = starts(
        event("a", new_york, new_york.replace("090000", "100000")),
        event("b", windows, windows.replace("090000", "100000")),
        event("c", ":20260310T110000Z", ":20260310T120000Z"),
    )
    assert found == ["2026-03-10T08:00", "2026-03-10T11:00", "2026-03-10T13:00"]
    lines = reading.lines(
        calendar(
            event("a", ":20260310T090000", ":20260310T100000"),
            event("b", ";VALUE=DATE:20260310", ";VALUE=DATE:20260311"),
        ),
        FIRST,
        FIRST + YEAR,
    )
    assert [(line["floating"], line["all_day"], line["starts_at"]) for line in lines] == [
        (True, False, "2026-03-10T09:00:00"),
        (False, True, "2026-03-10"),
    ]


def test_an_event_that_cannot_be_read_is_said_and_the_others_are_read() -> None:
    broken = event("a", ":whenever", ":20260310T100000Z", summary="Broken")
    lines = list(reading.lines(calendar(broken, berlin("b", "20260310", 9)), FIRST, FIRST + YEAR))
    assert [line.get("summary") for line in lines] == ["Broken", "MA101"]
    assert "broken" in lines[0]


def test_a_time_zone_that_nobody_knows_breaks_no_more_than_its_event() -> None:
    unknown = ";TZID=Moon/Base:20260310T090000"
    events = (event("a", unknown, unknown), berlin("b", "20260310", 10))
    assert "2026-03-10T09:00" in starts(*events)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", TimetableUnreadable),
        (b"\x00\xff" * 500, TimetableUnreadable),
        (b"<html><body>Sign in</body></html>", TimetableUnreadable),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", TimetableUnreadable),
        (b"BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", TimetableUnreadable),
        (calendar(berlin("a", "20260302", 9, "RRULE:FREQ=SECONDLY")), RecurrenceTooDense),
        (calendar(berlin("a", "20260302", 9, "RRULE:FR\r\n EQ=minutely")), RecurrenceTooDense),
        (
            calendar(berlin("a", "20260302", 9, "RRULE:FREQ=DAILY;BYSECOND=1,2,3")),
            RecurrenceTooDense,
        ),
        (calendar(*(berlin(str(n), "20260302", 9) for n in range(8000))), TimetableTooLarge),
        (
            calendar(*(berlin(str(n), "20260302", 9, "RRULE:FREQ=DAILY") for n in range(40))),
            TimetableTooLarge,
        ),
    ],
    ids=[
        *("empty", "bytes", "page", "cut", "event", "secondly", "folded", "by_second"),
        *("megabyte", "lessons"),
    ],
)
def test_what_is_no_calendar_or_a_bomb_is_refused(data: bytes, kind: type[Problem]) -> None:
    with pytest.raises(kind):
        list(reading.lines(data, FIRST, FIRST + YEAR))


@pytest.mark.slow
def test_a_bomb_that_nobody_thought_of_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attendance.spreadsheets.apart.SECONDS", 2.0)
    old = "RRULE:FREQ=DAILY;INTERVAL=400;BYMONTHDAY=30;BYMONTH=2"
    bombs = (event(str(n), ":00010101T000000", ":00010101T010000", old) for n in range(3000))
    with pytest.raises(TimetableTooLarge):
        list(reading.lines(calendar(*bombs), FIRST, FIRST + YEAR))
