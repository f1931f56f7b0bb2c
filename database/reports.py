"""What reports read: a course's sessions, its students in pages, and where each stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database import staff
from database.core import Row, Transaction
from database.filters import where
from database.standings import HELD, standings


def sessions_of(
    tx: Transaction, course: int, *, begins_at: datetime | None, ends_at: datetime | None
) -> list[Row]:
    """The course's sessions that started within a time, first to last."""
    clause, params = where(
        ("sessions.course = :course", {"course": course}),
        ("sessions.started_at >= :begins_at", {"begins_at": begins_at}),
        ("sessions.started_at < :ends_at", {"ends_at": ends_at}),
        (HELD, {}),
    )
    return tx.all(
        f"""
        SELECT id, subject, section, started_at, closes_at, ended_at, locked
        FROM sessions {clause} ORDER BY started_at, id
        """,
        **params,
    )


def students_after(tx: Transaction, course: int, after: tuple[str, str], limit: int) -> list[Row]:
    """The next students of the course in order, after a `sort_key` and number."""
    return tx.all(
        """
        SELECT students.id, students.student_id, students.name, students.family_name,
               students.email, students.sort_key
        FROM enrolments JOIN students ON students.id = enrolments.student
        WHERE enrolments.course = :course
          AND (students.sort_key > :name
               OR students.sort_key = :name AND students.student_id > :number)
        ORDER BY students.sort_key, students.student_id LIMIT :limit
        """,
        course=course,
        name=after[0],
        number=after[1],
        limit=limit,
    )


def statuses(
    tx: Transaction,
    course: int,
    students: list[int],
    now: datetime,
    *,
    begins_at: datetime | None,
    ends_at: datetime | None,
) -> list[tuple[Any, ...]]:
    """(student, session, status, meaning of the reason, its id) for each of these students,
    sessions first to last."""
    scope, params = where(
        ("sessions.course = :course", {"course": course}),
        ("students.id IN :students", {"students": students}),
        ("sessions.started_at >= :begins_at", {"begins_at": begins_at}),
        ("sessions.started_at < :ends_at", {"ends_at": ends_at}),
    )
    union = standings("sessions.started_at", scope.removeprefix("WHERE "))
    return tx.tuples(
        f"""
        SELECT student, session, status, meaning, reason_id FROM ({union}) AS standing
        ORDER BY student, started_at, session
        """,
        now=now,
        **params,
    )


def last_seen(tx: Transaction, course: int, students: list[int]) -> dict[int, datetime]:
    """When each of these students last came to a session of the course."""
    rows = tx.all(
        f"""
        SELECT attendance.student, MAX(attendance.marked_at) AS seen_at
        FROM attendance JOIN sessions ON sessions.id = attendance.session
        WHERE sessions.course = :course AND attendance.student IN :students
          AND attendance.status IN ('present', 'late') AND {HELD}
        GROUP BY attendance.student
        """,
        course=course,
        students=students,
    )
    return {int(row["student"]): row["seen_at"] for row in rows}


def history(tx: Transaction, student: int, teacher: int | None, now: datetime) -> list[Row]:
    """Where the student stands in each session (of this teacher, if given), first to last."""
    scope, params = where(
        ("students.id = :student", {"student": student}),
        (staff.SESSIONS, {"teacher": teacher, "as_of": now}),
    )
    columns = """
        sessions.course, sessions.subject, sessions.section, sessions.started_at,
        sessions.closes_at, sessions.ended_at
    """
    return tx.all(
        f"""
        SELECT * FROM ({standings(columns, scope.removeprefix("WHERE "))}) AS standing
        ORDER BY started_at, session
        """,
        now=now,
        **params,
    )


def has_student(tx: Transaction, teacher: int, student: int, now: datetime) -> bool:
    """Whether the student is in a course that the teacher has a part in, or was in a session."""
    found = tx.scalar(
        f"""
        SELECT 1 FROM enrolments
        WHERE enrolments.student = :student AND enrolments.course IN ({staff.COURSES})
        UNION ALL
        SELECT 1 FROM attendance JOIN sessions ON sessions.id = attendance.session
        WHERE {staff.SESSIONS} AND attendance.student = :student AND {HELD}
        LIMIT 1
        """,
        teacher=teacher,
        student=student,
        as_of=now,
    )
    return found is not None
