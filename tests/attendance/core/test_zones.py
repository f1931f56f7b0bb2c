"""Days and wall-clock times over both changes of a year."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from attendance.core import zones
from attendance.core.errors import NotPlanned
from attendance.courses import patterns


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc,arg-type]  # year, month, day…


@pytest.mark.parametrize(
    ("zone", "day", "clock_time", "moment"),
    [
        ("Europe/Berlin", date(2026, 3, 28), time(9), utc(2026, 3, 28, 8)),
        ("Europe/Berlin", date(2026, 3, 30), time(9), utc(2026, 3, 30, 7)),
        ("Europe/Berlin", date(2026, 10, 24), time(9), utc(2026, 10, 24, 7)),
        ("Europe/Berlin", date(2026, 10, 26), time(9), utc(2026, 10, 26, 8)),
        # skipped in spring: as if the clock had not changed, which is 03:30
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), utc(2026, 3, 29, 1, 30)),
        # shown twice in autumn: the first
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), utc(2026, 10, 25, 0, 30)),
        ("America/New_York", date(2026, 3, 8), time(9), utc(2026, 3, 8, 13)),
        ("America/New_York", date(2026, 11, 1), time(9), utc(2026, 11, 1, 14)),
        # the southern half of the world, and half an hour of change
        ("Australia/Lord_Howe", date(2026, 4, 4), time(9), utc(2026, 4, 3, 22)),
        ("Australia/Lord_Howe", date(2026, 4, 6), time(9), utc(2026, 4, 5, 22, 30)),
        ("Asia/Kathmandu", date(2026, 4, 6), time(9), utc(2026, 4, 6, 3, 15)),
    ],
)
def test_a_wall_clock_time_is_a_moment(
    zone: str, day: date, clock_time: time, moment: datetime
) -> None:
    assert zones.moment(day, clock_time, zone) == moment


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 6, 1), 24),
        ("Asia/Beirut", date(2026, 3, 29), 23),  # the change is at midnight itself
        ("Asia/Beirut", date(2026, 10, 24), 25),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_days_follow_each_other_without_gap_or_overlap(zone: str, day: date, hours: int) -> None:
    begins_at, ends_at = zones.days(day, day, zone)
    assert ends_at - begins_at == timedelta(hours=hours)
    assert zones.days(day + timedelta(days=1), day + timedelta(days=1), zone)[0] == ends_at
    assert zones.day_of(begins_at, zone) == day
    assert zones.day_of(ends_at - timedelta(microseconds=1), zone) == day
    assert zones.day_of(ends_at, zone) == day + timedelta(days=1)


def plan(**values: Any) -> dict[str, Any]:
    return {
        "days": "mon,wed",
        "start_time": "09:00",
        "duration_minutes": 90,
        "first_day": "2026-03-23",
        "last_day": "2026-04-05",
        "exceptions": "[]",
        "every_weeks": 1,
        "on_holidays": 0,
        "moves": None,
        "free_days": [],
        "timezone": "Europe/Berlin",
        **values,
    }


def starts(row: dict[str, Any], first: date = date.min, last: date = date.max) -> list[str]:
    return [f"{found.starts_at:%m-%d %H:%M}" for found in patterns.occurrences(row, first, last)]


def test_a_class_at_nine_stays_at_nine_through_both_changes() -> None:
    assert starts(plan()) == ["03-23 08:00", "03-25 08:00", "03-30 07:00", "04-01 07:00"]
    autumn = plan(first_day="2026-10-19", last_day="2026-10-28")
    assert starts(autumn) == ["10-19 07:00", "10-21 07:00", "10-26 08:00", "10-28 08:00"]


def test_a_class_across_the_change_lasts_its_minutes() -> None:
    night = plan(days="sun", start_time="01:30", first_day="2026-03-29", last_day="2026-03-29")
    found = next(patterns.occurrences(night, date.min, date.max))
    assert found.ends_at - found.starts_at == timedelta(minutes=90)
    assert zones.local(found.ends_at, "Europe/Berlin").strftime("%H:%M") == "04:00"


def test_exceptions_and_limits_of_a_plan() -> None:
    free = plan(exceptions=json.dumps(["2026-03-25", "2026-03-30", "2026-12-24"]))
    assert starts(free) == ["03-23 08:00", "04-01 07:00"]
    assert starts(plan(), date(2026, 3, 24), date(2026, 3, 30)) == ["03-25 08:00", "03-30 07:00"]
    assert starts(plan(), date(2027, 1, 1)) == []
    with pytest.raises(NotPlanned):
        patterns.occurrence_on(free, date(2026, 3, 25))
    with pytest.raises(NotPlanned):
        patterns.occurrence_on(plan(), date(2026, 3, 24))
