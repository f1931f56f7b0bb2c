"""Clearing a session's marks, and bringing them back."""

from __future__ import annotations

from datetime import datetime

from database import notice_checks, webhooks
from database.core import Row, Transaction


def clear(tx: Transaction, session: int, now: datetime) -> int:
    """Take the marks out of the session and keep them; returns the clearing's id.

    The session's row must be locked, so that no mark comes in between.
    """
    clearing = tx.insert(
        "INSERT INTO clearings (session, cleared_at) VALUES (:session, :now)",
        session=session,
        now=now,
    )
    tx.execute(
        """
        INSERT INTO cleared_marks (clearing, student, status, method, distance, marked_at, remark,
                                   evidence, reason_id)
        SELECT :clearing, student, status, method, distance, marked_at, remark, evidence,
               reason_id
        FROM attendance WHERE session = :session
        """,
        clearing=clearing,
        session=session,
    )
    tx.execute("DELETE FROM attendance WHERE session = :session", session=session)
    webhooks.queue_marks(tx, session, _students_of(tx, clearing), now)
    notice_checks.note(tx, session, now)
    return clearing


def latest(tx: Transaction, session: int) -> Row | None:
    """The session's last clearing that was not undone, with the number of its `marks`."""
    return tx.one(
        """
        SELECT clearings.id, clearings.cleared_at,
               (SELECT COUNT(*) FROM cleared_marks
                WHERE cleared_marks.clearing = clearings.id) AS marks
        FROM clearings WHERE session = :session AND undone_at IS NULL
        ORDER BY clearings.id DESC LIMIT 1
        """,
        session=session,
    )


def undo(tx: Transaction, clearing: int, session: int, now: datetime) -> int:
    """Bring the marks back, except where a newer one was made; returns how many came back.

    The session's row must be locked.
    """
    came_back = [
        int(row["student"])
        for row in tx.all(
            """
            SELECT student FROM cleared_marks
            WHERE clearing = :clearing
              AND NOT EXISTS (SELECT 1 FROM attendance
                              WHERE attendance.session = :session
                                AND attendance.student = cleared_marks.student)
            ORDER BY marked_at, student
            """,
            clearing=clearing,
            session=session,
        )
    ]
    restored = tx.execute(
        """
        INSERT INTO attendance (session, student, status, method, distance, marked_at, remark,
                                evidence, reason_id)
        SELECT :session, student, status, method, distance, marked_at, remark, evidence,
               reason_id
        FROM cleared_marks
        WHERE clearing = :clearing
          AND NOT EXISTS (SELECT 1 FROM attendance
                          WHERE attendance.session = :session
                            AND attendance.student = cleared_marks.student)
        ORDER BY marked_at, student
        """,
        clearing=clearing,
        session=session,
    )
    tx.execute("UPDATE clearings SET undone_at = :now WHERE id = :id", now=now, id=clearing)
    webhooks.queue_marks(tx, session, came_back, now)
    notice_checks.note(tx, session, now)
    return restored


def _students_of(tx: Transaction, clearing: int) -> list[int]:
    rows = tx.all(
        "SELECT student FROM cleared_marks WHERE clearing = :clearing ORDER BY marked_at, student",
        clearing=clearing,
    )
    return [int(row["student"]) for row in rows]
