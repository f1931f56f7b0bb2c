"""Who may do what in a course and its sessions: the one place that decides it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

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
from attendance.core.roles import ADMINISTRATOR, OWNER, STUDENT, TUTOR
from database import Transaction, courses, staff, students, tutors
from database.rows import CourseRow, SessionRow, StudentRow


class CourseInRole(CourseRow):
    """A course, and what the caller is in it."""

    role: str


class Right(Enum):
    """Something that may be allowed, in a course and in its sessions."""

    SEE = "see"  # the course, its students, sessions, lists, reports
    RUN = "run"  # start, lock, stop and reopen sessions, show their code, mark by hand
    CORRECT = "correct"  # appeals, excuses, sessions of the past, discarding, clearing
    ORGANISE = "organise"  # who is in the course, its plan, how it counts
    OWN = "own"  # who helps in it; archive and delete it
    FOLLOW = "follow"  # of a student: the attendance over all courses, and nothing else


_TEACHES = {Right.SEE, Right.RUN, Right.CORRECT}
# docs/administration.md says the same, and a test compares the two.
RIGHTS: dict[str, set[Right]] = {
    ADMINISTRATOR: set(Right),
    OWNER: _TEACHES | {Right.ORGANISE, Right.OWN},
    "co_teacher": _TEACHES | {Right.ORGANISE},
    "substitute": _TEACHES,
    "assistant": {Right.SEE, Right.RUN},
    TUTOR: {Right.FOLLOW},
}


def role_of(
    tx: Transaction, account: Account, *, teacher: int, course: int | None, now: datetime
) -> str | None:
    """What the account is where `teacher` has the course (None: a session without one)."""
    if account.is_admin:
        return ADMINISTRATOR
    if teacher == account.id:
        return OWNER
    return None if course is None else staff.role_in(tx, course, account.id, now)


def who_may(
    tx: Transaction, right: Right, *, teacher: int, course: int | None, now: datetime
) -> list[int]:
    """The teachers who have this right in a course by their part in it: its own one first. Without
    a course, `teacher`, whose session it is."""
    if course is None:
        return [teacher]
    row = courses.by_id(tx, course)
    helpers = [
        int(helper["teacher"])
        for helper in staff.of_course(tx, course)
        if right in RIGHTS[helper["role"]]
        and (helper["ends_at"] is None or helper["ends_at"] > now)
    ]
    return list(dict.fromkeys([teacher if row is None else int(row["teacher"]), *helpers]))


def require(
    tx: Transaction,
    account: Account,
    right: Right,
    *,
    teacher: int,
    course: int | None,
    now: datetime,
) -> str:
    """What the account is where `teacher` has the course (None: no course), if it has the right.

    Raises:
        Forbidden
    """
    role = role_of(tx, account, teacher=teacher, course=course, now=now)
    if role is None:
        raise Forbidden(f"This is another teacher's {'session' if course is None else 'course'}.")
    if right not in RIGHTS[role]:
        raise Forbidden(f"Your part in this course ({role}) does not allow it.")
    return role


def own_course(
    tx: Transaction, account: Account, course_id: int, right: Right, now: datetime
) -> CourseInRole:
    """The course, if the account has this right in it, and as what (`role`).

    Raises:
        CourseNotFound, Forbidden
    """
    row = found(courses.by_id(tx, course_id), CourseNotFound)
    role = require(tx, account, right, teacher=row["teacher"], course=course_id, now=now)
    return CourseInRole(**row, role=role)


def course_in_use(
    tx: Transaction, account: Account, course_id: int, right: Right, now: datetime
) -> CourseInRole:
    """Like `own_course`, if it is not archived.

    Raises:
        CourseNotFound, Forbidden, CourseArchived
    """
    row = own_course(tx, account, course_id, right, now)
    if row["archived_at"] is not None:
        raise CourseArchived
    return row


def visible_course(tx: Transaction, account: Account, course_id: int, now: datetime) -> CourseRow:
    """The course, for whoever teaches in it, an administrator, and the students in it.

    Raises:
        CourseNotFound, Forbidden, NotEnrolled
    """
    if account.kind != STUDENT:
        return own_course(tx, account, course_id, Right.SEE, now)
    row = found(courses.by_id(tx, course_id), CourseNotFound)
    if not courses.is_enrolled(tx, course_id, account.id):
        raise NotEnrolled
    return row


def require_session(
    tx: Transaction, account: Account, session: SessionRow, right: Right, now: datetime
) -> None:
    """Refuse whoever lacks a right in a session: of a course, the course decides.

    Raises:
        Forbidden
    """
    course = session["course"]
    teacher = session["teacher"]
    if course is not None:
        row = courses.by_id(tx, int(course))
        teacher = row["teacher"] if row else teacher
    require(tx, account, right, teacher=teacher, course=course, now=now)


def enrolled_student(tx: Transaction, course_id: int, student: int | str) -> StudentRow:
    """The student with this own id (int) or number of the school (str), if in the course.

    Raises:
        StudentNotFound
    """
    row = students.known_as(tx, *student_numbers.forms(student))
    if row is None or not courses.is_enrolled(tx, course_id, int(row["id"])):
        raise StudentNotFound("There is no such student in this course.")
    return row


def may_follow(tx: Transaction, account: Account, student: int) -> bool:
    """Whether the account may see a student's attendance over all courses, also those in which it
    has no part."""
    role = ADMINISTRATOR if account.is_admin else None
    if role is None and tutors.is_tutor(tx, account.id, student):
        role = TUTOR
    return role is not None and Right.FOLLOW in RIGHTS[role]
