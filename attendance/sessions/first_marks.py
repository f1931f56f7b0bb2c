"""A mark by a first face that nobody has confirmed yet.

Where the school wants first enrolments confirmed, the student need not wait: what is shown is
compared with the face that waits, and kept. Whoever confirms that face, in the room or later,
makes it a mark of the time at which it was made; refused, both are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance.core.audit import By
from attendance.core.errors import FaceMismatch, FaceNotEnrolled
from attendance.core.services import Services
from attendance.faces import proposals
from attendance.sessions import evidence, rules
from attendance.sessions.challenges import Shown, require_unused
from database import Transaction, used_pictures
from database import first_marks as table
from database import proposals as proposed
from database.rows import SessionRow, StudentRow


@dataclass(frozen=True)
class Compared:
    """How far a face is from one that waits, and what of it (ids) it was compared with."""

    distance: float
    proposal: list[int]


@dataclass(frozen=True)
class Kept:
    """A mark that counts when the student's face is confirmed."""

    session: SessionRow
    status: str
    distance: float
    marked_at: datetime
    already: bool


@dataclass(frozen=True)
class Decided:
    """What a decision on a face came to; `sessions`: in which there are marks by it now."""

    student: StudentRow
    replaced: bool
    sessions: list[int]
    asked: list[int]
    """The sessions in which a mark waited for it."""


def compare(
    parts: Services,
    tx: Transaction,
    student: int,
    shown: Shown,
    classmates: list[int] | None,
    partners: set[int],
) -> Compared:
    """How far the face is from the one that waits.

    Raises:
        FaceNotEnrolled: none waits, or it was made by other networks than are in use now.
        FaceMismatch: it is not that face.
    """
    rows = proposed.of_student(tx, student)
    found = parts.faces.compare_proposed(student, rows, shown.face.embedding, classmates, partners)
    if found is None:
        raise FaceNotEnrolled
    if not parts.faces.agrees(found, parts.settings) or not rules.nobody_nearer(
        found.distance, found.nearest_other
    ):
        raise FaceMismatch
    return Compared(found.distance, [int(row["id"]) for row in rows])


def keep(
    parts: Services,
    tx: Transaction,
    session: SessionRow,
    student: int,
    shown: Shown,
    *,
    method: str,
    compared: Compared,
    rests_on: list[str],
    device: str | None,
) -> Kept:
    """Keep the mark, once; the gates have been passed in this transaction.

    Raises:
        FaceNotEnrolled: the face was refused, taken back or replaced meanwhile.
        PictureUsed: a picture was used before, also to propose the face (`enforce`).
    """
    if proposed.hold(tx, student) != compared.proposal:
        raise FaceNotEnrolled
    now = parts.clock.now()
    unused = require_unused(parts, tx, session, student, shown)
    row, already = table.add(
        tx,
        session=int(session["id"]),
        student=student,
        status=rules.status_at(session, now),
        method=method,
        distance=parts.faces.reported(compared.distance),
        evidence=evidence.kept(
            evidence.by_face(rests_on, alive=shown.alive, doubt=shown.doubt, unused=unused)
        ),
        device=device,
        now=now,
    )
    if not already:
        used_pictures.add(tx, student, shown.fingerprints, now)
    return Kept(session, row["status"], float(row["distance"]), row["marked_at"], already)


def decide(parts: Services, proposal: int, accepted: bool, teacher: int | None, by: By) -> Decided:
    """Let a face count, and with it the marks that wait for it, or drop both. `teacher`: who
    decides, or None for an administrator.

    Raises:
        EnrolmentNotFound: it was decided, or is of no student whom the caller may mark by hand.
        FaceTaken: another student has enrolled this face meanwhile.
        GuardianConsentMissing: the student is a minor.
    """
    asked: list[int] = []
    written: list[int] = []

    def settle(tx: Transaction, student: int) -> None:
        asked[:] = table.sessions_of(tx, student)
        written[:] = []
        if accepted:
            now = parts.clock.now()
            written.extend(table.settle(tx, student, evidence.CONFIRMED, now))

    row, replaced = proposals.decide(parts, proposal, accepted, teacher, by, settle)
    return Decided(row, replaced, written, asked)
