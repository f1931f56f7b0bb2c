"""A student's face is taken out by an administrator, and the student hears of it."""

from __future__ import annotations

from attendance.accounts.administration import existing_student
from attendance.core.audit import By
from attendance.core.mail import Words
from attendance.core.services import Services
from attendance.faces import events


def remove(parts: Services, student: int, by: By, words: Words) -> None:
    """Delete the student's templates and photographs, and tell the student in these words, which
    have {name}; nobody else enrols the face again.

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
        parts.mailer.send([words.email(row["email"], name=row["name"])])
