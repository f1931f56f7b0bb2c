"""Refused attempts to mark, and the appeals of students against them."""

from __future__ import annotations

from datetime import datetime

from database import staff
from database.core import Row, Transaction
from database.filters import where
from database.standings import HELD

_APPEALS = f"""
    SELECT appeals.id, appeals.session, appeals.student, appeals.reason, appeals.state,
           appeals.remark, appeals.created_at, appeals.decided_at,
           students.student_id, students.name, sessions.subject, sessions.started_at,
           (SELECT timezone FROM courses WHERE courses.id = sessions.course) AS timezone,
           attendance.status AS marked_as, reasons.name AS marked_reason
    FROM appeals JOIN students ON students.id = appeals.student
    JOIN sessions ON sessions.id = appeals.session AND {HELD}
    LEFT JOIN attendance ON attendance.session = appeals.session
                        AND attendance.student = appeals.student
    LEFT JOIN reasons ON reasons.id = attendance.reason_id
"""


def note_refusal(tx: Transaction, *, session: int, student: int, code: str, now: datetime) -> None:
    """Keep that an attempt was refused, and why. Raises ForeignKeyViolation if either is gone."""
    tx.insert(
        """
        INSERT INTO refusals (session, student, code, refused_at)
        VALUES (:session, :student, :code, :now)
        """,
        session=session,
        student=student,
        code=code,
        now=now,
    )


def refusals(tx: Transaction, *, session: int, student: int) -> list[Row]:
    """Why the student's attempts in the session were refused, first to last."""
    return tx.all(
        """
        SELECT code, refused_at FROM refusals
        WHERE session = :session AND student = :student ORDER BY id
        """,
        session=session,
        student=student,
    )


def refused_now(tx: Transaction, teacher: int, now: datetime) -> list[Row]:
    """`session`, `subject` and `n`: how many students were refused, or have marked with a face that
    waits, and have no mark, for each open session that the teacher has a part in."""
    return tx.all(
        f"""
        SELECT sessions.id AS session, sessions.subject, COUNT(DISTINCT tried.student) AS n
        FROM (SELECT session, student FROM refusals
              UNION SELECT session, student FROM first_marks) AS tried
        JOIN sessions ON sessions.id = tried.session
        WHERE {staff.SESSIONS} AND {HELD} AND sessions.ended_at IS NULL
          AND (sessions.closes_at IS NULL OR sessions.closes_at > :as_of)
          AND NOT EXISTS (SELECT 1 FROM attendance
                          WHERE attendance.session = tried.session
                            AND attendance.student = tried.student)
        GROUP BY sessions.id, sessions.subject ORDER BY sessions.id
        """,
        teacher=teacher,
        as_of=now,
    )


def refused_in(tx: Transaction, session: int) -> list[Row]:
    """Each student whose attempts in the session were refused and who has no mark, nor one that
    waits: the last reason, when, and how many; the latest first."""
    return tx.all(
        """
        SELECT last.code, last.refused_at, students.student_id, students.name, counted.n
        FROM (SELECT student, MAX(id) AS id, COUNT(*) AS n FROM refusals
              WHERE session = :session GROUP BY student) AS counted
        JOIN refusals last ON last.id = counted.id
        JOIN students ON students.id = counted.student
        WHERE NOT EXISTS (SELECT 1 FROM attendance
                          WHERE attendance.session = :session
                            AND attendance.student = counted.student)
          AND NOT EXISTS (SELECT 1 FROM first_marks
                          WHERE first_marks.session = :session
                            AND first_marks.student = counted.student)
        ORDER BY last.id DESC
        """,
        session=session,
    )


def create(tx: Transaction, *, session: int, student: int, reason: str, now: datetime) -> int:
    """Add an appeal; raises UniqueViolation if the student has made one in this session."""
    return tx.insert(
        """
        INSERT INTO appeals (session, student, reason, state, created_at)
        VALUES (:session, :student, :reason, 'open', :now)
        """,
        session=session,
        student=student,
        reason=reason,
        now=now,
    )


def by_id(tx: Transaction, appeal: int) -> Row | None:
    """The appeal with this id, or None."""
    return tx.one(f"{_APPEALS} WHERE appeals.id = :id", id=appeal)


def select(
    tx: Transaction,
    *,
    session: int | None = None,
    student: int | None = None,
    teacher: int | None = None,
    as_of: datetime | None = None,
    state: str | None = None,
) -> list[Row]:
    """Appeals of a session, by a student, to a teacher (as of a time), or in a state; oldest
    first."""
    clause, params = where(
        ("appeals.session = :session", {"session": session}),
        ("appeals.student = :student", {"student": student}),
        (staff.SESSIONS, {"teacher": teacher, "as_of": as_of}),
        ("appeals.state = :state", {"state": state}),
    )
    return tx.all(f"{_APPEALS} {clause} ORDER BY appeals.id", **params)


def count_open(tx: Transaction, course: int) -> int:
    """How many appeals of a course's sessions wait for a decision."""
    return int(
        tx.scalar(
            f"""
            SELECT COUNT(*) FROM appeals JOIN sessions ON sessions.id = appeals.session AND {HELD}
            WHERE sessions.course = :course AND appeals.state = 'open'
            """,
            course=course,
        )
    )


def decide(tx: Transaction, appeal: int, *, state: str, remark: str | None, now: datetime) -> bool:
    """Accept or reject an open appeal; False if that was done before."""
    touched = tx.execute(
        """
        UPDATE appeals SET state = :state, remark = :remark, decided_at = :now
        WHERE id = :id AND state = 'open'
        """,
        state=state,
        remark=remark,
        now=now,
        id=appeal,
    )
    return touched > 0
