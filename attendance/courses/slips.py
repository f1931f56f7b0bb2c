"""A printed slip for one student of a course: a first password, or a new one without a mailbox."""

from __future__ import annotations

from attendance.accounts.first_pins import FirstPin
from attendance.accounts.guard import Account
from attendance.core.audit import By
from attendance.core.errors import InvitationNotShown, PasswordSet
from attendance.core.services import Services
from attendance.courses.access import Right, enrolled_student, own_course
from attendance.courses.enrolling import INVITATIONS_PER_MINUTE
from database.rows import StudentRow


def make(
    parts: Services, account: Account, course_id: int, student: int, by: By
) -> tuple[StudentRow, FirstPin]:
    """A new PIN for a student of the course; the one before ends.

    Whoever has it can take the account: it is for the teacher in whose course's roster the account
    was made, and for administrators.

    Raises:
        CourseNotFound, Forbidden, StudentNotFound
        InvitationNotShown: another teacher's roster made the account, or nobody's.
        PasswordSet: there is a password, and a mailbox for a forgotten one.
        TooManyAttempts: it was done too often.
    """
    now = parts.clock.now()
    with parts.database.write() as tx:
        course = own_course(tx, account, course_id, Right.ORGANISE, now)
        row = enrolled_student(tx, course_id, student)
        if not account.is_admin and row["made_by"] not in (account.id, course["teacher"]):
            raise InvitationNotShown
        if row["password_hash"] is not None and row["email"] is not None:
            raise PasswordSet
        name = f"student:{row['id']}"
        parts.attempts.count("invite", name, INVITATIONS_PER_MINUTE)
        made = parts.first_pins.make(tx, [row], now)
        by.note(tx, now, "student.first_pin", name)
    return row, made[int(row["id"])]
