"""Marks that a camera makes: once, and only of who agrees to it at that moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from attendance.core import statuses
from attendance.core.errors import SessionNotFound, found
from attendance.core.services import Services
from attendance.sessions import marking as sessions_marking
from attendance.sessions import rules
from database import ForeignKeyViolation, Transaction, cameras, marks, sessions, sightings
from database.rows import MarkRow


@dataclass(frozen=True)
class Marked:
    """A mark that counts. `already`: it was there before."""

    mark: MarkRow
    already: bool
    returned: bool = False  # had left, and is here again


def mark(
    parts: Services,
    session_id: int,
    student: int,
    distance: float | None,
    at: datetime | None = None,
    *,
    comes_in: bool = False,
) -> Marked | None:
    """Write the mark; None: the student has taken back his or her consent, or is gone.

    Args:
        at: when he or she was seen; None: now.
        comes_in: whoever has left is here again.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked: the teacher was quicker than the networks.
    """

    def write(tx: Transaction) -> Marked | None:
        session = found(sessions.by_id_shared(tx, session_id), SessionNotFound)
        now = parts.clock.now()
        rules.require_open(session, now)
        if not cameras.agrees(tx, student):
            return None
        reported = None if distance is None else parts.faces.reported(distance)
        seen = at or now
        status = rules.status_at(session, seen)
        marked = put(tx, session_id, student, status=status, distance=reported, now=seen)
        return here_again(tx, session_id, student, marked) if comes_in else marked

    try:
        return parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        return None  # deleted while the networks worked


def put(
    tx: Transaction,
    session_id: int,
    student: int,
    *,
    status: str,
    distance: float | None,
    now: datetime,
    method: str = statuses.CAMERA,
    rests_on: str | None = None,
) -> Marked:
    """Write a mark of a camera, or of a kiosk, where there is none; nobody is asked about a student
    who has one."""
    row, already = marks.add(
        tx,
        session=session_id,
        student=student,
        status=status,
        method=method,
        distance=distance,
        evidence=rests_on,
        now=now,
    )
    assert row is not None  # it names no browser that could have marked before
    sightings.settle(tx, session_id)
    return Marked(row, already)


def here_again(tx: Transaction, session_id: int, student: int, marked: Marked) -> Marked:
    """The same mark, of somebody who had left and has come in again."""
    mark, returned = sessions_marking.here_again(tx, session_id, student, marked.mark)
    return replace(marked, mark=mark, returned=returned)


def see(parts: Services, session_id: int, student: int) -> bool:
    """Keep that the student was seen; False: he or she does not agree to it any more."""

    def write(tx: Transaction) -> bool:
        if not cameras.agrees(tx, student):
            return False
        cameras.see(tx, session_id, student, parts.clock.now())
        return True

    try:
        return parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        return False
