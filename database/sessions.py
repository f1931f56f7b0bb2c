"""Sessions. A session that has passed its `closes_at` is ended, whether or not anybody wrote so.

One that was discarded is in no list, report or percentage, as if it had never been: only
`discarded` finds it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database import notice_checks, staff, webhooks
from database.core import Transaction
from database.filters import ESCAPE, containing, count, where
from database.rows import (
    CountedSessionRow,
    DiscardedSessionRow,
    ListedSessionRow,
    LiveSessionRow,
    SessionRow,
)
from database.standings import HELD

_COLUMNS = """
    sessions.id, sessions.teacher, sessions.course, sessions.subject, sessions.section,
    sessions.room, sessions.code, sessions.locked, sessions.late_after_minutes, sessions.started_at,
    sessions.closes_at, sessions.ended_at, sessions.note, sessions.code_seed,
    sessions.code_seconds, sessions.code_shown_at,
    (SELECT courses.check_in FROM courses WHERE courses.id = sessions.course) AS check_in
"""
CHANGEABLE = ("subject", "section", "room", "late_after_minutes", "closes_at", "note")


def create(
    tx: Transaction,
    *,
    teacher: int,
    course: int | None,
    subject: str,
    section: str | None,
    code: str,
    late_after_minutes: int | None,
    now: datetime,
    closes_at: datetime | None,
    room: str | None = None,
    code_seed: str | None = None,
    code_seconds: int | None = None,
) -> SessionRow:
    """Open a session. With a seed its code turns, each so many seconds.

    Raises:
        UniqueViolation: the code belongs to another live session.
    """
    session_id = tx.insert(
        """
        INSERT INTO sessions (teacher, course, subject, section, room, code, live_code, locked,
                              late_after_minutes, started_at, closes_at, code_seed, code_seconds,
                              code_shown_at)
        VALUES (:teacher, :course, :subject, :section, :room, :code, :code, 0,
                :late_after_minutes, :now, :closes_at, :code_seed, :code_seconds,
                :code_shown_at)
        """,
        teacher=teacher,
        course=course,
        subject=subject,
        section=section,
        code=code,
        late_after_minutes=late_after_minutes,
        now=now,
        closes_at=closes_at,
        room=room,
        code_seed=code_seed,
        code_seconds=code_seconds,
        code_shown_at=None if code_seed is None else now,
    )
    row = by_id(tx, session_id)
    assert row is not None
    return row


def by_id(tx: Transaction, session_id: int) -> SessionRow | None:
    """The session with this id, or None."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM sessions WHERE id = :id AND {HELD}", SessionRow, id=session_id
    )


def by_id_shared(tx: Transaction, session_id: int) -> SessionRow | None:
    """The session, held as it is until commit: a lock or stop waits for this transaction."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM sessions WHERE id = :id AND {HELD} {tx.share_lock}",
        SessionRow,
        id=session_id,
    )


def by_id_locked(tx: Transaction, session_id: int) -> SessionRow | None:
    """The session; until commit, no mark is written and nobody locks or stops it."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM sessions WHERE id = :id AND {HELD} {tx.update_lock}",
        SessionRow,
        id=session_id,
    )


def by_code(tx: Transaction, code: str) -> SessionRow | None:
    """The live session with this code, else the last one that had it, else None."""
    return tx.one(
        f"""
        SELECT {_COLUMNS} FROM sessions WHERE code = :code AND {HELD}
        ORDER BY CASE WHEN live_code IS NULL THEN 1 ELSE 0 END, started_at DESC, id DESC
        """,
        SessionRow,
        code=code,
    )


def with_turning_code(tx: Transaction, since: datetime, now: datetime) -> list[SessionRow]:
    """The sessions whose code turns that are live, or have ended after `since`; live ones first."""
    return tx.all(
        f"""
        SELECT {_COLUMNS} FROM sessions
        WHERE code_seed IS NOT NULL AND {HELD}
          AND (ended_at IS NULL OR ended_at > :since) AND (closes_at IS NULL OR closes_at > :since)
        ORDER BY CASE WHEN ended_at IS NULL AND (closes_at IS NULL OR closes_at > :now)
                      THEN 0 ELSE 1 END, started_at DESC, id DESC
        """,
        SessionRow,
        since=since,
        now=now,
    )


