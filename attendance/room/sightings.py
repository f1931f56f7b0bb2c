"""The questions that a camera has for the teacher: who is this? And what the teacher decides."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from attendance.core import student_numbers
from attendance.core.audit import By
from attendance.core.errors import (
    NotEnrolled,
    NothingToUndo,
    SightingDecided,
    SightingNotFound,
    StudentNotFound,
    found,
)
from attendance.core.services import Services
from attendance.crypto.vault import Undecryptable
from attendance.room import marking, presenting
from attendance.sessions import rules
from database import ForeignKeyViolation, Row, Transaction, cameras, courses, marks, students
from database import sightings as store
from database.rows import MarkRow, SessionRow
from facerecog import Match
from facerecog.tracks import Track

PROPOSED, UNCERTAIN, STILL = "proposed", "uncertain", "still"
ASKED_AGAIN = timedelta(minutes=10)
"""After a decision, the same student is asked about again after this time at the earliest."""


@dataclass(frozen=True)
class Asked:
    """A sighting as it is shown, and the student (table id) whom it names first."""

    sighting: Row
    first: int


@dataclass(frozen=True)
class Decided:
    """What a decision made: the mark, if there is one, and whether it is new."""

    sighting: Row
    student: int | None
    mark: MarkRow | None
    is_new: bool


def ask(
    parts: Services,
    session_id: int,
    camera: str,
    track: Track,
    reason: str,
    elsewhere: Container[int | None] = (),
) -> Asked | None:
    """Put a face into the teacher's queue, unless there is nothing to decide.

    It is asked about under the nearest candidate who has no mark: not if he or she is asked about
    already, or was minutes ago.

    Args:
        elsewhere: students of whom other faces of the same frame are asked about.
    """
    nearest = track.verdict.nearest
    if nearest is None:
        return None
    matches = track.verdict.candidates or (nearest,)
    if reason == PROPOSED:
        matches = (nearest,)
    now = parts.clock.now()
    key_id, crop, until = _kept(parts, session_id, track.crop, now)

    def write(tx: Transaction) -> Asked | None:
        first = _first(tx, session_id, matches, elsewhere)
        if first is None or store.is_asked(tx, session_id, int(first.key), now - ASKED_AGAIN):
            return None
        others = [match for match in matches if match is not first]
        new = store.NewSighting(
            camera=camera,
            reason=reason,
            box=tuple(float(edge) for edge in track.box),  # type: ignore[arg-type]  # four
            key_id=key_id,
            crop=crop,
            forgotten_at=until,
            candidates=[
                (int(match.key), parts.faces.reported(match.distance)) for match in (first, *others)
            ],
        )
        sighting = store.add(tx, session_id, new, now)
        row = found(store.by_id(tx, sighting, session_id), SightingNotFound)
        return Asked(_shown(tx, row), int(first.key))

    try:
        return parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        return None  # somebody was deleted meanwhile


def _first(
    tx: Transaction, session_id: int, matches: Sequence[Match], elsewhere: Container[int | None]
) -> Match | None:
    """The nearest of these who may still be meant."""
    for match in matches:
        student = int(match.key)
        if student in elsewhere or not cameras.agrees(tx, student):
            continue
        if marks.of_student_in(tx, session=session_id, student=student) is None:
            return match
    return None


def waiting(tx: Transaction, session_id: int, *, every: bool) -> list[Row]:
    """The session's sightings as they are shown: those that wait, or every one."""
    rows = store.of_session(tx, session_id, waiting=not every)
    by_sighting: dict[int, list[Row]] = {int(row["id"]): [] for row in rows}
    for candidate in store.candidates(tx, list(by_sighting)) if rows else []:
        by_sighting[int(candidate["sighting"])].append(candidate)
    return [presenting.sighting(row, by_sighting[int(row["id"])]) for row in rows]


def decide(
    tx: Transaction,
    session: SessionRow,
    sighting_id: int,
    student_id: str | None,
    *,
    by: By,
    now: datetime,
) -> Decided:
    """Say who it is, which marks the student, or (None) that it is nobody of those.

    Args:
        session: the row, held by this transaction.

    Raises:
        SightingNotFound, SightingDecided, StudentNotFound, NotEnrolled
    """
    session_id = session["id"]
    row = found(store.by_id(tx, sighting_id, session_id), SightingNotFound)
    if row["decided_at"] is not None:
        raise SightingDecided
    student = None if student_id is None else _student(tx, session, student_id)
    marked = None
    if student is not None:
        distances = {
            int(candidate["student"]): float(candidate["distance"])
            for candidate in store.candidates(tx, [sighting_id])
        }
        # settled first: a mark drops what waits with this student
        store.decide(tx, sighting_id, student, marked=False, now=now)
        marked = marking.put(
            tx,
            session_id,
            student,
            status=rules.status_at(session, row["seen_at"]),
            distance=distances.get(student),
            now=now,
        )
    is_new = marked is not None and not marked.already
    store.decide(tx, sighting_id, student, marked=is_new, now=now)
    by.note(
        tx,
        now,
        "sighting.decide",
        f"session:{session_id}" if student is None else f"student:{student}",
        new={"sighting": sighting_id, "session": session_id, "marked": is_new},
    )
    shown = _shown(tx, found(store.by_id(tx, sighting_id, session_id), SightingNotFound))
    return Decided(shown, student, marked.mark if marked else None, is_new)


