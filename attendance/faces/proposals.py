"""Oneself: an enrolment counts at once, or waits until a person has confirmed it.

A face that takes another's place must resemble it; one that does not could be a helper's. A school
may want every first enrolment confirmed too: by whoever has the student before him or her.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from attendance.core.audit import By
from attendance.core.errors import EnrolmentNotFound, TokenInvalid
from attendance.core.mail import Email
from attendance.core.services import Services
from attendance.faces import minors, waiting_pictures
from attendance.faces.deciding import to_be_decided_by
from database import ForeignKeyViolation, Row, Transaction, faces, proposals, students
from database.rows import StudentRow
from facerecog import FaceResult, combined


@dataclass(frozen=True)
class Enrolled:
    """What an enrolment came to; `pending`: it waits for a person."""

    faces: list[FaceResult]
    pending: bool
    replaced: bool


def enrol(
    parts: Services, student: int, pictures: list[bytes], consent: bool | None, by: By
) -> Enrolled:
    """Enrol the student's face with one to five pictures, which replace any earlier ones, or
    propose it. Either is in the audit log.

    Raises:
        ConsentRequired: consent was refused.
        Problem: a face error, with `image` telling which picture (from 1).
        FacesDiffer: the pictures show different people.
        FaceTaken: the face is another student's.
        GuardianConsentMissing: the student is a minor.
        TokenInvalid: the account was deleted meanwhile.
    """
    found = parts.faces.examine(pictures, consent=consent)
    parts.faces.refresh()
    picture = waiting_pictures.cut(parts, pictures[0]) if _waits(parts, student, found) else None
    obsolete: set[str] = set()
    now = parts.clock.now()

    def work(tx: Transaction) -> Enrolled:
        version = faces.lock(tx)
        minors.require_consent(tx, student)
        parts.faces.catch_up(tx)
        parts.faces.require_free(tx, student, found)
        before = faces.templates_of(tx, student)
        had = parts.faces.is_enrolled(student)
        distance = _distance(parts, student, found) if had else None
        waits = _waits(parts, student, found)
        told = {"templates": len(found)}
        if waits:
            rows = parts.faces.proposed(student, found, distance, picture)
            proposals.put(tx, student, rows, now)
            by.note(tx, now, "face.propose", f"student:{student}", new=told)
        else:
            obsolete.update(parts.faces.put(tx, student, pictures, found, version=version, now=now))
            proposals.forget(tx, student)
            if had:
                students.note_face_change(tx, student, now)
                old = {"templates": len(before)}
                by.note(tx, now, "face.change", f"student:{student}", old=old, new=told)
            else:
                by.note(tx, now, "face.enrol", f"student:{student}", new=told)
        return Enrolled(found, waits, had)

    try:
        enrolled = parts.database.run(work, repeatable=True)
    except ForeignKeyViolation:
        # The account was deleted while the networks worked.
        raise TokenInvalid from None
    parts.faces.photos.discard(obsolete)
    return enrolled


def listed(parts: Services, teacher: int | None) -> list[Row]:
    """The enrolments that wait: of the students whom a teacher may mark; None: of everybody."""
    with parts.database.read() as tx:
        return proposals.waiting(tx, teacher, parts.clock.now())


def decide(
    parts: Services,
    proposal: int,
    accepted: bool,
    teacher: int | None,
    by: By,
    then: Callable[[Transaction, int], None],
) -> tuple[StudentRow, bool]:
    """Let an enrolment count, or drop it. Returns the student, and whether another face was there
    that it took the place of.

    Args:
        teacher: who decides; None: an administrator.
        then: does with the student, in the same transaction, what hangs on the decision.

    Raises:
        EnrolmentNotFound: it was decided, or is of no student whom the teacher may mark.
        FaceTaken: another student has enrolled this face meanwhile.
    """
    now = parts.clock.now()
    obsolete: set[str] = set()

    def work(tx: Transaction) -> tuple[StudentRow, bool]:
        version = faces.lock(tx)
        student = to_be_decided_by(tx, proposal, teacher, now)
        if proposal not in proposals.hold(tx, student):
            raise EnrolmentNotFound
        before = faces.templates_of(tx, student) if accepted else []
        if accepted:
            parts.faces.catch_up(tx)
            rows = proposals.of_student(tx, student)
            obsolete.update(parts.faces.accept(tx, student, rows, version=version, now=now))
        then(tx, student)
        proposals.forget(tx, student)
        if before:
            students.note_face_change(tx, student, now)
            old = {"templates": len(before)}
            by.note(tx, now, "face.change", f"student:{student}", old=old)
        action = "face.accept" if accepted else "face.reject"
        by.note(tx, now, action, f"student:{student}", new={"proposal": proposal})
        row = students.by_id(tx, student)
        assert row is not None
        return row, bool(before)

    try:
        row, replaced = parts.database.run(work)
    except ForeignKeyViolation:
        raise EnrolmentNotFound from None
    parts.faces.photos.discard(obsolete)
    return row, replaced


def told(row: StudentRow, subject: str, text: str, now: datetime) -> list[Email]:
    """The message to a student whose face was enrolled, replaced, proposed or decided upon."""
    if not row["email"]:
        return []
    return [Email(str(row["email"]), subject, f"{text}\n\n{now:%Y-%m-%d %H:%M} UTC\n")]


def _distance(parts: Services, student: int, found: list[FaceResult]) -> float:
    return parts.faces.compare(student, combined(found).embedding, []).distance


def _waits(parts: Services, student: int, found: list[FaceResult]) -> bool:
    """Whether a person decides: the new face would not be accepted as the old one's in a mark, or
    it is the first where the school wants these confirmed."""
    if not parts.faces.is_enrolled(student):
        return parts.settings.confirm_first_enrolments
    own = parts.faces.compare(student, combined(found).embedding, [])
    return not parts.faces.agrees(own, parts.settings)