def of_teacher(
    tx: Transaction,
    teacher: int,
    *,
    as_of: datetime,
    course: int | None = None,
    running: bool | None = None,
    text: str | None = None,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    limit: int,
    offset: int,
) -> tuple[list[CountedSessionRow], int]:
    """The sessions that the teacher has a part in, newest first, and how many there are in all.

    Args:
        as_of: when the teacher has a part in them, and when they run.
        course: only this course's.
        running: only those that run, or (False) only those that have ended.
        text: only those whose subject or section contains it, in any case.
        begins_at, ends_at: only those that began from the one moment on, and before the other.
    """
    live = "(sessions.ended_at IS NULL AND (closes_at IS NULL OR closes_at > :as_of))"
    clause, params = where(
        (staff.SESSIONS, {"teacher": teacher, "as_of": as_of}),
        ("sessions.course = :course", {"course": course}),
        (live if running else f"NOT {live}", {"as_of": None if running is None else as_of}),
        (
            f"(LOWER(subject) LIKE :text {ESCAPE} OR LOWER(section) LIKE :text {ESCAPE})",
            {"text": containing(text)},
        ),
        ("sessions.started_at >= :begins_at", {"begins_at": begins_at}),
        ("sessions.started_at < :ends_at", {"ends_at": ends_at}),
        (HELD, {}),
    )
    rows = tx.all(
        f"""
        SELECT {_COLUMNS},
               (SELECT COUNT(*) FROM attendance WHERE attendance.session = sessions.id
                AND attendance.status IN ('present', 'late')) AS here,
               CASE WHEN sessions.course IS NULL THEN NULL ELSE
                    (SELECT COUNT(*) FROM enrolments WHERE enrolments.course = sessions.course)
               END AS enrolled,
               (SELECT timezone FROM courses WHERE courses.id = sessions.course) AS timezone
        FROM sessions {clause}
        ORDER BY started_at DESC, id DESC LIMIT :limit OFFSET :offset
        """,
        CountedSessionRow,
        **params,
        limit=limit,
        offset=offset,
    )
    return rows, count(tx, "sessions", clause, params)


def open_of_teacher(tx: Transaction, teacher: int, now: datetime) -> int:
    """How many sessions of the teacher, or of the teacher's courses, are open now."""
    return int(
        tx.scalar(
            f"""
            SELECT COUNT(*) FROM sessions LEFT JOIN courses ON courses.id = sessions.course
            WHERE COALESCE(courses.teacher, sessions.teacher) = :teacher
              AND sessions.ended_at IS NULL
              AND (sessions.closes_at IS NULL OR sessions.closes_at > :now) AND {HELD}
            """,
            teacher=teacher,
            now=now,
        )
    )


def page(
    tx: Transaction, *, teacher: int | None, limit: int, offset: int
) -> tuple[list[ListedSessionRow], int]:
    """Everybody's sessions (or one teacher's), newest first, and how many there are in all."""
    clause, params = where(("sessions.teacher = :teacher", {"teacher": teacher}), (HELD, {}))
    rows = tx.all(
        f"""
        SELECT {_COLUMNS}, teachers.name AS teacher_name,
               (SELECT COUNT(*) FROM attendance WHERE attendance.session = sessions.id) AS marks
        FROM sessions JOIN teachers ON teachers.id = sessions.teacher {clause}
        ORDER BY sessions.started_at DESC, sessions.id DESC LIMIT :limit OFFSET :offset
        """,
        ListedSessionRow,
        **params,
        limit=limit,
        offset=offset,
    )
    return rows, count(tx, "sessions", clause, params)


