"""Students who ask to be excused for some days, and what was decided in each of their courses."""

from __future__ import annotations

from datetime import datetime

from database import notice_checks
from database.core import Row, Transaction
from database.filters import where

_ABSENCES = """
    SELECT absences.id, absences.student, absences.first_day, absences.last_day, absences.reason,
           absences.created_at, students.student_id, students.name,
           CASE WHEN absence_notes.absence IS NULL THEN 0 ELSE 1 END AS note
    FROM absences JOIN students ON students.id = absences.student
    LEFT JOIN absence_notes ON absence_notes.absence = absences.id
"""


def create(
    tx: Transaction, *, student: int, first_day: str, last_day: str, reason: str, now: datetime
) -> int:
    """Add a request for the days from first to last (ISO)."""
    absence = tx.insert(
        """
        INSERT INTO absences (student, first_day, last_day, reason, created_at)
        VALUES (:student, :first_day, :last_day, :reason, :now)
        """,
        student=student,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        now=now,
    )
    notice_checks.note_student(tx, student, now)
    return absence


def by_id(tx: Transaction, absence: int) -> Row | None:
    """The request with this id, or None."""
    return tx.one(f"{_ABSENCES} WHERE absences.id = :id", id=absence)


def select(
    tx: Transaction, *, student: int | None = None, courses: list[int] | None = None, limit: int
) -> list[Row]:
    """The newest requests: of one student, or that concern one of these courses (None: any)."""
    clause, params = where(
        ("absences.student = :student", {"student": student}),
        (
            "absences.student IN (SELECT student FROM enrolments WHERE course IN :courses)",
            {"courses": courses},
        ),
    )
    return tx.all(
        f"{_ABSENCES} {clause} ORDER BY absences.created_at DESC, absences.id DESC LIMIT :limit",
        **params,
        limit=limit,
    )


def count_open(tx: Transaction, courses: list[int]) -> int:
    """How many requests wait for one of these courses."""
    return int(
        tx.scalar(
            """
            SELECT COUNT(DISTINCT absences.id)
            FROM absences JOIN enrolments ON enrolments.student = absences.student
            WHERE enrolments.course IN :courses
              AND NOT EXISTS (SELECT 1 FROM absence_decisions
                              WHERE absence_decisions.absence = absences.id
                                AND absence_decisions.course = enrolments.course)
            """,
            courses=courses,
        )
    )


def concerned(tx: Transaction, absences: list[int]) -> list[Row]:
    """For each of these requests, each course that the student is in or that has decided.

    `accepted` is None where nothing is decided.
    """
    return tx.all(
        """
        SELECT absences.id AS absence, courses.id AS course, courses.code, courses.name,
               courses.section, courses.timezone, courses.teacher,
               absence_decisions.accepted, absence_decisions.remark, absence_decisions.decided_at,
               absence_decisions.reason_id
        FROM absences
        JOIN courses ON courses.archived_at IS NULL AND (
             EXISTS (SELECT 1 FROM enrolments WHERE enrolments.student = absences.student
                     AND enrolments.course = courses.id)
             OR EXISTS (SELECT 1 FROM absence_decisions decided
                        WHERE decided.absence = absences.id AND decided.course = courses.id))
        LEFT JOIN absence_decisions ON absence_decisions.absence = absences.id
                                   AND absence_decisions.course = courses.id
        WHERE absences.id IN :absences
        ORDER BY absences.id, courses.code, courses.id
        """,
        absences=absences,
    )


def decide(
    tx: Transaction,
    *,
    absence: int,
    course: int,
    accepted: bool,
    remark: str | None,
    reason_id: int | None,
    now: datetime,
) -> None:
    """Write a course's decision down, once.

    Raises:
        UniqueViolation: the course has decided already.
        ForeignKeyViolation: the request or the course was deleted meanwhile.
    """
    tx.insert_row(
        """
        INSERT INTO absence_decisions (absence, course, accepted, remark, reason_id, decided_at)
        VALUES (:absence, :course, :accepted, :remark, :reason_id, :now)
        """,
        absence=absence,
        course=course,
        accepted=int(accepted),
        remark=remark,
        reason_id=reason_id,
        now=now,
    )
    notice_checks.note_course(tx, course, now)


def delete(tx: Transaction, absence: int, student: int, now: datetime) -> None:
    """Take a student's request back."""
    notice_checks.note_student(tx, student, now)
    tx.execute("DELETE FROM absences WHERE id = :id", id=absence)
