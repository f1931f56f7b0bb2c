"""Courses, and the students in them, as the outside sees them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from attendance.accounts.first_pins import FirstPin
from attendance.accounts.invitations import Invitation
from attendance.core import qr_modules
from attendance.courses import check_in, schemas
from attendance.courses.enrolling import Invited
from attendance.courses.inviting import Slip
from database import Row
from database.rows import CourseRow, CourseStudentRow


def course(row: CourseRow, *, with_code: bool) -> Row:
    """A course. Students see no join code: the teacher decides who gets it."""
    return schemas.Course.shown(
        row,
        teacher_id=row["teacher"],
        join_code=row["join_code"] if with_code else None,
        archived=row["archived_at"] is not None,
        role=dict(row).get("role"),
        check_in=asdict(check_in.of(row)),
    )


def course_student(row: CourseStudentRow) -> Row:
    """A student in the list of a course."""
    return schemas.CourseStudent.shown(row)


def join_request(row: Row) -> Row:
    """A student who asks to be let into a course."""
    named = {"id": row["course"], "code": row["course_code"], "name": row["course_name"]}
    return schemas.JoinRequest.shown(row, course=schemas.CourseName.shown(named))


def helper(row: Row, now: datetime) -> Row:
    """One who helps in a course."""
    ended = row["ends_at"] is not None and row["ends_at"] <= now
    return schemas.Helper.shown(row, teacher_id=row["teacher"], until=row["ends_at"], ended=ended)


def invitation(made: Invitation) -> Row:
    """A link, and until when it counts."""
    return schemas.Invitation.shown(made)


def first_pin(made: FirstPin) -> Row:
    """A PIN, and until when it counts."""
    return schemas.FirstPin.shown(made)


def slip(made: Slip) -> Row:
    """What is handed out to a student who has never signed in."""
    return schemas.Slip.shown(
        {},
        student_id=made.student["student_id"],
        name=made.student["name"],
        username=made.student["username"],
        pin=made.pin and first_pin(made.pin),
        mailed=made.mailed,
        invitation=made.invitation and invitation(made.invitation),
        qr=qr_modules.rows(made.invitation.link) if made.invitation else None,
    )


def invited(made: Invited, *, mailed: bool) -> Row:
    """The answer to whoever asked for a link, which is told only where it may be."""
    shown = invitation(made.invitation) if made.is_shown else None
    return schemas.InvitationOut.shown({}, invitation=shown, mailed=mailed)
