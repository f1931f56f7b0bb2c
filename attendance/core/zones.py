"""Days and wall-clock times in a course's IANA time zone, as moments in UTC. No I/O.

A time that a clock skips in spring means the moment it would have been without the change (02:30
becomes 03:30); one that it shows twice in autumn means the first (PEP 495, fold 0).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Every zone that may be chosen, such as ``Europe/Berlin``."""
    return frozenset(name for name in available_timezones() if name not in ("localtime", "Factory"))


def moment(day: date, clock_time: time, zone: str) -> datetime:
    """The moment at which the clocks of the zone show this time on this day."""
    return datetime.combine(day, clock_time, ZoneInfo(zone)).astimezone(timezone.utc)


def local(at: datetime, zone: str) -> datetime:
    """The moment as the clocks of the zone show it."""
    return at.astimezone(ZoneInfo(zone))


def day_of(at: datetime, zone: str) -> date:
    """The calendar day of the moment in the zone."""
    return local(at, zone).date()


def days(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Where the days from `first` to `last` begin and end: last is included, its end is not."""
    return moment(first, time(), zone), moment(last + timedelta(days=1), time(), zone)
