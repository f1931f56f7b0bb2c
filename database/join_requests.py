"""Students who ask to be let into a course, one request each."""

from __future__ import annotations

from datetime import datetime

from database import staff
from database.core import Row, Transaction, UniqueViolation
from database.filters import where

_REQUESTS = """
    SELECT join_requests.id, join_requests.course, join_requests.student, join_requests.state,
           join_requests.created_at, join_requests.decided_at, students.student_id, students.name,
           courses.code AS course_code, courses.name AS course_name, courses.section,
           courses.teacher
    FROM join_requests JOIN students ON students.id = join_requests.student
    JOIN courses ON courses.id = join_requests.course
"""


def ask(tx: Transaction, course: int, student: int, now: datetime) -> bool:
    """Ask, or ask again after a refusal; False where the request waits already.

    Raises:
        ForeignKeyViolation: one of the two is gone.
    """
    try:
        with tx.savepoint():
            tx.insert(
                """
                INSERT INTO join_requests (course, student, state, created_at)
                VALUES (:course, :student, 'open', :now)
                """,
                course=course,
                student=student,
                now=now,
            )
    except UniqueViolation:
        touched = tx.execute(
            """
            UPDATE join_requests SET state = 'open', created_at = :now, decided_at = NULL
            WHERE course = :course AND student = :student AND state <> 'open'
            """,
            course=course,
            student=student,
            now=now,
        )
        return touched > 0
    return True


def of(tx: Transaction, course: int, student: int) -> Row | None:
    """The student's request for the course, or None."""
    return tx.one(
        f"{_REQUESTS} WHERE join_requests.course = :course AND join_requests.student = :student",
        course=course,
        student=student,
    )


def by_id(tx: Transaction, request: int) -> Row | None:
    """The request with this id, or None."""
    return tx.one(f"{_REQUESTS} WHERE join_requests.id = :id", id=request)


def waiting(
    tx: Transaction, *, course: int | None = None, teacher: int | None = None, as_of: datetime
) -> list[Row]:
    """What waits in a course, or in all that a teacher has a part in; the oldest first."""
    clause, params = where(
        ("join_requests.state = 'open'", {}),
        (
            """NOT EXISTS (SELECT 1 FROM enrolments
                           WHERE enrolments.course = join_requests.course
                             AND enrolments.student = join_requests.student)""",
            {},
        ),
        ("join_requests.course = :course", {"course": course}),
        (f"join_requests.course IN ({staff.COURSES})", {"teacher": teacher, "as_of": as_of}),
    )
    return tx.all(f"{_REQUESTS} {clause} ORDER BY join_requests.id", **params)


def decide(tx: Transaction, request: int, *, accepted: bool, now: datetime) -> bool:
    """Let in or decline; False if that was done before."""
    touched = tx.execute(
        """
        UPDATE join_requests SET state = :state, decided_at = :now
        WHERE id = :id AND state = 'open'
        """,
        state="accepted" if accepted else "declined",
        now=now,
        id=request,
    )
    return touched > 0


def settle(tx: Transaction, course: int, student: int, now: datetime) -> None:
    """Whoever came into the course another way waits no longer."""
    tx.execute(
        """
        UPDATE join_requests SET state = 'accepted', decided_at = :now
        WHERE course = :course AND student = :student AND state = 'open'
        """,
        course=course,
        student=student,
        now=now,
    )
