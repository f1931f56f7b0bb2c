"""When students left a session before its end: at most once for each mark, by the table's key."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction, UniqueViolation


def of_student_in(tx: Transaction, *, session: int, student: int) -> Row | None:
    """`left_at` and `left_by` of one student in one session, or None."""
    return tx.one(
        """
        SELECT left_at, left_by FROM departures WHERE session = :session AND student = :student
        """,
        session=session,
        student=student,
    )


def add(tx: Transaction, *, session: int, student: int, left_at: datetime, left_by: str) -> bool:
    """Write that a student left; False where that is written already.

    Raises:
        ForeignKeyViolation: the student or session was deleted meanwhile.
    """
    try:
        tx.insert_row(
            """
            INSERT INTO departures (session, student, left_at, left_by)
            VALUES (:session, :student, :left_at, :left_by)
            """,
            session=session,
            student=student,
            left_at=left_at,
            left_by=left_by,
        )
    except UniqueViolation:
        return False
    return True


def take_back(tx: Transaction, *, session: int, student: int) -> bool:
    """Forget that a student left, who is here again; False where nobody said so."""
    return bool(
        tx.execute(
            "DELETE FROM departures WHERE session = :session AND student = :student",
            session=session,
            student=student,
        )
    )
