"""Whose course or session it is, and who may see it."""

from __future__ import annotations

from attendance.accounts.guard import STUDENT, Account
from attendance.core.errors import (
    CourseArchived,
    CourseNotFound,
    Forbidden,
    NotEnrolled,
    SessionNotFound,
    StudentNotFound,
)
from attendance.web.current import services
from database import Row, Transaction, courses, sessions, students


def own_course(tx: Transaction, account: Account, course_id: int) -> Row:
    """The course, if it is the teacher's own (an administrator's are all).

    Raises:
        CourseNotFound, Forbidden
    """
    row = courses.by_id(tx, course_id)
    if row is None:
        raise CourseNotFound
    _require_own(row, account, "course")
    return row


def course_in_use(tx: Transaction, account: Account, course_id: int) -> Row:
    """Like `own_course`, if it is not archived.

    Raises:
        CourseNotFound, Forbidden, CourseArchived
    """
    row = own_course(tx, account, course_id)
    if row["archived_at"] is not None:
        raise CourseArchived
    return row


def visible_course(tx: Transaction, account: Account, course_id: int) -> Row:
    """The course, for its teacher, an administrator, and the students in it.

    Raises:
        CourseNotFound, Forbidden, NotEnrolled
    """
    if account.kind != STUDENT:
        return own_course(tx, account, course_id)
    row = courses.by_id(tx, course_id)
    if row is None:
        raise CourseNotFound
    if not courses.is_enrolled(tx, course_id, account.id):
        raise NotEnrolled
    return row


def own_session(tx: Transaction, account: Account, session_id: int) -> Row:
    """The session, if it is the teacher's own (an administrator's are all).

    Raises:
        SessionNotFound, Forbidden
    """
    row = sessions.by_id(tx, session_id)
    if row is None:
        raise SessionNotFound
    _require_own(row, account, "session")
    return row


def course_of(tx: Transaction, session: Row) -> Row | None:
    """The session's course, or None where it has none."""
    return None if session["course"] is None else courses.by_id(tx, int(session["course"]))


def zone_of(course: Row | None) -> str:
    """The course's time zone, or the school's where there is no course."""
    return str(course["timezone"] if course else services().settings.timezone)


def enrolled_student(tx: Transaction, course_id: int, student_id: str) -> Row:
    """The student with this number of the school, if he or she is in the course.

    Raises:
        StudentNotFound
    """
    row = students.by_student_id(tx, student_id)
    if row is None or not courses.is_enrolled(tx, course_id, int(row["id"])):
        raise StudentNotFound("There is no such student in this course.")
    return row


def _require_own(row: Row, account: Account, kind: str) -> None:
    if row["teacher"] != account.id and not account.is_admin:
        raise Forbidden(f"This is another teacher's {kind}.")
