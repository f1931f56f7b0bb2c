"""Who else teaches in a course beside its teacher, until when, and what a teacher has a part in."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction

# Courses that `:teacher` has, or helps in as of `:as_of`.
COURSES = """
    SELECT courses.id FROM courses WHERE courses.teacher = :teacher
    UNION ALL
    SELECT course_staff.course FROM course_staff
    WHERE course_staff.teacher = :teacher
      AND (course_staff.ends_at IS NULL OR course_staff.ends_at > :as_of)
"""
# Of a course's sessions the course decides whose they are, of others who held them.
SESSIONS = f"""
    (sessions.course IN ({COURSES}) OR (sessions.course IS NULL AND sessions.teacher = :teacher))
"""


def of_course(tx: Transaction, course: int) -> list[Row]:
    """Who was asked to help in a course, also those whose time is over, by name."""
    return tx.all(
        """
        SELECT course_staff.teacher, teachers.name, teachers.email, course_staff.role,
               course_staff.ends_at, course_staff.added_at
        FROM course_staff JOIN teachers ON teachers.id = course_staff.teacher
        WHERE course_staff.course = :course ORDER BY teachers.name, course_staff.teacher
        """,
        course=course,
    )


def one(tx: Transaction, course: int, teacher: int) -> Row | None:
    """`role` and `ends_at` of one who helps, or did, or None."""
    return tx.one(
        """
        SELECT role, ends_at FROM course_staff WHERE course = :course AND teacher = :teacher
        """,
        course=course,
        teacher=teacher,
    )


def role_in(tx: Transaction, course: int, teacher: int, now: datetime) -> str | None:
    """What the teacher is in the course now, beside its own teacher; None: nothing."""
    found = tx.scalar(
        """
        SELECT role FROM course_staff
        WHERE course = :course AND teacher = :teacher AND (ends_at IS NULL OR ends_at > :now)
        """,
        course=course,
        teacher=teacher,
        now=now,
    )
    return None if found is None else str(found)


def roles_of(tx: Transaction, teacher: int, now: datetime) -> dict[int, str]:
    """Course -> role, of the courses that the teacher helps in now."""
    rows = tx.all(
        """
        SELECT course, role FROM course_staff
        WHERE teacher = :teacher AND (ends_at IS NULL OR ends_at > :now)
        """,
        teacher=teacher,
        now=now,
    )
    return {int(row["course"]): str(row["role"]) for row in rows}


def put(
    tx: Transaction,
    *,
    course: int,
    teacher: int,
    role: str,
    ends_at: datetime | None,
    now: datetime,
) -> None:
    """Let a teacher help in a course, in the place of what he or she was there.

    Raises:
        ForeignKeyViolation: one of the two is gone.
        UniqueViolation: another request has just done the same.
    """
    remove(tx, course, teacher)
    tx.insert_row(
        """
        INSERT INTO course_staff (course, teacher, role, ends_at, added_at)
        VALUES (:course, :teacher, :role, :ends_at, :now)
        """,
        course=course,
        teacher=teacher,
        role=role,
        ends_at=ends_at,
        now=now,
    )


def remove(tx: Transaction, course: int, teacher: int) -> bool:
    """Let a teacher help no longer; False if he or she did not."""
    touched = tx.execute(
        "DELETE FROM course_staff WHERE course = :course AND teacher = :teacher",
        course=course,
        teacher=teacher,
    )
    return touched > 0


def teachers_of(tx: Transaction, course: int, now: datetime) -> list[int]:
    """Table ids of those who help in the course now."""
    rows = tx.all(
        """
        SELECT teacher FROM course_staff
        WHERE course = :course AND (ends_at IS NULL OR ends_at > :now) ORDER BY teacher
        """,
        course=course,
        now=now,
    )
    return [int(row["teacher"]) for row in rows]
