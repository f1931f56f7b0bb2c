"""Invitations of everybody in a course who has never signed in: by mail, or to be handed out."""

from __future__ import annotations

from dataclasses import dataclass

from attendance.accounts.first_pins import FirstPin
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
    """One student's invitation, and a PIN where one was asked for; None: not to be shown."""

    student: StudentRow
    invitation: Invitation | None
    mailed: bool
    pin: FirstPin | None = None


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
    pins: bool = False,
) -> InvitedAll:
    """A link for each student of the course who has set no password yet.

    Whoever has a link can take the account: those are shown whose accounts were made in a roster
    of the caller's or of the course's teacher, and all of them to administrators. With `mail`, they
    are sent as well, where e-mail is. With `pins`, each that is shown has a PIN, too.

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
        shown = {
            number
            for number, student in found.items()
            if account.is_admin or student["made_by"] in (account.id, course["teacher"])
        }
        made: dict[int, FirstPin] = {}
        if pins:
            made = parts.first_pins.make(tx, [found[number] for number in sorted(shown)], now)
        new = {"students": len(found), **({"pins": len(made)} if pins else {})}
        by.note(tx, now, "course.invite", f"course:{course_id}", new=new)
    sends = mail and parts.mailer.configured
    slips, emails = [], []
    for number in waiting:
        student = found[number]
        invitation = parts.invitations.make(STUDENT, student, base_url, now)
        address = student["email"]
        slips.append(
            Slip(
                student,
                invitation if number in shown else None,
                mailed=sends and address is not None,
                pin=made.get(number),
            )
        )
        if address is not None:
            emails.append(enrolling.email(words, course, student["name"], address, invitation))
    if sends:
        parts.mailer.send(emails)
    return InvitedAll(course, slips)
