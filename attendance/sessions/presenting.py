"""Sessions, and the marks in them, as the outside sees them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attendance.core import zones
from attendance.core.clock import iso
from attendance.sessions import evidence, rules, schemas, stays
from attendance.sessions.first_marks import Kept
from attendance.sessions.stays import Stay
from database import Row
from database.rows import CountedSessionRow, MarkRow, SessionRow

# What other programs read: these seven, in this order.
COLUMNS = ("student_id", "name", "email", "status", "method", "marked_at", "distance")
LOCAL_TIME = "%Y-%m-%d %H:%M:%S"
DETAIL_COLUMNS = ("remark", "session_started_at", "session_ended_at")
LAST_COLUMNS = ("evidence", "camera")
# Where the course wants its students to check out.
STAY_COLUMNS = ("left_at", "left_by", "minutes", "left_early", "not_checked_out")

# Where a mark or an excuse has one.
REASON_COLUMNS = ("reason",)


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


def mark(row: MarkRow, stay: Stay | None = None) -> Row:
    """One line of a session's list; with `stay`, also for how long somebody was there."""
    return schemas.AttendanceRow.shown(
        row,
        evidence=evidence.of(row),
        weak=evidence.is_weak(row),
        stay=stay and schemas.StayOut.shown(stay),
    )


def kept(mark: Kept) -> Row:
    """The answer to a mark that waits until the student's first face is confirmed."""
    return schemas.MarkWaitsOut.shown(
        {"pending": True, **vars(mark)}, session_id=int(mark.session["id"])
    )


def first_mark(row: Row) -> Row:
    """A mark that waits until the student's first face is confirmed."""
    return schemas.FirstMark.shown(row, evidence=evidence.of(row), picture=row["pictures"] > 0)


def own_mark(row: MarkRow, stay: Stay | None = None) -> Row:
    """The same for the student whose mark it is: a doubt is for the teacher's eye."""
    return {**mark(row, stay), "evidence": evidence.told(row), "weak": False}


def history(row: Row, now: datetime, early_minutes: int) -> Row:
    """One line of a student's own history."""
    stay = stays.of(row, row, early_minutes, now)
    return schemas.HistoryRow.shown(
        row,
        ended_at=rules.end_of(row, now),
        evidence=evidence.told(row),
        stay=stay and schemas.StayOut.shown(stay),
    )


def table(
    listed: Iterable[MarkRow],
    started_at: datetime,
    ended_at: datetime | None,
    cameras: Mapping[str, str],
    *,
    details: bool,
    zone: str | None = None,
    stayed: Sequence[Stay | None] | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Header and one row per student of a session; with `details`, three more columns. What each
    mark rests on, and what the cameras say of the student (`cameras`, by student number), stand
    last, before when everybody left (`stayed`, one for each row) where that is told, and reasons of
    the school where there are some. Times in UTC as programs read them, or as the clocks of a zone
    show them."""

    def shown_time(at: datetime | None) -> str | None:
        return iso(at) if zone is None or at is None else f"{zones.local(at, zone):{LOCAL_TIME}}"

    columns = COLUMNS + (DETAIL_COLUMNS if details else ()) + LAST_COLUMNS
    columns += () if stayed is None else STAY_COLUMNS
    listed = list(listed)
    columns += REASON_COLUMNS if any(row["reason"] for row in listed) else ()
    yield columns
    times = {
        "session_started_at": shown_time(started_at),
        "session_ended_at": shown_time(ended_at),
    }
    for row, stay in zip(listed, stayed or itertools.repeat(None), strict=False):
        shown = {**row, **times, "marked_at": shown_time(row["marked_at"])}
        shown |= dict.fromkeys(STAY_COLUMNS) if stay is None else vars(stay)
        shown["left_at"] = shown_time(stay.left_at if stay else None)
        shown["evidence"] = " ".join(evidence.of(row))
        shown["camera"] = cameras.get(row["student_id"])
        yield tuple(shown[column] for column in columns)
