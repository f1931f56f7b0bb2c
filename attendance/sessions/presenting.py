"""Sessions, and the marks in them, as the outside sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from attendance.core import zones
from attendance.core.clock import iso
from attendance.sessions import evidence, rules, schemas
from database import Row
from database.rows import CountedSessionRow, MarkRow, SessionRow

# What other programs read: these seven, in this order.
COLUMNS = ("student_id", "name", "email", "status", "method", "marked_at", "distance")
LOCAL_TIME = "%Y-%m-%d %H:%M:%S"
DETAIL_COLUMNS = ("remark", "session_started_at", "session_ended_at")
LAST_COLUMNS = ("evidence",)


def session(
    row: SessionRow, now: datetime, *, with_code: bool, with_note: bool | None = None
) -> Row:
    """A session. Students see no code that they did not type: a scan is not to be passed on.

    The note is its teachers'; unset, `with_note` is as `with_code`.
    """
    return schemas.Session.shown(
        row,
        code=rules.code_at(row, now) if with_code else None,
        code_changes_at=rules.code_changes_at(row, now) if with_code else None,
        course_id=row["course"],
        state=rules.state_of(row, now),
        ended_at=rules.end_of(row, now),
        note=row["note"] if (with_code if with_note is None else with_note) else None,
    )


def counted(row: CountedSessionRow, now: datetime) -> Row:
    """A session in its teacher's list, with how many came."""
    return schemas.CountedSession.shown({**row, **session(row, now, with_code=True)})


def mark(row: MarkRow) -> Row:
    """One line of a session's list."""
    return schemas.AttendanceRow.shown(row, evidence=evidence.of(row), weak=evidence.is_weak(row))


def own_mark(row: MarkRow) -> Row:
    """The same for the student whose mark it is: a doubt is for the teacher's eye."""
    return {**mark(row), "evidence": evidence.told(row), "weak": False}


def history(row: Row, now: datetime) -> Row:
    """One line of a student's own history."""
    return schemas.HistoryRow.shown(
        row, ended_at=rules.end_of(row, now), evidence=evidence.told(row)
    )


def table(
    listed: Iterable[MarkRow],
    started_at: datetime,
    ended_at: datetime | None,
    *,
    details: bool,
    zone: str | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Header and one row per student of a session; with `details`, three more columns. What each
    mark rests on stands last. Times in UTC as programs read them, or as the clocks of a zone show
    them."""

    def shown_time(at: datetime | None) -> str | None:
        return iso(at) if zone is None or at is None else f"{zones.local(at, zone):{LOCAL_TIME}}"

    columns = COLUMNS + (DETAIL_COLUMNS if details else ()) + LAST_COLUMNS
    yield columns
    times = {
        "session_started_at": shown_time(started_at),
        "session_ended_at": shown_time(ended_at),
    }
    for row in listed:
        shown = {**row, **times, "marked_at": shown_time(row["marked_at"])}
        shown["evidence"] = " ".join(evidence.of(row))
        yield tuple(shown[column] for column in columns)
