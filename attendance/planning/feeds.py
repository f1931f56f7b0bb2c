"""Calendars of teachers and students, behind addresses that are secret and can be revoked."""

from __future__ import annotations

from datetime import datetime, timedelta

from attendance.core.errors import CalendarNotFound, found
from attendance.core.roles import ACTIVE, TEACHER
from attendance.core.services import Services
from attendance.courses import patterns
from attendance.courses.patterns import Occurrence
from attendance.crypto import tokens
from attendance.planning import ical
from attendance.sessions import rules
from database import Row, Transaction, calendars, students, teachers
from database import plans as stored

# How far a calendar goes back, and ahead.
PAST = FUTURE = timedelta(days=180)
# How far from its day a lesson may be moved and still be known by it.
MOVED = timedelta(days=366)


def open_feed(parts: Services, account: str) -> tuple[str, datetime]:
    """A new secret for the account's calendar, shown once; the one before ends."""
    token, now = tokens.new_secret(), parts.clock.now()
    with parts.database.write() as tx:
        calendars.open_feed(tx, account, tokens.hashed(token), now)
    return token, now


def text(parts: Services, token: str) -> str:
    """The calendar behind a secret. Raises `CalendarNotFound`."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        account = found(calendars.account_of(tx, tokens.hashed(token)), CalendarNotFound)
        kind, _, number = account.partition(":")
        person = (teachers if kind == TEACHER else students).by_id(tx, int(number))
        if person is None or person["state"] != ACTIVE:
            raise CalendarNotFound
        rows = _sessions(tx, kind, int(number), now)
        planned, left_out = _planned(tx, kind, int(number), now)
    events = [
        *(_event(row, now) for row in rows),
        *(_planned_event(one) for one in planned),
        *(_planned_event(one, is_cancelled=True) for one in left_out),
    ]
    return ical.calendar(f"Attendance – {person['name']}", events, now)


def _sessions(tx: Transaction, kind: str, account: int, now: datetime) -> list[Row]:
    if kind == TEACHER:
        return calendars.sessions_of_teacher(tx, account, now - PAST, as_of=now)
    return calendars.sessions_of_student(tx, account, now - PAST)


def _planned(
    tx: Transaction, kind: str, account: int, now: datetime
) -> tuple[list[Occurrence], list[Occurrence]]:
    """What weekly plans have ahead and nobody has started yet, and which days are left out, or
    belong to a plan that was deleted."""
    rows = stored.select(tx, as_of=now, **{kind: account})
    deleted = stored.deleted(tx, now - PAST, as_of=now, **{kind: account})
    first, last = (now - timedelta(days=1)).date(), (now + FUTURE).date()
    began = {
        (row["plan"], row["day"])
        for row in stored.started(
            tx,
            [row["id"] for row in (*rows, *deleted)],
            (first - MOVED).isoformat(),
            (last + MOVED).isoformat(),
        )
    }
    waiting = [
        one
        for row in rows
        for one in patterns.occurrences(row, first, last)
        if one.ends_at > now and (row["id"], one.day.isoformat()) not in began
    ]
    left_out = [
        one
        for row in rows
        for one in patterns.left_out(row, first, last)
        if (row["id"], one.day.isoformat()) not in began
    ]
    gone = [
        one
        for row in deleted
        for one in (*patterns.occurrences(row, first, last), *patterns.left_out(row, first, last))
        if (row["id"], one.day.isoformat()) not in began
    ]
    return waiting, left_out + gone


def _uid(plan: int, day: str) -> str:
    """A lesson is the same entry before it begins and afterwards."""
    return f"plan-{plan}-{day}@attendance"


def _planned_event(one: Occurrence, *, is_cancelled: bool = False) -> ical.Event:
    return ical.Event(
        uid=_uid(one.plan["id"], one.day.isoformat()),
        sequence=int(one.plan["sequence"]),
        is_cancelled=is_cancelled,
        start=one.starts_at,
        end=one.ends_at,
        summary=_titled(one.plan),
        description=f"{one.plan['code']} {one.plan['name']}",
    )


def _titled(row: Row) -> str:
    return f"{row['subject']} ({row['section']})" if row["section"] else str(row["subject"])


def _event(row: Row, now: datetime) -> ical.Event:
    """A session that is still open lasts until it closes, or until now."""
    end = rules.end_of(row, now) or row["closes_at"] or max(now, row["started_at"])
    course = f"{row['course_code']} {row['course_name']}" if row["course_code"] else ""
    is_planned = row["plan"] is not None
    before = int(row["plan_sequence"] or 0) + 1 if is_planned else 0
    return ical.Event(
        uid=_uid(row["plan"], row["day"]) if is_planned else f"session-{row['id']}@attendance",
        sequence=before + int(row["sequence"]),
        is_cancelled=row["discarded_at"] is not None,
        start=row["started_at"],
        end=end,
        summary=_titled(row),
        description=course,
    )