def live_for(tx: Transaction, student: int, now: datetime, *, limit: int) -> list[LiveSessionRow]:
    """The sessions that run now and that the student may mark in, newest first; `status` is the
    student's own mark there, or None."""
    return tx.all(
        f"""
        SELECT {_COLUMNS}, attendance.status,
               (SELECT timezone FROM courses WHERE courses.id = sessions.course) AS timezone
        FROM sessions LEFT JOIN attendance
             ON attendance.session = sessions.id AND attendance.student = :student
        WHERE sessions.ended_at IS NULL AND {HELD}
          AND (sessions.closes_at IS NULL OR sessions.closes_at > :now)
          AND (sessions.course IS NULL OR sessions.course IN
               (SELECT course FROM enrolments WHERE student = :student))
        ORDER BY sessions.started_at DESC, sessions.id DESC LIMIT :limit
        """,
        LiveSessionRow,
        student=student,
        now=now,
        limit=limit,
    )


def open_of_course(tx: Transaction, course: int, now: datetime) -> SessionRow | None:
    """The newest session of the course that is open now, or None."""
    return tx.one(
        f"""
        SELECT {_COLUMNS} FROM sessions
        WHERE course = :course AND ended_at IS NULL AND {HELD}
          AND (closes_at IS NULL OR closes_at > :now)
        ORDER BY started_at DESC, id DESC LIMIT 1
        """,
        SessionRow,
        course=course,
        now=now,
    )


def is_between(
    tx: Transaction, course: int, section: str | None, since: datetime, until: datetime
) -> bool:
    """Whether a session of the course's section was held at any time between two moments."""
    found = tx.scalar(
        f"""
        SELECT 1 FROM sessions
        WHERE course = :course AND started_at < :until AND {HELD}
          AND (ended_at IS NULL OR ended_at > :since)
          AND (closes_at IS NULL OR closes_at > :since)
          AND COALESCE(section, '') = COALESCE(:section, '')
        LIMIT 1
        """,
        course=course,
        section=section,
        since=since,
        until=until,
    )
    return found is not None


def change(tx: Transaction, session_id: int, values: dict[str, Any]) -> None:
    """Change some of `CHANGEABLE`."""
    assert values.keys() <= set(CHANGEABLE)
    if values:
        tx.execute(
            f"UPDATE sessions SET {', '.join(f'{name} = :{name}' for name in values)}, "
            "sequence = sequence + 1 "
            "WHERE id = :id",
            id=session_id,
            **values,
        )


def reopen(
    tx: Transaction, session_id: int, *, code: str, closes_at: datetime, now: datetime
) -> None:
    """Let an ended session live again, with this code; where it turns, from now on.

    Raises:
        UniqueViolation: the code belongs to another live session.
    """
    with tx.savepoint():
        tx.execute(
            """
            UPDATE sessions SET ended_at = NULL, locked = 0, closes_at = :closes_at, code = :code,
                                live_code = :code, code_shown_at = :now,
                                sequence = sequence + 1
            WHERE id = :id
            """,
            id=session_id,
            code=code,
            closes_at=closes_at,
            now=now,
        )
    notice_checks.note(tx, session_id, now)


def add_past(
    tx: Transaction,
    *,
    teacher: int,
    course: int,
    subject: str,
    section: str | None,
    code: str,
    started_at: datetime,
    ended_at: datetime,
    now: datetime,
    room: str | None = None,
) -> SessionRow:
    """Add a session that was held before; who is enrolled now counts as enrolled then."""
    session_id = tx.insert(
        """
        INSERT INTO sessions (teacher, course, subject, section, room, code, locked, started_at,
                              closes_at, ended_at, listed_at)
        VALUES (:teacher, :course, :subject, :section, :room, :code, 0, :started_at, :ended_at,
                :ended_at, :now)
        """,
        teacher=teacher,
        course=course,
        subject=subject,
        section=section,
        code=code,
        started_at=started_at,
        ended_at=ended_at,
        now=now,
        room=room,
    )
    notice_checks.note(tx, session_id, now)
    row = by_id(tx, session_id)
    assert row is not None
    return row


