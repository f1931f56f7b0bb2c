"""Checking out: students who say that they leave, where their course wants that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance.core import statuses
from attendance.core.errors import CheckOutOff, NotMarked, SessionNotFound, TokenInvalid, found
from attendance.core.services import Services
from attendance.core.statuses import LATE, PRESENT
from attendance.courses import check_in
from attendance.sessions import marking, rules
from attendance.sessions.gates import require_here
from attendance.web.origin import Origin
from database import ForeignKeyViolation, Transaction, departures, marks, sessions
from database.rows import MarkRow, SessionRow, StudentRow

SCAN, CODE, KIOSK = "scan", "code", "kiosk"
_HERE = (PRESENT, LATE)


@dataclass(frozen=True)
class Left:
    """A leaving that counts. `already`: it was there before this request."""

    session: SessionRow
    mark: MarkRow
    already: bool


def leave(
    parts: Services,
    student: StudentRow,
    *,
    join_token: str | None,
    code: str | None,
    origin: Origin,
) -> Left:
    """Write that the student leaves now, once, with what opens the session to a mark as well.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked, NotEnrolled, JoinRequired, JoinExpired,
        ScanRequired, WrongNetwork, DeviceUsed
        CheckOutOff, NotMarked
        TokenInvalid: the account was deleted meanwhile.
    """
    session, method = marking.admitted(parts, student, join_token=join_token, code=code)
    number = int(student["id"])
    by = SCAN if method == statuses.QR_FACE else CODE

    def write(tx: Transaction) -> Left:
        current = found(sessions.by_id_shared(tx, int(session["id"])), SessionNotFound)
        now = parts.clock.now()
        rules.require_open(current, now)
        require_here(tx, current, number, method, origin, marks_now=True)
        return _written(tx, current, number, now, by)

    try:
        return parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        raise TokenInvalid from None


def leave_by_kiosk(parts: Services, session_id: int, student: int, at: datetime) -> Left:
    """Write that a student left by the door at a time, once.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked: the teacher was quicker.
        CheckOutOff, NotMarked
        TokenInvalid: the account was deleted meanwhile.
    """

    def write(tx: Transaction) -> Left:
        current = found(sessions.by_id_shared(tx, session_id), SessionNotFound)
        rules.require_open(current, parts.clock.now())
        return _written(tx, current, student, at, KIOSK)

    try:
        return parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        raise TokenInvalid from None


def may_leave(parts: Services, session: SessionRow, student: int) -> bool:
    """Whether a student is there, and the course wants to be told when he or she leaves."""
    if check_in.of(session).check_out == "off":
        return False
    with parts.database.read() as tx:
        mark = marks.of_student_in(tx, session=int(session["id"]), student=student)
    return mark is not None and mark["status"] in _HERE and mark["left_at"] is None


def _written(tx: Transaction, session: SessionRow, student: int, now: datetime, by: str) -> Left:
    if check_in.of(session).check_out == "off":
        raise CheckOutOff
    who = {"session": int(session["id"]), "student": student}
    before = marks.of_student_in(tx, **who)
    if before is None or before["status"] not in _HERE:
        raise NotMarked
    left_at = max(now, before["marked_at"] or now)  # what waited at a kiosk may be of before
    already = not departures.add(tx, **who, left_at=left_at, left_by=by)
    mark = found(marks.of_student_in(tx, **who), NotMarked)
    return Left(session, mark, already)
