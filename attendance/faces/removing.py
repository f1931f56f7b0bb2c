"""A student's face is taken out by an administrator, and the student hears of it."""

from __future__ import annotations

from attendance.accounts.administration import existing_student
from attendance.core.audit import By
from attendance.core.mail import Email
from attendance.core.services import Services
from attendance.faces import events


def remove(parts: Services, student: int, by: By) -> None:
    """Delete the student's templates and photographs; only the student enrols a face again.

    Raises:
        StudentNotFound
    """
    with parts.database.read() as tx:
        row = existing_student(tx, student)
    now = parts.clock.now()
    had = parts.faces.forget(
        student, now=now, note=lambda tx: by.note(tx, now, "face.remove", f"student:{student}")
    )
    if not had:
        return
    events.face_removed(student)
    if row["email"] is not None:
        text = (
            f"Hello {row['name']},\n\nan administrator of your school has taken your face out of "
            "the attendance system: every template and photograph of it is deleted. You cannot "
            "mark by face until you enrol it again, and nobody else can do that for you.\n"
        )
        subject = "Your face was taken out of the attendance system"
        parts.mailer.send([Email(row["email"], subject, text)])
