"""A kiosk at the door: who comes or leaves there, and in which of the open sessions that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from attendance.accounts import student_keys
from attendance.accounts.guard import Account
from attendance.core import statuses
from attendance.core.errors import FaceRequired, FaceUnknown, NoSession, NotEnrolled, PinWrong
from attendance.core.roles import ACTIVE
from attendance.core.services import Services
from attendance.courses import check_in, patterns
from attendance.room import gallery, marking, passes
from attendance.sessions import evidence, leaving, rules
from database import Row, Transaction, cameras, courses, plans, sessions, students
from database import api_keys as keys
from database.rows import MarkRow, SessionRow

LOOK_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Passed:
    """Somebody was marked at the door, or left by it. `already`: before this."""

    session: SessionRow
    student: int
    mark: MarkRow
    already: bool
    returned: bool = False  # had left, and is here again


@dataclass(frozen=True)
class AtDoor:
    """The kiosk, for how long it could not send this, and which way who stands there goes."""

    device: Account
    waited: timedelta
    leaves: bool


def open_sessions(parts: Services, tx: Transaction, device: Account) -> list[SessionRow]:
    """The sessions in which the kiosk marks now, the one that began last first."""
    now = parts.clock.now()
    bound = keys.courses_of(tx, device.id)
    found = [
        sessions.by_id(tx, number)
        for number in cameras.open_for_device(tx, bound, device.row["room"], now)
    ]
    return [row for row in found if row is not None and not row["locked"]]


def next_planned(parts: Services, tx: Transaction, device: Account) -> Row | None:
    """`subject` and `starts_at` of the next planned lesson that the kiosk will serve, or None."""
    now = parts.clock.now()
    bound, room = set(keys.courses_of(tx, device.id)), device.row["room"]
    is_bound = bool(bound) or room is not None
    found: list[patterns.Occurrence] = []
    for plan in plans.select(tx):
        if is_bound and plan["course"] not in bound and (room is None or plan["room"] != room):
            continue
        found += [
            each
            for each in patterns.occurrences(plan, now.date(), (now + LOOK_AHEAD).date())
            if now < each.starts_at <= now + LOOK_AHEAD
        ]
    if not found:
        return None
    first = min(found, key=lambda each: each.starts_at)
    return {"subject": first.plan["subject"], "starts_at": first.starts_at}


def by_face(parts: Services, door: AtDoor, pictures: list[bytes]) -> Passed:
    """Mark whose face the pictures of one moment show, if he or she agreed to that.

    Raises:
        NoSession: no session is open that the kiosk serves.
        CheckOutOff, NotMarked: who leaves need not say so, or was not here.
        Problem: no picture, or no face that can be judged.
        FaceUnknown: nobody of those who are expected, or not clearly.
        SessionEnded, SessionLocked: the teacher was quicker.
    """
    with parts.database.read() as tx:
        opened = _require_open(parts, tx, door.device)
    seen = parts.clock.now() - door.waited
    face = parts.faces.analyse_together(pictures)
    with parts.database.read() as tx:
        room = gallery.of_courses(parts, tx, [row["course"] for row in opened])
    verdict = room.judge(face.embedding)
    if not verdict.is_named or verdict.nearest is None:
        raise FaceUnknown
    student = int(verdict.nearest.key)
    with parts.database.read() as tx:
        session = _session_of(tx, opened, student)
    if door.leaves:
        return _left(parts, session, student, seen)
    at = max(seen, session["started_at"])
    distance = verdict.nearest.distance
    marked = marking.mark(parts, session["id"], student, distance, at, comes_in=True)
    if marked is None:
        raise FaceUnknown
    return Passed(session, student, marked.mark, marked.already, marked.returned)


def by_pass(parts: Services, door: AtDoor, text: str) -> Passed:
    """Mark whose pass was shown.

    Raises:
        NoSession, PassInvalid, NotEnrolled, SessionEnded, SessionLocked, CheckOutOff, NotMarked
    """
    student = passes.read(parts.settings, text, parts.clock.now() - door.waited)
    return _without_a_face(parts, door, student, evidence.SCAN)


def by_pin(parts: Services, door: AtDoor, number: str, pin: str) -> Passed:
    """Mark whose student number and PIN were typed, where the course can do without the face.

    Raises:
        NoSession, NotEnrolled, SessionEnded, SessionLocked, CheckOutOff, NotMarked
        PinWrong: or there is no such student; TooManyAttempts
        FaceRequired: the course marks by face.
    """
    with parts.database.read() as tx:
        row = students.by_student_id(tx, number)
    if row is None or row["state"] != ACTIVE:
        parts.hashing.matches(pin, None, door.device.name)  # takes as long as for whom there is
        raise PinWrong
    student_keys.require_pin(parts, row["id"], pin)
    return _without_a_face(parts, door, row["id"], evidence.PIN)


def _without_a_face(parts: Services, door: AtDoor, student: int, word: str) -> Passed:
    seen = parts.clock.now() - door.waited
    with parts.database.read() as tx:
        opened = _require_open(parts, tx, door.device)
        session = _session_of(tx, opened, student)
    if word == evidence.PIN and check_in.of(session).face == "required":
        raise FaceRequired
    if door.leaves:
        return _left(parts, session, student, seen)

    def write(tx: Transaction) -> Passed:
        current = sessions.by_id_shared(tx, session["id"])
        if current is None or students.by_id(tx, student) is None:
            raise NoSession
        rules.require_open(current, parts.clock.now())
        if word == evidence.PIN and check_in.of(current).face == "required":
            raise FaceRequired
        at = max(seen, current["started_at"])
        marked = marking.put(
            tx,
            session["id"],
            student,
            status=rules.status_at(current, at),
            distance=None,
            now=at,
            method=statuses.QR,
            rests_on=evidence.kept([evidence.KIOSK, word]),
        )
        marked = marking.here_again(tx, session["id"], student, marked)
        return Passed(current, student, marked.mark, marked.already, marked.returned)

    return parts.database.run(write, repeatable=True)


def _left(parts: Services, session: SessionRow, student: int, seen: datetime) -> Passed:
    left = leaving.leave_by_kiosk(parts, session["id"], student, seen)
    return Passed(left.session, student, left.mark, left.already)


def shown(passed: Passed) -> dict[str, Any]:
    """What the kiosk is told."""
    mark = passed.mark
    return {
        "status": mark["status"],
        "already": passed.already,
        "student_id": mark["student_id"],
        "name": mark["name"],
        "marked_at": mark["marked_at"],
        "session_id": passed.session["id"],
        "left_at": mark["left_at"],
    }


def _require_open(parts: Services, tx: Transaction, device: Account) -> list[SessionRow]:
    opened = open_sessions(parts, tx, device)
    if not opened:
        raise NoSession
    return opened


def _session_of(tx: Transaction, opened: list[SessionRow], student: int) -> SessionRow:
    """The session among these that the student belongs to."""
    for row in opened:
        if row["course"] is None or courses.is_enrolled(tx, row["course"], student):
            return row
    raise NotEnrolled("No session that is open here is this student's.")


def until(now: datetime) -> datetime:
    """Until when a pass of this moment is shown."""
    step = int(now.timestamp()) // passes.STEP_SECONDS + 1
    return datetime.fromtimestamp(step * passes.STEP_SECONDS, now.tzinfo)