def undo(tx: Transaction, session: SessionRow, sighting_id: int, *, by: By, now: datetime) -> Row:
    """Take a decision back, and the mark that it made, unless that was changed since.

    Raises:
        SightingNotFound, NothingToUndo
    """
    session_id = session["id"]
    row = found(store.by_id(tx, sighting_id, session_id), SightingNotFound)
    if row["decided_at"] is None:
        raise NothingToUndo
    student = row["decided_student"]
    if row["marked"] and student is not None:
        cameras.take_back(tx, session_id, int(student))
    store.reopen(tx, sighting_id)
    by.note(
        tx,
        now,
        "sighting.undo",
        f"session:{session_id}" if student is None else f"student:{student}",
        old={"sighting": sighting_id, "session": session_id, "marked": bool(row["marked"])},
    )
    return _shown(tx, found(store.by_id(tx, sighting_id, session_id), SightingNotFound))


def crop(parts: Services, tx: Transaction, session_id: int, sighting_id: int) -> bytes:
    """The small picture of a face.

    Raises:
        SightingNotFound: there is none, or none any more.
    """
    key_id, data = found(store.crop(tx, sighting_id, session_id), SightingNotFound)
    try:
        return parts.vault.decrypt(key_id, data, owner=_owner(session_id))
    except Undecryptable:
        raise SightingNotFound from None


def confirm(
    tx: Transaction,
    session: SessionRow,
    student_ids: Sequence[str],
    *,
    by: By,
    now: datetime,
) -> list[tuple[int, MarkRow]]:
    """Mark these students, whom the teacher has recognised in a photograph of the class.

    Returns those who had no mark yet, by table id, with their marks.

    Args:
        session: the row, held by this transaction.

    Raises:
        StudentNotFound, NotEnrolled
    """
    status = rules.status_at(session, min(now, rules.end_of(session, now) or now))
    new = []
    for student in dict.fromkeys(_student(tx, session, number) for number in student_ids):
        marked = marking.put(tx, session["id"], student, status=status, distance=None, now=now)
        if not marked.already:
            new.append((student, marked.mark))
            note = {"session": session["id"], "status": status, "method": "camera"}
            by.note(tx, now, "attendance.camera", f"student:{student}", new=note)
    return new


def take_back(
    tx: Transaction,
    session: SessionRow,
    student_ids: Sequence[str],
    *,
    by: By,
    now: datetime,
) -> list[int]:
    """Remove marks of a camera or a photograph; returns whose, by table id.

    Raises:
        StudentNotFound, NotEnrolled
    """
    gone = []
    for student in dict.fromkeys(_student(tx, session, number) for number in student_ids):
        if cameras.take_back(tx, session["id"], student):
            gone.append(student)
            old = {"session": session["id"], "method": "camera"}
            by.note(tx, now, "attendance.camera", f"student:{student}", old=old)
    return gone


def _student(tx: Transaction, session: SessionRow, student_id: str) -> int:
    row = found(students.known_as(tx, *student_numbers.forms(student_id)), StudentNotFound)
    student = int(row["id"])
    course = session["course"]
    if course is not None and not courses.is_enrolled(tx, int(course), student):
        raise NotEnrolled("This student is not enrolled in the course.")
    return student


def _shown(tx: Transaction, row: Row) -> Row:
    return presenting.sighting(row, store.candidates(tx, [int(row["id"])]))


def _kept(
    parts: Services, session_id: int, crop: bytes, now: datetime
) -> tuple[str | None, bytes | None, datetime | None]:
    """The picture as it is stored, where the school lets it be kept for some minutes."""
    minutes = parts.settings.camera_crop_minutes
    if not crop or minutes == 0:
        return None, None, None
    key_id, data = parts.vault.encrypt(crop, owner=_owner(session_id))
    return key_id, data, now + timedelta(minutes=minutes)


def _owner(session_id: int) -> str:
    return f"sighting:{session_id}"
