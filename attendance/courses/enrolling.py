"""Students who are in a course: who is removed, and who gets a link to set a password."""

from __future__ import annotations

from dataclasses import dataclass

from attendance.accounts.guard import Account
from attendance.accounts.invitations import Invitation
from attendance.core.audit import By
from attendance.core.errors import InvitationNotShown, PasswordSet, SignUpClosed
from attendance.core.mail import Email, Words
from attendance.core.roles import STUDENT
from attendance.core.services import Services
from attendance.courses.access import Right, enrolled_student, own_course
from database import courses
from database.rows import CourseRow

# For each student: nobody's mailbox is filled.
INVITATIONS_PER_MINUTE = 5


@dataclass(frozen=True)
class Invited:
    """A link that was made, and whether whoever asked for it may see it."""

    invitation: Invitation
    is_shown: bool


def remove(
    parts: Services, account: Account, course_id: int, student: int | str, by: By
) -> CourseRow:
    """Take a student (own id, or the school's number) out of the course, which is returned.

    Raises:
        CourseNotFound, Forbidden, StudentNotFound
    """
    with parts.database.write() as tx:
        course = own_course(tx, account, course_id, Right.ORGANISE, parts.clock.now())
        row = enrolled_student(tx, course_id, student)
        courses.remove(tx, course_id, int(row["id"]), parts.clock.now())
        by.note(
            tx,
            parts.clock.now(),
            "course.remove",
            f"student:{row['id']}",
            old={"course": course_id},
        )
    return course


def invite(
    parts: Services,
    account: Account,
    course_id: int,
    student: int | str,
    by: By,
    base_url: str,
    words: Words,
) -> Invited:
    """Make a link with which a student (own id, or the school's number) sets a first password.

    Whoever has it can take the account: it is shown to the teacher in whose course's roster the
    account was made, and to administrators. In any case it is sent to the student, where e-mail is.

    Raises:
        CourseNotFound, Forbidden, StudentNotFound
        PasswordSet: it is too late, or there is no address to sign in with.
        InvitationNotShown: neither would the caller see it, nor could it be sent.
        TooManyAttempts: the student was invited too often.
        SignUpClosed: nobody new comes in.
    """
    if parts.settings.student_sign_up == "closed":
        raise SignUpClosed
    with parts.database.write() as tx:
        course = own_course(tx, account, course_id, Right.ORGANISE, parts.clock.now())
        row = enrolled_student(tx, course_id, student)
        if row["password_hash"] is not None or row["email"] is None:
            raise PasswordSet
        is_shown = account.is_admin or row["made_by"] in (account.id, course["teacher"])
        if not is_shown and not parts.mailer.configured:
            raise InvitationNotShown
        name = f"student:{row['id']}"
        parts.attempts.count("invite", name, INVITATIONS_PER_MINUTE)
        by.note(tx, parts.clock.now(), "student.invite", name)
    invitation = parts.invitations.make(STUDENT, row, base_url, parts.clock.now())
    parts.mailer.send([email(words, course, row["name"], row["email"], invitation)])
    return Invited(invitation, is_shown)


def email(
    words: Words, course: CourseRow, name: str, address: str, invitation: Invitation
) -> Email:
    """The message that brings a student the link; words with {name}, {course}, {code}, {link} and
    {until}."""
    return words.email(
        address,
        name=name,
        course=course["name"],
        code=course["code"],
        link=invitation.link,
        until=f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC",
    )
