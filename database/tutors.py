"""Students' tutors: the teacher who looks after a student in all courses. One each, or none."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction


def of(tx: Transaction, student: int) -> Row | None:
    """`id`, `name` and `email` of the student's tutor, or None."""
    return tx.one(
        """
        SELECT teachers.id, teachers.name, teachers.email
        FROM tutors JOIN teachers ON teachers.id = tutors.teacher
        WHERE tutors.student = :student
        """,
        student=student,
    )


def of_students(tx: Transaction, students: list[int]) -> dict[int, Row]:
    """The tutors (`id`, `name`, `email`) of those of these students who have one."""
    rows = tx.all(
        """
        SELECT tutors.student, teachers.id, teachers.name, teachers.email
        FROM tutors JOIN teachers ON teachers.id = tutors.teacher
        WHERE tutors.student IN :students
        """,
        students=students,
    )
    return {int(row["student"]): row for row in rows}


def students_of(tx: Transaction, teacher: int) -> list[Row]:
    """The students whose tutor the teacher is, in the order of their names."""
    return tx.all(
        """
        SELECT students.id, students.student_id, students.name
        FROM tutors JOIN students ON students.id = tutors.student
        WHERE tutors.teacher = :teacher ORDER BY students.sort_key, students.student_id
        """,
        teacher=teacher,
    )


def is_tutor(tx: Transaction, teacher: int, student: int) -> bool:
    """Whether the teacher is the student's tutor."""
    found = tx.scalar(
        "SELECT 1 FROM tutors WHERE student = :student AND teacher = :teacher",
        student=student,
        teacher=teacher,
    )
    return found is not None


def has_students(tx: Transaction, teacher: int) -> bool:
    """Whether the teacher is anybody's tutor."""
    found = tx.scalar("SELECT 1 FROM tutors WHERE teacher = :teacher LIMIT 1", teacher=teacher)
    return found is not None


def put(tx: Transaction, student: int, teacher: int | None, now: datetime) -> None:
    """Give a student a tutor in the place of the one before; None: nobody.

    Raises:
        ForeignKeyViolation: one of the two is gone.
        UniqueViolation: another request has just given the student one.
    """
    tx.execute("DELETE FROM tutors WHERE student = :student", student=student)
    if teacher is not None:
        tx.insert_row(
            """
            INSERT INTO tutors (student, teacher, assigned_at) VALUES (:student, :teacher, :now)
            """,
            student=student,
            teacher=teacher,
            now=now,
        )
