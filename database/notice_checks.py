"""Courses in which something has changed that a rule about absences may speak of.

Noted in the transaction of the change, so that neither exists without the other; some process
judges the course afterwards.
"""

from __future__ import annotations

from datetime import datetime

from database.core import Transaction

_ANY_RULE = "EXISTS (SELECT 1 FROM notice_rules WHERE enabled = 1)"


def note(tx: Transaction, session: int, now: datetime) -> None:
    """Somebody stands otherwise in a session than before."""
    tx.execute(
        f"""
        INSERT INTO notice_checks (course, noted_at)
        SELECT course, :now FROM sessions
        WHERE id = :session AND course IS NOT NULL AND {_ANY_RULE}
        """,
        session=session,
        now=now,
    )


def note_student(tx: Transaction, student: int, now: datetime) -> None:
    """A student explains some days, or no longer does."""
    tx.execute(
        f"""
        INSERT INTO notice_checks (course, noted_at)
        SELECT course, :now FROM enrolments WHERE student = :student AND {_ANY_RULE}
        """,
        student=student,
        now=now,
    )


def note_course(tx: Transaction, course: int, now: datetime) -> None:
    """A course has decided about an absence."""
    tx.execute(
        f"INSERT INTO notice_checks (course, noted_at) SELECT id, :now FROM courses "
        f"WHERE id = :course AND {_ANY_RULE}",
        course=course,
        now=now,
    )


def note_every_course(tx: Transaction, now: datetime) -> None:
    """Something that every course counts by means another thing than before."""
    tx.execute(
        f"INSERT INTO notice_checks (course, noted_at) SELECT id, :now FROM courses "
        f"WHERE archived_at IS NULL AND {_ANY_RULE}",
        now=now,
    )


def waiting(tx: Transaction, limit: int) -> list[int]:
    """Courses that wait to be judged."""
    rows = tx.all("SELECT DISTINCT course FROM notice_checks LIMIT :limit", limit=limit)
    return [int(row["course"]) for row in rows]


def take(tx: Transaction, course: int) -> bool:
    """Take everything that is noted of a course, which the caller has locked."""
    return tx.execute("DELETE FROM notice_checks WHERE course = :course", course=course) > 0


def explanations(tx: Transaction, course: int) -> list[tuple[int, str, str]]:
    """(student, first day, last day) of requests that the course has not declined."""
    rows = tx.tuples(
        """
        SELECT absences.student, absences.first_day, absences.last_day
        FROM absences JOIN enrolments ON enrolments.student = absences.student
                                     AND enrolments.course = :course
        LEFT JOIN absence_decisions ON absence_decisions.absence = absences.id
                                   AND absence_decisions.course = :course
        WHERE absence_decisions.accepted IS NULL OR absence_decisions.accepted = 1
        """,
        course=course,
    )
    return [(int(student), str(first), str(last)) for student, first, last in rows]
