"""Daily statistics: sessions by the day on which they started, in their course's zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from attendance.core import zones
from attendance.courses import percentages
from attendance.courses.percentages import Share
from database import Transaction, records

# No zone is further from UTC; a day somewhere lies within so much of the same day in another.
MARGIN = timedelta(hours=27)


@dataclass
class Day:
    """All sessions of one day."""

    date: date
    sessions: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    share: Share = field(default_factory=lambda: Share(0, 0))


def daily(
    tx: Transaction, now: datetime, *, first: date, last: date, zone: str, **scope: int | None
) -> list[Day]:
    """The days from first to last that have sessions, newest first.

    `zone` is that of sessions without a course; `scope` narrows by `teacher` and `course`.
    """
    begins_at, ends_at = zones.days(first, last, zone)
    days: dict[date, Day] = {}
    for row in records.session_counts(
        tx, now, begins_at=begins_at - MARGIN, ends_at=ends_at + MARGIN, **scope
    ):
        on = zones.day_of(row["started_at"], row["timezone"] or zone)
        if not first <= on <= last:
            continue
        day = days.setdefault(on, Day(on))
        day.sessions.add(row["id"])
        if row["status"] is not None:
            day.counts[row["status"]] += int(row["n"])
            counted = {percentages.counted_as(row["status"], row["meaning"]): int(row["n"])}
            day.share += percentages.share(counted, percentages.definitions_of(row))
    for row in records.method_counts(
        tx, now, begins_at=begins_at - MARGIN, ends_at=ends_at + MARGIN, **scope
    ):
        found = days.get(zones.day_of(row["started_at"], row["timezone"] or zone))
        if found is not None:
            found.methods[row["method"]] += int(row["n"])
    return sorted(days.values(), key=lambda day: day.date, reverse=True)


def day_before(
    tx: Transaction, now: datetime, first: date, *, zone: str, **scope: int | None
) -> date | None:
    """The last day before `first` on which there may be sessions, or None."""
    ends_at = zones.days(first, first, zone)[0] + MARGIN
    row = records.latest_before(tx, ends_at, as_of=now, **scope)
    if row is None:
        return None
    return min(first - timedelta(days=1), zones.day_of(row["started_at"], row["timezone"] or zone))
