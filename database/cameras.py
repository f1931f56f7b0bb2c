"""Cameras of sessions: what they may do, how long they looked, and whom they saw."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from database.core import Row, Transaction, UniqueViolation
from database.standings import HELD


def mode_of(tx: Transaction, session: int) -> str | None:
    """What the session's cameras may do; None: nobody has ever said."""
    found = tx.scalar("SELECT mode FROM session_cameras WHERE session = :s", s=session)
    return None if found is None else str(found)


def set_mode(tx: Transaction, session: int, mode: str, now: datetime) -> None:
    """Say what the session's cameras may do."""
    with suppress(UniqueViolation):
        tx.insert_row(
            "INSERT INTO session_cameras (session, mode, changed_at) VALUES (:s, :mode, :now)",
            s=session,
            mode=mode,
            now=now,
        )
        return
    tx.execute(
        "UPDATE session_cameras SET mode = :mode, changed_at = :now WHERE session = :s",
        s=session,
        mode=mode,
        now=now,
    )


def looked(tx: Transaction, session: int, frames: int, seconds: int) -> None:
    """Add to how much the session's cameras have looked."""
    tx.execute(
        """
        UPDATE session_cameras SET frames = frames + :frames, seconds = seconds + :seconds
        WHERE session = :s
        """,
        s=session,
        frames=frames,
        seconds=seconds,
    )


def of_session(tx: Transaction, session: int) -> Row | None:
    """`mode`, `changed_at`, `frames`, `seconds`, and how many students were `seen` and `marked`."""
    return tx.one(
        """
        SELECT mode, changed_at, frames, seconds,
               (SELECT COUNT(*) FROM camera_seen WHERE camera_seen.session = :s) AS seen,
               (SELECT COUNT(*) FROM attendance
                WHERE attendance.session = :s AND method = 'camera') AS marked
        FROM session_cameras WHERE session = :s
        """,
        s=session,
    )


def gallery(tx: Transaction, course: int | None) -> list[Row]:
    """`id`, `student_id` and `name` of those whom a camera may recognise: students of the course
    (None: of the school) who agreed to it and have a face enrolled."""
    enrolled = (
        ""
        if course is None
        else """
        AND EXISTS (SELECT 1 FROM enrolments
                    WHERE enrolments.course = :course AND enrolments.student = students.id)
        """
    )
    params = {} if course is None else {"course": course}
    return tx.all(
        f"""
        SELECT id, student_id, name FROM students
        WHERE camera_consent_at IS NOT NULL AND state = 'active' {enrolled}
          AND EXISTS (SELECT 1 FROM face_templates WHERE face_templates.student = students.id)
        ORDER BY id
        """,
        **params,
    )


def agrees(tx: Transaction, student: int) -> bool:
    """Whether cameras may recognise the student now."""
    found = tx.scalar(
        "SELECT 1 FROM students WHERE id = :id AND camera_consent_at IS NOT NULL", id=student
    )
    return found is not None


def see(tx: Transaction, session: int, student: int, now: datetime) -> None:
    """Keep that a camera of the session has seen the student.

    Raises:
        ForeignKeyViolation: the student or session was deleted meanwhile.
    """
    touched = tx.execute(
        "UPDATE camera_seen SET last_at = :now WHERE session = :session AND student = :student",
        session=session,
        student=student,
        now=now,
    )
    if touched:
        return
    with suppress(UniqueViolation):
        tx.insert_row(
            """
            INSERT INTO camera_seen (session, student, first_at, last_at)
            VALUES (:session, :student, :now, :now)
            """,
            session=session,
            student=student,
            now=now,
        )


def seconds_of(tx: Transaction, sessions: Sequence[int]) -> dict[int, int]:
    """How long cameras looked, by session, in those of these sessions where one may have."""
    if not sessions:
        return {}
    rows = tx.all(
        "SELECT session, seconds FROM session_cameras WHERE session IN :sessions",
        sessions=list(sessions),
    )
    return {int(row["session"]): int(row["seconds"]) for row in rows}


def seen_in(tx: Transaction, sessions: Sequence[int]) -> list[Row]:
    """`session` and `student` (table id) of all who were seen in these sessions."""
    if not sessions:
        return []
    return tx.all(
        "SELECT session, student FROM camera_seen WHERE session IN :sessions",
        sessions=list(sessions),
    )


def came_in(tx: Transaction, sessions: Sequence[int], statuses: Sequence[str]) -> list[Row]:
    """`session`, `student` and `method` of the marks of these sessions that say one of these."""
    if not sessions:
        return []
    return tx.all(
        """
        SELECT session, student, method FROM attendance
        WHERE session IN :sessions AND status IN :statuses
        """,
        sessions=list(sessions),
        statuses=list(statuses),
    )


def open_for_device(
    tx: Transaction, courses: Sequence[int], room: str | None, now: datetime
) -> list[int]:
    """The sessions that are open now and that a device serves: of these courses, or in this room;
    without either every one. The one that began last stands first."""
    bound = []
    params: dict[str, object] = {}
    if courses:
        bound.append("sessions.course IN :courses")
        params["courses"] = list(courses)
    if room is not None:
        bound.append("sessions.room = :room")
        params["room"] = room
    rows = tx.all(
        f"""
        SELECT sessions.id FROM sessions
        WHERE sessions.ended_at IS NULL AND {HELD}
          AND (sessions.closes_at IS NULL OR sessions.closes_at > :now)
          AND ({" OR ".join(bound) or "1 = 1"})
        ORDER BY sessions.started_at DESC, sessions.id DESC
        """,
        now=now,
        **params,
    )
    return [int(row["id"]) for row in rows]


def take_back(tx: Transaction, session: int, student: int) -> bool:
    """Remove a mark that a camera made, or was confirmed from one; False: there is none."""
    touched = tx.execute(
        """
        DELETE FROM attendance
        WHERE session = :session AND student = :student AND method = 'camera'
        """,
        session=session,
        student=student,
    )
    return touched > 0
