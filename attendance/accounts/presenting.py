"""Accounts as the outside sees them: never the password hash."""

from __future__ import annotations

from attendance.accounts import schemas
from database import Row
from database.rows import StudentRow, TeacherRow


def teacher(row: TeacherRow) -> Row:
    """A teacher, without the password hash."""
    return schemas.Teacher.shown(row)


def student(row: StudentRow) -> Row:
    """A student, without the password hash, as others may see it."""
    return schemas.Student.shown(row)


def own_student(row: StudentRow) -> Row:
    """A student as the student sees it: also what he or she agreed to."""
    agreed = row["camera_consent_at"] is not None
    return schemas.StudentAccount.shown(row, camera_consent=agreed, face_waits=row["proposed"] > 0)
