"""Whose course it is, who may see it, and who is in it."""

from __future__ import annotations

from attendance.accounts.guard import Account
from attendance.core import student_numbers
from attendance.core.errors import (
    CourseArchived,
    CourseNotFound,
    Forbidden,
    NotEnrolled,
    StudentNotFound,
    found,
)
from attendance.core.roles import STUDENT
from database import Transaction, courses, students
from database.rows import CourseRow, SessionRow, StudentRow


def own_course(tx: Transaction, account: Account, course_id: int) -> CourseRow:
    """The course, if it is the teacher's own (an administrator's are all).

    Raises:
        CourseNotFound, Forbidden
    """
    row = found(courses.by_id(tx, course_id), CourseNotFound)
    require_own(row, account, "course")
    return row


def course_in_use(tx: Transaction, account: Account, course_id: int) -> CourseRow:
    """Like `own_course`, if it is not archived.

    Raises:
        CourseNotFound, Forbidden, CourseArchived
    """
    row = own_course(tx, account, course_id)
    if row["archived_at"] is not None:
        raise CourseArchived
    return row


def visible_course(tx: Transaction, account: Account, course_id: int) -> CourseRow:
    """The course, for its teacher, an administrator, and the students in it.

    Raises:
        CourseNotFound, Forbidden, NotEnrolled
    """
    if account.kind != STUDENT:
        return own_course(tx, account, course_id)
    row = found(courses.by_id(tx, course_id), CourseNotFound)
    if not courses.is_enrolled(tx, course_id, account.id):
        raise NotEnrolled
    return row


def enrolled_student(tx: Transaction, course_id: int, student: int | str) -> StudentRow:
    """The student with this own id (int) or number of the school (str), if in the course.

    Raises:
        StudentNotFound
    """
    row = students.known_as(tx, *student_numbers.forms(student))
    if row is None or not courses.is_enrolled(tx, course_id, int(row["id"])):
        raise StudentNotFound("There is no such student in this course.")
    return row


def require_own(row: CourseRow | SessionRow, account: Account, kind: str) -> None:
    """Refuse what another teacher has (an administrator may); `kind` is what it is.

    Raises:
        Forbidden
    """
    if row["teacher"] != account.id and not account.is_admin:
        raise Forbidden(f"This is another teacher's {kind}.")
