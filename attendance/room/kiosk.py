"""A kiosk at the door: who stands there, and in which of the open sessions that marks."""

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
from attendance.sessions import evidence, rules
from database import Row, Transaction, cameras, courses, plans, sessions, students
from database import api_keys as keys
from database.rows import MarkRow, SessionRow

LOOK_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Arrived:
    """Somebody was marked at the door. `already`: before this."""

    session: SessionRow
    student: int
    mark: MarkRow
    already: bool


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


def by_face(parts: Services, device: Account, pictures: list[bytes], waited: timedelta) -> Arrived:
    """Mark whose face the pictures of one moment show, if he or she agreed to that.

    Args:
        waited: for how long the pictures could not be sent.

    Raises:
        NoSession: no session is open that the kiosk serves.
        Problem: no picture, or no face that can be judged.
        FaceUnknown: nobody of those who are expected, or not clearly.
        SessionEnded, SessionLocked: the teacher was quicker.
    """
    with parts.database.read() as tx:
        opened = _require_open(parts, tx, device)
    seen = parts.clock.now() - waited
    face = parts.faces.analyse_together(pictures)
    with parts.database.read() as tx:
        room = gallery.of_courses(parts, tx, [row["course"] for row in opened])
    verdict = room.judge(face.embedding)
    if not verdict.is_named or verdict.nearest is None:
        raise FaceUnknown
    student = int(verdict.nearest.key)
    with parts.database.read() as tx:
        session = _session_of(tx, opened, student)
    at = max(seen, session["started_at"])
    marked = marking.mark(parts, session["id"], student, verdict.nearest.distance, at)
    if marked is None:
        raise FaceUnknown
    return Arrived(session, student, marked.mark, marked.already)


def by_pass(parts: Services, device: Account, text: str, waited: timedelta) -> Arrived:
    """Mark whose pass was shown, before it could be sent as long as `waited`.

    Raises:
        NoSession, PassInvalid, NotEnrolled, SessionEnded, SessionLocked
    """
    seen = parts.clock.now() - waited
    student = passes.read(parts.settings, text, seen)
    return _without_a_face(parts, device, student, seen, evidence.SCAN)


def by_pin(parts: Services, device: Account, number: str, pin: str, waited: timedelta) -> Arrived:
    """Mark whose student number and PIN were typed, where the course can do without the face.

    Raises:
        NoSession, NotEnrolled, SessionEnded, SessionLocked
        PinWrong: or there is no such student; TooManyAttempts
        FaceRequired: the course marks by face.
    """
    seen = parts.clock.now() - waited
    with parts.database.read() as tx:
        row = students.by_student_id(tx, number)
    if row is None or row["state"] != ACTIVE:
        parts.hashing.matches(pin, None, device.name)  # takes as long as for whom there is
        raise PinWrong
    student_keys.require_pin(parts, row["id"], pin)
    return _without_a_face(parts, device, row["id"], seen, evidence.PIN)


def _without_a_face(
    parts: Services, device: Account, student: int, seen: datetime, word: str
) -> Arrived:
    with parts.database.read() as tx:
        opened = _require_open(parts, tx, device)
        session = _session_of(tx, opened, student)

    def write(tx: Transaction) -> Arrived:
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
        return Arrived(current, student, marked.mark, marked.already)

    return parts.database.run(write, repeatable=True)


def shown(arrived: Arrived) -> dict[str, Any]:
    """What the kiosk is told."""
    mark = arrived.mark
    return {
        "status": mark["status"],
        "already": arrived.already,
        "student_id": mark["student_id"],
        "name": mark["name"],
        "marked_at": mark["marked_at"],
        "session_id": arrived.session["id"],
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
