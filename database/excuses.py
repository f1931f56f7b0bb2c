"""Apologies for some days of a course, entered before (or after) the sessions."""

from __future__ import annotations

from datetime import datetime

from database import notice_checks, webhooks
from database.core import Row, Transaction
from database.filters import where
from database.standings import HELD, SESSION_END

_EXCUSES = """
    SELECT excuses.id, excuses.course, excuses.student, excuses.first_day, excuses.last_day,
           excuses.reason, excuses.reason_id, excuses.created_at, students.student_id, students.name
    FROM excuses JOIN students ON students.id = excuses.student
"""


def create(
    tx: Transaction,
    *,
    course: int,
    student: int,
    first_day: str,
    last_day: str,
    begins_at: datetime,
    ends_at: datetime,
    reason: str | None,
    reason_id: int | None = None,
    now: datetime,
) -> int:
    """Add an excuse for the days from first to last (ISO), which begin and end at these moments."""
    excuse = tx.insert(
        """
        INSERT INTO excuses (course, student, first_day, last_day, begins_at, ends_at, reason,
                             reason_id, created_at)
        VALUES (:course, :student, :first_day, :last_day, :begins_at, :ends_at, :reason,
                :reason_id, :now)
        """,
        course=course,
        student=student,
        first_day=first_day,
        last_day=last_day,
        begins_at=begins_at,
        ends_at=ends_at,
        reason=reason,
        reason_id=reason_id,
        now=now,
    )
    _tell(tx, excuse, now)
    return excuse


def by_id(tx: Transaction, excuse: int) -> Row | None:
    """The excuse with this id, or None."""
    return tx.one(f"{_EXCUSES} WHERE excuses.id = :id", id=excuse)


def of_course(tx: Transaction, course: int, student: int | None = None) -> list[Row]:
    """The excuses in a course, or one student's, by first day."""
    clause, params = where(
        ("excuses.course = :course", {"course": course}),
        ("excuses.student = :student", {"student": student}),
    )
    return tx.all(f"{_EXCUSES} {clause} ORDER BY excuses.first_day, excuses.id", **params)


def move(tx: Transaction, excuse: int, begins_at: datetime, ends_at: datetime) -> None:
    """Set the moments again: the days of the course begin at others since its zone changed."""
    tx.execute(
        "UPDATE excuses SET begins_at = :begins_at, ends_at = :ends_at WHERE id = :id",
        begins_at=begins_at,
        ends_at=ends_at,
        id=excuse,
    )


def delete(tx: Transaction, excuse: int, now: datetime) -> None:
    """Take the excuse back."""
    _tell(tx, excuse, now)
    tx.execute("DELETE FROM excuses WHERE id = :id", id=excuse)


def _tell(tx: Transaction, excuse: int, now: datetime) -> None:
    """Queue that the student stands otherwise in what he or she missed on these days."""
    rows = tx.all(
        f"""
        SELECT sessions.id, excuses.student
        FROM excuses JOIN sessions ON sessions.course = excuses.course
                                  AND sessions.started_at >= excuses.begins_at
                                  AND sessions.started_at < excuses.ends_at
        LEFT JOIN attendance ON attendance.session = sessions.id
                            AND attendance.student = excuses.student
        WHERE excuses.id = :excuse AND attendance.id IS NULL
          AND {HELD} AND {SESSION_END} <= :now
        ORDER BY sessions.id
        """,
        excuse=excuse,
        now=now,
    )
    for row in rows:
        webhooks.queue_marks(tx, int(row["id"]), [int(row["student"])], now)
        notice_checks.note(tx, int(row["id"]), now)
