"""Records and statistics across courses, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from database import staff
from database.core import Row, Transaction
from database.filters import searched, where
from database.standings import HELD, halves, standings

_COLUMNS = """
    sessions.course, sessions.subject, sessions.section, sessions.started_at, sessions.closes_at,
    sessions.ended_at, students.student_id, students.name,
    (SELECT courses.check_in FROM courses WHERE courses.id = sessions.course) AS check_in
"""


def page(
    tx: Transaction,
    now: datetime,
    *,
    teacher: int | None,
    course: int | None,
    session: int | None,
    student_ids: Sequence[int | str] | None,
    status: str | None,
    begins_at: datetime | None,
    ends_at: datetime | None,
    after: tuple[int, int] | None,
    limit: int,
) -> list[Row]:
    """Where students stand, newest session first; `after` is the last (session, student) seen.

    Each half is cut to the page before they are merged, so a page costs a page.
    """
    after_session, after_student = after or (None, None)
    scope, params = where(
        (staff.SESSIONS, {"teacher": teacher, "as_of": now}),
        ("sessions.course = :course", {"course": course}),
        ("sessions.id = :session", {"session": session}),
        ("students.student_id IN :student_ids", {"student_ids": student_ids}),
        ("sessions.started_at >= :begins_at", {"begins_at": begins_at}),
        ("sessions.started_at < :ends_at", {"ends_at": ends_at}),
        ("sessions.id <= :after_session", {"after_session": after_session}),
        (
            "(sessions.id < :after_session OR students.id > :after_student)",
            {"after_session": after_session, "after_student": after_student},
        ),
    )
    having, more = where(("status = :status", {"status": status}))
    merged = " UNION ALL ".join(
        f"""
        SELECT * FROM (
            SELECT * FROM ({half}) AS part {having}
            ORDER BY session DESC, student LIMIT :limit
        ) AS half_{number}
        """
        for number, half in enumerate(halves(_COLUMNS, scope.removeprefix("WHERE ")))
    )
    return tx.all(
        f"SELECT * FROM ({merged}) AS merged ORDER BY session DESC, student LIMIT :limit",
        now=now,
        limit=limit,
        **params,
        **more,
    )


def students(
    tx: Transaction,
    *,
    teacher: int | None,
    as_of: datetime,
    course: int | None,
    text: str | None,
    after: str | None,
    limit: int,
) -> list[Row]:
    """Students by number: those of a teacher (in a course, or with a mark), or (None) everybody."""
    scope, params = where(
        ("students.state <> 'deleted'", {}),
        ("students.student_id > :after", {"after": after}),
        (
            """students.id IN (SELECT enrolments.student FROM enrolments
                               WHERE enrolments.course = :course)""",
            {"course": course},
        ),
        *searched(text),
        (
            f"""(students.id IN (SELECT enrolments.student FROM enrolments
                                 WHERE enrolments.course IN ({staff.COURSES}))
                 OR students.id IN (SELECT attendance.student FROM attendance
                                    JOIN sessions ON sessions.id = attendance.session
                                    WHERE {staff.SESSIONS} AND {HELD}))""",
            {"teacher": teacher, "as_of": as_of},
        ),
    )
    return tx.all(
        f"""
        SELECT students.student_id, students.name, students.family_name, students.email,
               students.created_at,
               CASE WHEN students.password_hash IS NULL THEN 0 ELSE 1 END AS has_password,
               (SELECT COUNT(*) FROM face_templates
                WHERE face_templates.student = students.id) AS templates
        FROM students {scope} ORDER BY students.student_id LIMIT :limit
        """,
        limit=limit,
        **params,
    )


def session_counts(
    tx: Transaction,
    now: datetime,
    *,
    teacher: int | None,
    course: int | None,
    begins_at: datetime,
    ends_at: datetime,
) -> list[Row]:
    """The sessions that started in a time, with their zone, definitions and one row per status
    and `meaning` (`status` and `n` are None where nobody has one)."""
    clause, params = _of(teacher, course, now)
    scope = f"{clause} AND sessions.started_at >= :begins_at AND sessions.started_at < :ends_at"
    union = standings("sessions.course", scope.removeprefix("WHERE "))
    return tx.all(
        f"""
        SELECT sessions.id, sessions.started_at, courses.timezone, courses.late_counts,
               courses.excused_counts_as, courses.min_percentage, courses.max_absences,
               courses.absences_in_row, counted.status, counted.meaning,
               counted.n
        FROM sessions LEFT JOIN courses ON courses.id = sessions.course
        LEFT JOIN (SELECT session, status, meaning, COUNT(*) AS n FROM ({union}) AS standing
                   GROUP BY session, status, meaning) AS counted ON counted.session = sessions.id
        {scope} ORDER BY sessions.started_at DESC, sessions.id DESC
        """,
        now=now,
        begins_at=begins_at,
        ends_at=ends_at,
        **params,
    )


def method_counts(
    tx: Transaction,
    now: datetime,
    *,
    teacher: int | None,
    course: int | None,
    begins_at: datetime,
    ends_at: datetime,
) -> list[Row]:
    """`started_at` and `timezone` of the sessions that started in a time, with one row for each
    `method` of their marks and how many, `n`."""
    clause, params = _of(teacher, course, now)
    return tx.all(
        f"""
        SELECT sessions.id, sessions.started_at, courses.timezone, attendance.method,
               COUNT(*) AS n
        FROM sessions JOIN attendance ON attendance.session = sessions.id
        LEFT JOIN courses ON courses.id = sessions.course
        {clause} AND sessions.started_at >= :begins_at AND sessions.started_at < :ends_at
        GROUP BY sessions.id, sessions.started_at, courses.timezone, attendance.method
        """,
        begins_at=begins_at,
        ends_at=ends_at,
        **params,
    )


def latest_before(
    tx: Transaction,
    ends_at: datetime,
    *,
    as_of: datetime,
    teacher: int | None,
    course: int | None,
) -> Row | None:
    """Start and zone of the last session that started before a time."""
    clause, params = _of(teacher, course, as_of)
    return tx.one(
        f"""
        SELECT sessions.started_at, courses.timezone
        FROM sessions LEFT JOIN courses ON courses.id = sessions.course
        {clause} AND sessions.started_at < :ends_at ORDER BY sessions.started_at DESC LIMIT 1
        """,
        ends_at=ends_at,
        **params,
    )


def _of(teacher: int | None, course: int | None, now: datetime) -> tuple[str, dict[str, Any]]:
    return where(
        (staff.SESSIONS, {"teacher": teacher, "as_of": now}),
        ("sessions.course = :course", {"course": course}),
        (HELD, {}),
    )
