"""Who helps in a course: asked, given another part, and let go again."""

from __future__ import annotations

from datetime import date, datetime

from attendance.accounts.guard import Account
from attendance.core import emails, zones
from attendance.core.audit import By
from attendance.core.errors import InvalidRequest, TeacherNotFound
from attendance.core.roles import ACTIVE
from attendance.courses.access import Right, own_course
from database import ForeignKeyViolation, Row, Transaction, staff, teachers
from database.rows import CourseRow


def ask(
    tx: Transaction,
    account: Account,
    course_id: int,
    *,
    email: str,
    role: str,
    until: datetime | date | None,
    by: By,
    now: datetime,
) -> tuple[CourseRow, int, bool]:
    """Let a teacher help in the course until a moment, or to the end of a day of its zone.

    Whoever helps already gets the new part and end. Returns the course, the teacher's id, and
    whether he or she is new in it.

    Raises:
        CourseNotFound, Forbidden
        TeacherNotFound: nobody who may sign in has the address.
        InvalidRequest: it is the course's own teacher, or the time is over.
    """
    course = own_course(tx, account, course_id, Right.OWN, now)
    teacher = teachers.by_email(tx, *emails.forms(email))
    if teacher is None or teacher["state"] != ACTIVE:
        raise TeacherNotFound("No active teacher has this e-mail address.")
    if teacher["id"] == course["teacher"]:
        raise InvalidRequest.of("email", "own_course", "This is the course's own teacher.")
    ends_at = _moment(until, str(course["timezone"]))
    if ends_at is not None and ends_at <= now:
        raise InvalidRequest.of("until", "past", "This moment has passed.")
    number = int(teacher["id"])
    before = staff.one(tx, course_id, number)
    try:
        staff.put(tx, course=course_id, teacher=number, role=role, ends_at=ends_at, now=now)
    except ForeignKeyViolation:
        raise TeacherNotFound from None
    by.note(
        tx,
        now,
        "course.staff",
        f"teacher:{number}",
        old=None if before is None else _told(course_id, before["role"], before["ends_at"]),
        new=_told(course_id, role, ends_at),
    )
    return course, number, before is None


def let_go(
    tx: Transaction, account: Account, course_id: int, email: str, *, by: By, now: datetime
) -> tuple[CourseRow, int]:
    """End somebody's part in the course: its teacher may, and everybody his or her own.

    Returns the course, and whose part it was.

    Raises:
        CourseNotFound, Forbidden
        TeacherNotFound: nobody with this address helps.
    """
    teacher = teachers.by_email(tx, *emails.forms(email))
    own = teacher is not None and teacher["id"] == account.id
    course = own_course(tx, account, course_id, Right.SEE if own else Right.OWN, now)
    before = None if teacher is None else staff.one(tx, course_id, int(teacher["id"]))
    if teacher is None or before is None:
        raise TeacherNotFound("Nobody with this e-mail address helps in this course.")
    number = int(teacher["id"])
    staff.remove(tx, course_id, number)
    by.note(
        tx,
        now,
        "course.staff",
        f"teacher:{number}",
        old=_told(course_id, before["role"], before["ends_at"]),
    )
    return course, number


def _moment(until: datetime | date | None, zone: str) -> datetime | None:
    if until is None or isinstance(until, datetime):
        return until
    return zones.days(until, until, zone)[1]


def _told(course: int, role: str, ends_at: datetime | None) -> Row:
    return {"course": course, "role": role, "until": ends_at and ends_at.isoformat()}
