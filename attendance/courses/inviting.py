"""Invitations of everybody in a course who has never signed in: by mail, or to be handed out."""

from __future__ import annotations

from dataclasses import dataclass

from attendance.accounts.guard import Account
from attendance.accounts.invitations import Invitation
from attendance.core.audit import By
from attendance.core.mail import Words
from attendance.core.roles import STUDENT
from attendance.core.services import Services
from attendance.courses import enrolling
from attendance.courses.access import Right, own_course
from database import courses, students
from database.rows import CourseRow, StudentRow

# For each course: each time every mailbox gets an e-mail.
TIMES_PER_MINUTE = 3


@dataclass(frozen=True)
class Slip:
    """One student's invitation; without it, the caller may not see it, or nobody could use it."""

    student: StudentRow
    invitation: Invitation | None
    mailed: bool


@dataclass(frozen=True)
class InvitedAll:
    """The course, and a slip for each student who has never signed in, by name."""

    course: CourseRow
    slips: list[Slip]


def invite_all(
    parts: Services,
    account: Account,
    course_id: int,
    by: By,
    base_url: str,
    words: Words,
    *,
    mail: bool,
) -> InvitedAll:
    """A link for each student of the course who has set no password yet.

    Whoever has a link can take the account: those are shown whose accounts were made in a roster
    of the caller's or of the course's teacher, and all of them to administrators. With `mail`, they
    are sent as well, where e-mail is.

    Raises:
        CourseNotFound, Forbidden
        TooManyAttempts: it was done too often.
    """
    now = parts.clock.now()
    with parts.database.write() as tx:
        course = own_course(tx, account, course_id, Right.ORGANISE, now)
        parts.attempts.count("invite-all", f"course:{course_id}", TIMES_PER_MINUTE)
        waiting = [
            int(row["id"]) for row in courses.students_of(tx, course_id) if not row["has_password"]
        ]
        found = {int(row["id"]): row for row in students.of_ids(tx, waiting)} if waiting else {}
        by.note(tx, now, "course.invite", f"course:{course_id}", new={"students": len(found)})
    sends = mail and parts.mailer.configured
    slips, emails = [], []
    for number in waiting:
        student = found[number]
        if student["email"] is None:  # there would be nothing to sign in with
            slips.append(Slip(student, None, mailed=False))
            continue
        invitation = parts.invitations.make(STUDENT, student, base_url, now)
        is_shown = account.is_admin or student["made_by"] in (account.id, course["teacher"])
        slips.append(Slip(student, invitation if is_shown else None, mailed=sends))
        emails.append(enrolling.email(words, course, student["name"], student["email"], invitation))
    if sends:
        parts.mailer.send(emails)
    return InvitedAll(course, slips)
