"""One person, two accounts: everything of the one goes over to the other, and the one ends."""

from __future__ import annotations

from dataclasses import dataclass

from attendance.accounts.administration import existing_student
from attendance.core.audit import By
from attendance.core.errors import InvalidRequest
from attendance.core.services import Services
from database import Row, Transaction, courses, faces, merging, students, webhooks
from database.rows import AttendedCourseRow, StudentRow

KEPT = ("student_id", "name", "email", "username")


@dataclass(frozen=True)
class Merged:
    """The account that stays, and the courses that it is in now."""

    student: StudentRow
    courses: list[AttendedCourseRow]


def merge(parts: Services, student: int, into: int, by: By) -> Merged:
    """Marks, courses, excuses and appeals of `student` go over to `into`, whose account stays.

    Of two marks in one session the earlier one counts. Where the account that stays lacks an
    address, a user name, a password or a face, it takes the other's; a consent that either of the
    two withdrew stays withdrawn.

    Raises:
        StudentNotFound
        InvalidRequest: both are the same.
    """
    if student == into:
        raise InvalidRequest.of("into", "not_another", "Name another student.")
    now = parts.clock.now()
    obsolete: list[str] = []
    with parts.database.write() as tx:
        # First the turn to change faces, as whoever else changes them does.
        faces.lock(tx)
        merging.hold(tx, student, into)
        one, other = existing_student(tx, student), existing_student(tx, into)
        sessions = merging.sessions_of(tx, student)
        moved = merging.go_over(tx, student, into)
        for session in sessions:
            webhooks.queue_marks(tx, session, [into], now)
        takes_face = _takes_face(one, other)
        if takes_face:
            obsolete = parts.faces.hand_over(tx, student, into, now=now)
        else:
            obsolete = parts.faces.drop(tx, student, now=now)
        merging.end(tx, student)
        webhooks.queue(tx, "student_deleted", now, id=student, student_id=one["student_id"])
        merging.take_over(tx, into, _united(one, other, takes_face=takes_face))
        if other["password_hash"] is None:
            students.end_tokens(tx, into)
        by.note(
            tx,
            now,
            "student.merge",
            f"student:{into}",
            old={"id": student, **_kept(one)},
            new={"id": into, **_kept(other), "moved": moved},
        )
        by.note(tx, now, "student.merged", f"student:{student}", new={"into": into})
        done = _merged(tx, into)
    parts.faces.photos.discard(obsolete)
    parts.faces.refresh()
    return done


def _kept(row: StudentRow) -> Row:
    whole: Row = {**row}
    return {name: whole[name] for name in KEPT}


def _takes_face(one: StudentRow, other: StudentRow) -> bool:
    is_withdrawn = one["face_withdrawn_at"] or other["face_withdrawn_at"]
    return bool(one["templates"]) and not other["templates"] and not is_withdrawn


def _united(one: StudentRow, other: StudentRow, *, takes_face: bool) -> Row:
    """The row of the account that stays."""
    united: Row = {**other}
    before: Row = {**one}
    for name in ("email", "username", "password_hash", "course"):
        united[name] = before[name] if united[name] is None else united[name]
    if takes_face:
        united["consent_at"] = one["consent_at"]
    if not other["templates"] and united["face_withdrawn_at"] is None:
        united["face_withdrawn_at"] = one["face_withdrawn_at"]
    return united


def _merged(tx: Transaction, into: int) -> Merged:
    return Merged(existing_student(tx, into), courses.attended_by(tx, into))
