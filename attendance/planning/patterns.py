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
from attendance.core.errors import AlreadyStarted, NotPlanned
from attendance.core.services import Services
from attendance.sessions import opening
from database import ForeignKeyViolation, Row, Transaction, UniqueViolation, plans

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


def open_session(
    parts: Services, tx: Transaction, occurrence: Occurrence, started_at: datetime
) -> Row:
    """Make the occurrence a session, once; an automatic one will close at its planned end.

    Raises:
        AlreadyStarted: it is one already, perhaps by another process.
    """
    plan = occurrence.plan
    late = plan["late_after_minutes"]
    try:
        with tx.savepoint():
            row = opening.open_session(
                tx,
                teacher=int(plan["teacher"]),
                course=int(plan["course"]),
                subject=plan["subject"],
                section=plan["section"],
                late_after_minutes=parts.settings.late_after_minutes if late is None else late,
                now=started_at,
                closes_at=occurrence.ends_at if plan["automatic"] else None,
            )
            plans.link(
                tx, plan=int(plan["id"]), day=occurrence.day.isoformat(), session=int(row["id"])
            )
    except UniqueViolation:
        raise AlreadyStarted from None
    return row


def open_due(parts: Services) -> list[Row]:
    """Open what is automatic and has begun; returns the sessions that are new.

    Where nobody served at the planned time, it opens late and counts from the planned start, so
    that who comes is as late as he or she is. What is over is left alone.
    """
    now = parts.clock.now()
    first, last = (now - timedelta(days=2)).date(), (now + timedelta(days=2)).date()
    with parts.database.read() as tx:
        due = [
            occurrence
            for plan in plans.automatic(tx, first.isoformat(), last.isoformat())
            for occurrence in occurrences(plan, first, last)
            if occurrence.starts_at <= now < occurrence.ends_at
        ]
        due = [found for found in due if not became(tx, found)] if due else due
    opened = []
    for occurrence in due:
        try:
            with parts.database.write() as tx:
                opened.append(open_session(parts, tx, occurrence, occurrence.starts_at))
        except (AlreadyStarted, ForeignKeyViolation):
            continue  # another process was quicker, or the plan is gone
    return opened


def became(tx: Transaction, occurrence: Occurrence) -> Row | None:
    """The session that the occurrence became, if it did."""
    day = occurrence.day.isoformat()
    rows = plans.started(tx, [int(occurrence.plan["id"])], day, day)
    return rows[0] if rows else None
