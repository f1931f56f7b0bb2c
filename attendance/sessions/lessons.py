"""Planned lessons that become sessions: the one that is due, or one of a day that was missed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from attendance.core import zones
from attendance.core.errors import AlreadyStarted, NotDue
from attendance.core.settings import Settings
from attendance.courses import patterns
from attendance.courses.patterns import Occurrence
from attendance.sessions import opening
from database import Row, Transaction, UniqueViolation, courses, plans, sessions
from database.rows import SessionRow

# Who starts so long before a planned lesson means that lesson.
EARLY = timedelta(minutes=15)


def due(tx: Transaction, course: int, now: datetime) -> Occurrence | None:
    """The lesson of the course that is planned for now and is no session yet, or None."""
    found = [
        occurrence
        for plan in plans.select(tx, course=course)
        for occurrence in patterns.occurrences(plan, *days_around(now))
        if occurrence.starts_at - EARLY <= now < occurrence.ends_at
    ]
    found.sort(key=lambda occurrence: occurrence.starts_at)
    return next((each for each in found if not is_held(became(tx, each))), None)


def start(
    tx: Transaction,
    settings: Settings,
    now: datetime,
    *,
    course: int | None,
    beside: bool,
    **said: Any,
) -> SessionRow:
    """Open a session: as the lesson that the course's plan has now, if it has one.

    Args:
        beside: open it although the course has an open session, and beside any plan.
        said: what the caller says, as `sessions.create` takes it; None: the plan or the settings
            decide.

    Raises:
        SessionOpen: the course has an open session.
        CodeTaken, CourseNotFound: as `opening.open_session`.
    """
    given = {name: value for name, value in said.items() if value is not None}
    if course is not None and not beside:
        opening.require_none_open(tx, course, now)
        lesson = due(tx, course, now)
        if lesson is not None:
            return open_lesson(tx, lesson, settings, now, **given)
    usual = {
        "section": None,
        "late_after_minutes": settings.late_after_minutes,
        "closes_at": now + timedelta(minutes=settings.session_minutes),
        "code_seconds": settings.session_code_seconds,
    }
    return opening.open_session(tx, course=course, now=now, **{**usual, **given})


def open_lesson(
    tx: Transaction, occurrence: Occurrence, settings: Settings, now: datetime, **given: Any
) -> SessionRow:
    """Make the occurrence a session that runs from now to its planned end, once.

    Args:
        given: what the caller says instead of the plan, as `sessions.create` takes it.

    Raises:
        AlreadyStarted: it is one already, perhaps by another process.
        CodeTaken, CourseNotFound: as `opening.open_session`.
    """
    plan = occurrence.plan
    late = plan["late_after_minutes"]
    planned = {
        "teacher": int(plan["teacher"]),
        "course": int(plan["course"]),
        "subject": plan["subject"],
        "section": plan["section"],
        "room": plan["room"],
        "late_after_minutes": settings.late_after_minutes if late is None else late,
        "closes_at": occurrence.ends_at,
        "code_seconds": settings.session_code_seconds,
    }
    with _once(tx):
        row = opening.open_session(tx, now=now, **{**planned, **given})
        _link(tx, occurrence, row)
    return row


def open_on(
    tx: Transaction, plan: Row, day: date, settings: Settings, now: datetime
) -> tuple[SessionRow, bool]:
    """Open what the plan has for a day, and say whether it is open now.

    A lesson of today that is not over opens now. One that was missed becomes a session at its own
    time, which has ended: who is enrolled is absent until marked.

    Raises:
        NotPlanned: nothing is planned for the day.
        NotDue: the day is still to come.
        SessionOpen: the course has an open session.
        AlreadyStarted: it is a session already.
    """
    occurrence = patterns.occurrence_on(plan, day)
    if zones.day_of(occurrence.starts_at, plan["timezone"]) > zones.day_of(now, plan["timezone"]):
        raise NotDue
    if occurrence.ends_at <= now:
        with _once(tx):
            row = opening.add_past(
                tx,
                teacher=int(plan["teacher"]),
                course=int(plan["course"]),
                subject=plan["subject"],
                section=plan["section"],
                room=plan["room"],
                started_at=occurrence.starts_at,
                ended_at=occurrence.ends_at,
                now=now,
            )
            _link(tx, occurrence, row)
        return row, False
    if is_held(became(tx, occurrence)):
        raise AlreadyStarted
    opening.require_none_open(tx, int(plan["course"]), now)
    return open_lesson(tx, occurrence, settings, now), True


def add_past(
    tx: Transaction, *, course: int, started_at: datetime, ended_at: datetime, **fields: Any
) -> SessionRow:
    """Enter a session that was held before: as the lesson that was planned then, if there is one.

    Args:
        fields: the others of `sessions.add_past`.

    Raises:
        AlreadyStarted: the course's section has a session at this time.
        CourseNotFound: as `opening.add_past`.
    """
    courses.lock(tx, course)
    if sessions.is_between(tx, course, fields["section"], started_at, ended_at):
        raise AlreadyStarted("This course has a session at this time.")
    row = opening.add_past(tx, course=course, started_at=started_at, ended_at=ended_at, **fields)
    planned = [
        occurrence
        for plan in plans.select(tx, course=course)
        for occurrence in patterns.occurrences(plan, *days_around(started_at))
        if occurrence.starts_at < ended_at and started_at < occurrence.ends_at
    ]
    planned.sort(key=lambda occurrence: occurrence.starts_at)
    missed = next((each for each in planned if not is_held(became(tx, each))), None)
    if missed is not None:
        adopt(tx, missed, row)
    return row


def adopt(tx: Transaction, occurrence: Occurrence, session: SessionRow) -> None:
    """Say that a session that was started by hand is the occurrence's.

    Raises:
        AlreadyStarted: the occurrence is a session already.
    """
    with _once(tx):
        _link(tx, occurrence, session)


def became(tx: Transaction, occurrence: Occurrence) -> Row | None:
    """The session that the occurrence became, if it did; it may have been discarded since."""
    day = occurrence.day.isoformat()
    rows = plans.started(tx, [int(occurrence.plan["id"])], day, day)
    return rows[0] if rows else None


def is_held(session: Row | None) -> bool:
    """Whether what `became` found still counts."""
    return session is not None and session["discarded_at"] is None


def days_around(now: datetime) -> tuple[date, date]:
    """Days that are today somewhere, with room for lessons over midnight."""
    return (now - timedelta(days=2)).date(), (now + timedelta(days=2)).date()


def _link(tx: Transaction, occurrence: Occurrence, session: SessionRow) -> None:
    plans.link(
        tx,
        plan=int(occurrence.plan["id"]),
        day=occurrence.day.isoformat(),
        session=int(session["id"]),
    )


@contextmanager
def _once(tx: Transaction) -> Iterator[None]:
    """A block that is undone, and answers `AlreadyStarted`, when the day has its session."""
    try:
        with tx.savepoint():
            yield
    except UniqueViolation:
        raise AlreadyStarted from None
