"""Who is a student's tutor."""

from __future__ import annotations

from attendance.accounts.administration import existing_student
from attendance.core import emails
from attendance.core.audit import By
from attendance.core.errors import StudentNotFound, TeacherNotFound, Unavailable
from attendance.core.roles import ACTIVE
from attendance.core.services import Services
from database import ForeignKeyViolation, Row, UniqueViolation, teachers, tutors


def assign(parts: Services, student: int, email: str | None, by: By) -> Row | None:
    """Make the active teacher with this address a student's tutor (None: nobody); returns him or
    her.

    Raises:
        StudentNotFound, TeacherNotFound
        Unavailable: another request gave the student one at this moment.
    """
    now = parts.clock.now()
    try:
        with parts.database.write() as tx:
            existing_student(tx, student)
            old = tutors.of(tx, student)
            number = None
            if email is not None:
                teacher = teachers.by_email(tx, *emails.forms(email))
                if teacher is None or teacher["state"] != ACTIVE:
                    raise TeacherNotFound
                number = int(teacher["id"])
            if number != (old and int(old["id"])):
                tutors.put(tx, student, number, now)
                by.note(
                    tx,
                    now,
                    "student.tutor",
                    f"student:{student}",
                    old=old and f"teacher:{old['id']}",
                    new=number and f"teacher:{number}",
                )
            return tutors.of(tx, student)
    except ForeignKeyViolation:
        raise StudentNotFound from None
    except UniqueViolation:
        raise Unavailable from None
