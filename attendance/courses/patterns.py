"""Weekly patterns: on which days a course meets, and when that is in UTC.

A pattern is kept as wall-clock time, so a class at 9 stays at 9 through daylight saving. Each
occurrence lasts its minutes of real time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from attendance.core import zones
from attendance.core.errors import NotPlanned
from database import Row

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Occurrence:
    """One day of a plan."""

    plan: Row
    day: date
    starts_at: datetime
    ends_at: datetime


def occurrences(plan: Row, first: date, last: date) -> Iterator[Occurrence]:
    """The days of the plan (a row with its course's zone) from first to last, both included."""
    weekdays = {DAYS.index(name) for name in plan["days"].split(",")}
    exceptions = set(json.loads(plan["exceptions"]))
    clock_time = time.fromisoformat(plan["start_time"])
    day = max(first, date.fromisoformat(plan["first_day"]))
    end = min(last, date.fromisoformat(plan["last_day"]))
    while day <= end:
        if day.weekday() in weekdays and day.isoformat() not in exceptions:
            starts_at = zones.moment(day, clock_time, plan["timezone"])
            yield Occurrence(
                plan, day, starts_at, starts_at + timedelta(minutes=plan["duration_minutes"])
            )
        day += timedelta(days=1)


def occurrence_on(plan: Row, day: date) -> Occurrence:
    """The plan's occurrence on the day. Raises `NotPlanned`."""
    for occurrence in occurrences(plan, day, day):
        return occurrence
    raise NotPlanned