def discard(tx: Transaction, session_id: int, now: datetime) -> None:
    """Take an ended session out of every list, report and percentage."""
    webhooks.queue(tx, "session_discarded", now, session=session_id)
    notice_checks.note(tx, session_id, now)
    tx.execute(
        "UPDATE sessions SET discarded_at = :now, sequence = sequence + 1 WHERE id = :id",
        id=session_id,
        now=now,
    )


def discarded(tx: Transaction, session_id: int) -> DiscardedSessionRow | None:
    """The session with this id that was discarded, with its `discarded_at`, or None."""
    return tx.one(
        f"""
        SELECT {_COLUMNS}, discarded_at FROM sessions
        WHERE id = :id AND discarded_at IS NOT NULL {tx.update_lock}
        """,
        DiscardedSessionRow,
        id=session_id,
    )


def restore(tx: Transaction, session_id: int, now: datetime) -> None:
    """Bring a discarded session back."""
    webhooks.queue(tx, "session_restored", now, session=session_id)
    notice_checks.note(tx, session_id, now)
    tx.execute(
        "UPDATE sessions SET discarded_at = NULL, sequence = sequence + 1 WHERE id = :id",
        id=session_id,
    )


def set_locked(tx: Transaction, session_id: int, locked: bool, now: datetime) -> bool:
    """Lock or unlock a session that has not ended; False if it has, or does not exist."""
    touched = tx.execute(
        """
        UPDATE sessions SET locked = :locked
        WHERE id = :id AND ended_at IS NULL AND (closes_at IS NULL OR closes_at > :now)
        """,
        locked=int(locked),
        id=session_id,
        now=now,
    )
    return touched > 0 or _is_live(tx, session_id, now)


def end(tx: Transaction, session_id: int, now: datetime) -> bool:
    """End a session now; False if it has ended before, or does not exist."""
    touched = tx.execute(
        """
        UPDATE sessions SET ended_at = :now, live_code = NULL, sequence = sequence + 1
        WHERE id = :id AND ended_at IS NULL AND (closes_at IS NULL OR closes_at > :now)
        """,
        id=session_id,
        now=now,
    )
    if touched:
        webhooks.queue(tx, "session_stopped", now, session=session_id)
        notice_checks.note(tx, session_id, now)
    return touched > 0


def any_overdue(tx: Transaction, now: datetime) -> bool:
    """Whether a session's time has run out and nobody has written so."""
    found = tx.scalar(
        "SELECT 1 FROM sessions WHERE ended_at IS NULL AND closes_at <= :now LIMIT 1", now=now
    )
    return found is not None


def end_overdue(tx: Transaction, now: datetime) -> list[int]:
    """Write down the end of every session whose time has run out, and free its code."""
    overdue = [
        int(row["id"])
        for row in tx.all(
            "SELECT id FROM sessions WHERE ended_at IS NULL AND closes_at <= :now", now=now
        )
    ]
    ended = []
    for session_id in overdue:
        touched = tx.execute(
            """
            UPDATE sessions
            SET ended_at = closes_at, live_code = NULL, sequence = sequence + 1
            WHERE id = :id AND ended_at IS NULL
            """,
            id=session_id,
        )
        if touched:
            webhooks.queue(tx, "session_stopped", now, session=session_id)
            notice_checks.note(tx, session_id, now)
            ended.append(session_id)
    return ended


def _is_live(tx: Transaction, session_id: int, now: datetime) -> bool:
    # MySQL counts changed rows, so an UPDATE to the same value looks like none.
    found = tx.scalar(
        """
        SELECT 1 FROM sessions
        WHERE id = :id AND ended_at IS NULL AND (closes_at IS NULL OR closes_at > :now)
        """,
        id=session_id,
        now=now,
    )
    return found is not None
