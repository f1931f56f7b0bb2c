"""When a mark counts. The gates stand in the order in which they answer, the cheapest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from attendance.core import codes, statuses
from attendance.core.errors import (
    DeviceUsed,
    FaceMismatch,
    FaceNotEnrolled,
    FaceRequired,
    JoinExpired,
    JoinRequired,
    KeyRequired,
    NotEnrolled,
    ScanRequired,
    SessionEnded,
    SessionNotFound,
    TokenInvalid,
)
from attendance.core.services import Services
from attendance.courses import check_in
from attendance.faces import moving
from attendance.sessions import evidence, first_marks, rules
from attendance.sessions.challenges import Shown, Way, draw, look, require_unused
from attendance.sessions.first_marks import Compared, Kept
from attendance.sessions.gates import require_here, rests_on
from attendance.sessions.tickets import Challenge, Join, TicketExpired, TicketInvalid, TokenOutdated
from attendance.web.origin import NOWHERE, Origin
from database import (
    ForeignKeyViolation,
    Transaction,
    courses,
    departures,
    face_pairs,
    marks,
    sessions,
    tokens,
    used_pictures,
)
from database.rows import MarkRow, SessionRow, StudentRow

OLD_CODE = "This code has changed meanwhile. Type the one that is shown now."
# So long after its end a session is still known by a code that has turned.
REMEMBERED = timedelta(hours=2)


@dataclass(frozen=True)
class Admission:
    """A student who may mark in a session, and how he or she came in (`face` or `qr_face`).

    `position`: on which side of the course's place the browser says it is (in, out, unknown).
    """

    session: SessionRow
    student: StudentRow
    method: str
    origin: Origin
    position: str = "unknown"


@dataclass(frozen=True)
class Joined:
    """The answer to a join: the session, and a token to mark with."""

    session: SessionRow
    join_token: str
    expires_at: datetime
    method: str
    challenge: Challenge | None = None


@dataclass(frozen=True)
class Marked:
    """A mark that counts. `already`: it was there before this request."""

    session: SessionRow
    mark: MarkRow
    already: bool
    returned: bool = False  # had left, and is here again


def join(
    parts: Services,
    student: StudentRow,
    *,
    code: str | None = None,
    ticket: str | None = None,
    reservation: str | None = None,
    join_token: str | None = None,
    way: Way = "turn",
    origin: Origin = NOWHERE,
) -> Joined:
    """Exchange a code, a QR ticket or a reservation for a join token, and a challenge where the
    course asks for one. A join token that still counts gives another challenge.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked, NotEnrolled, JoinRequired, JoinExpired,
        ScanRequired, WrongNetwork, DeviceUsed
    """
    now = parts.clock.now()
    reserved = None
    expired: str | None = None
    kept: Join | None = None
    with parts.database.read() as tx:
        if code is not None:
            session, is_current = _by_code(tx, code, now)
            method: str = statuses.FACE
            expired = None if is_current else OLD_CODE
        elif join_token is not None:
            kept = _read(parts, join_token)
            session, method = _existing(sessions.by_id(tx, kept.session_id)), kept.method
            if kept.student != student["id"]:
                raise JoinRequired("This join token was given to another student.")
            expired = "You joined too long ago. Join again." if kept.expires_at <= now else None
        elif ticket is not None or reservation is not None:
            method = statuses.QR_FACE
            try:
                if ticket is not None:
                    session_id = parts.tickets.read_ticket(ticket, now)
                else:
                    reserved = parts.tickets.read_reservation(str(reservation), now)
                    session_id = reserved.session_id
            except TokenOutdated:
                raise JoinExpired from None
            except TicketInvalid:
                raise JoinRequired("This QR code is not from this server.") from None
            except TicketExpired as error:
                session_id, expired = error.session_id, JoinExpired.detail
            session = _existing(sessions.by_id(tx, session_id))
        else:
            raise JoinRequired
        _require_admitted(tx, session, student, now)
        if expired:
            raise JoinExpired(expired)
        require_here(tx, session, int(student["id"]), method, origin, marks_now=False)
    if reserved is not None:
        with parts.database.write() as tx:
            if not tokens.use_reservation(tx, reserved.id, int(student["id"]), reserved.expires_at):
                raise JoinRequired("This scan was used by another student. Scan again.")
    challenge = draw(parts, session, int(student["id"]), way, now)
    if kept is not None and join_token is not None:
        return Joined(session, join_token, kept.expires_at, method, challenge)
    token, expires_at = parts.tickets.join_token(
        int(session["id"]), int(student["id"]), method, now
    )
    return Joined(session, token, expires_at, method, challenge)


def stood_before(
    parts: Services, *, code: str | None, ticket: str | None, reservation: str | None
) -> SessionRow:
    """The session whose code, ticket or reservation somebody has, in its course or not.

    Raises:
        SessionNotFound, SessionEnded, JoinRequired, JoinExpired
    """
    now = parts.clock.now()
    with parts.database.read() as tx:
        if code is not None:
            session, _ = _by_code(tx, code, now)
        else:
            try:
                if ticket is not None:
                    session_id = parts.tickets.read_ticket(ticket, now)
                elif reservation is not None:
                    session_id = parts.tickets.read_reservation(reservation, now).session_id
                else:
                    raise JoinRequired
            except (TokenOutdated, TicketExpired):
                raise JoinExpired from None
            except TicketInvalid:
                raise JoinRequired("This QR code is not from this server.") from None
            session = _existing(sessions.by_id(tx, session_id))
    if rules.end_of(session, now) is not None:
        raise SessionEnded
    return session


def admit(
    parts: Services,
    student: StudentRow,
    *,
    by_face: bool = True,
    join_token: str | None,
    code: str | None,
    session_id: int | None = None,
    origin: Origin = NOWHERE,
    position: str = "unknown",
) -> Admission:
    """The gates of a mark up to the picture.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked, NotEnrolled, JoinRequired, JoinExpired,
        ScanRequired, WrongNetwork, DeviceUsed, FaceNotEnrolled: in this order, the first that
        fails.
    """
    now = parts.clock.now()
    ticket = _read(parts, join_token) if join_token else None
    method = ticket.method if ticket else statuses.FACE
    is_current = True
    with parts.database.read() as tx:
        if ticket is not None:
            session = _existing(sessions.by_id(tx, ticket.session_id))
        elif code is not None:
            session, is_current = _by_code(tx, code, now)
        elif session_id is not None:
            session = _existing(sessions.by_id(tx, session_id))
        else:
            raise JoinRequired
        _require_admitted(tx, session, student, now)
        if ticket is None and code is None:
            raise JoinRequired
        if session_id is not None and session["id"] != session_id:
            raise JoinRequired("This code or token is for another session.")
        if ticket is not None:
            _require_own(ticket, student, now)
        who = {"session": int(session["id"]), "student": int(student["id"])}
        if not is_current and marks.of_student_in(tx, **who) is None:
            raise JoinExpired(OLD_CODE)
        require_here(tx, session, int(student["id"]), method, origin, marks_now=True)
        parts.faces.catch_up(tx)
    face = check_in.of(session).face
    if not by_face:
        if face == "required":
            raise FaceRequired
        if method != statuses.QR_FACE:
            raise ScanRequired("A passkey or PIN comes with a scan. Scan the QR code in the room.")
    elif face == "off":
        raise KeyRequired
    elif not parts.faces.is_enrolled(int(student["id"])) and not student["proposed"]:
        raise FaceNotEnrolled
    return Admission(session, student, method, origin, position)


def admitted(
    parts: Services, student: StudentRow, *, join_token: str | None, code: str | None
) -> tuple[SessionRow, str]:
    """The session that a join token or the present code opens, and by which method.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked, NotEnrolled, JoinRequired, JoinExpired
    """
    now = parts.clock.now()
    ticket = _read(parts, join_token) if join_token else None
    is_current = True
    with parts.database.read() as tx:
        if ticket is not None:
            session = _existing(sessions.by_id(tx, ticket.session_id))
        elif code is not None:
            session, is_current = _by_code(tx, code, now)
        else:
            raise JoinRequired
        _require_admitted(tx, session, student, now)
    if ticket is not None:
        _require_own(ticket, student, now)
    if not is_current:
        raise JoinExpired(OLD_CODE)
    return session, ticket.method if ticket else statuses.FACE


def session_meant(
    parts: Services, *, join_token: str | None, code: str | None, session_id: int | None
) -> SessionRow | None:
    """The session that an attempt to mark names, right or wrong for the student, or None."""
    try:
        ticket = _read(parts, join_token) if join_token else None
    except JoinRequired:
        return None
    with parts.database.read() as tx:
        if ticket is not None:
            return sessions.by_id(tx, ticket.session_id)
        if code is not None:
            found = _known_by(tx, code, parts.clock.now())
            return found and found[0]
        return None if session_id is None else sessions.by_id(tx, session_id)


def mark(
    parts: Services, admission: Admission, pictures: list[bytes], challenge: str | None = None
) -> Marked | Kept:
    """Judge the pictures, which are of one moment, together, and write the mark, once; where the
    student's first face waits for a person, keep it until then.

    Raises:
        NotAlive, PictureUsed: see `attendance/sessions/challenges.py`.
        Problem: no picture, no face, several, or too poor a one.
        FacesDiffer: the pictures show different people.
        FaceMismatch: it is not this student's face.
        SessionEnded, SessionLocked, SessionNotFound, ScanRequired, WrongNetwork, DeviceUsed: the
            teacher was quicker than the networks.
        TokenInvalid: the account was deleted meanwhile.
    """
    student, session = int(admission.student["id"]), admission.session
    shown = look(parts, session, student, pictures, challenge)
    face = shown.face
    with parts.database.read() as tx:
        # A face deleted while the networks worked must not count any more.
        parts.faces.catch_up(tx)
        classmates = _classmates(tx, session)
        partners = face_pairs.partners_of(tx, student)
        waits = not parts.faces.is_enrolled(student)
        if waits:
            compared = first_marks.compare(parts, tx, student, shown, classmates, partners)
    if waits:
        return _keep(parts, admission, shown, compared)
    found = parts.faces.compare(student, face.embedding, classmates, partners)
    if not parts.faces.agrees(found, parts.settings) or not rules.nobody_nearer(
        found.distance, found.nearest_other
    ):
        raise FaceMismatch
    either = rules.could_be_partner(found.nearest_partner, parts.faces.thresholds.own(found.model))
    tried: list[datetime] = []

    def write(tx: Transaction) -> Marked:
        current = _existing(sessions.by_id_shared(tx, int(session["id"])))
        now = parts.clock.now()
        rules.require_open(current, now)
        require_here(tx, current, student, admission.method, admission.origin, marks_now=True)
        unused = require_unused(parts, tx, current, student, shown)
        row, already = marks.add(
            tx,
            session=int(session["id"]),
            student=student,
            status=rules.status_at(current, now),
            method=admission.method,
            distance=parts.faces.reported(found.distance),
            remark=rules.ALLOWED_PAIR if either else None,
            evidence=evidence.kept(
                evidence.by_face(
                    rests_on(tx, current, admission.method, admission.position),
                    alive=shown.alive,
                    doubt=shown.doubt,
                    unused=unused,
                )
            ),
            device=admission.origin.device if check_in.of(current).one_device else None,
            now=now,
        )
        if row is None:  # the same browser was quicker, for another student
            raise DeviceUsed
        row, returned = here_again(tx, int(session["id"]), student, row)
        used_pictures.add(tx, student, shown.fingerprints, now)
        # Where the answer to an earlier attempt was lost, its mark may be the one that is there.
        first = not already or row["marked_at"] in tried
        tried.append(now)
        return Marked(current, row, already=not first, returned=returned)

    try:
        marked = parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        # The account was deleted while the networks worked.
        raise TokenInvalid from None
    if not either:  # a template is not made of what could be the other's face
        moving.move(parts, student, face, found)
    return marked


def _keep(parts: Services, admission: Admission, shown: Shown, compared: Compared) -> Marked | Kept:
    student, session = int(admission.student["id"]), int(admission.session["id"])

    def write(tx: Transaction) -> Marked | Kept:
        current = _existing(sessions.by_id_shared(tx, session))
        rules.require_open(current, parts.clock.now())
        require_here(tx, current, student, admission.method, admission.origin, marks_now=True)
        mark = marks.of_student_in(tx, session=session, student=student)
        if mark is not None:  # by hand, for example
            return Marked(current, mark, already=True)
        return first_marks.keep(
            parts,
            tx,
            current,
            student,
            shown,
            method=admission.method,
            compared=compared,
            rests_on=rests_on(tx, current, admission.method, admission.position),
            device=admission.origin.device if check_in.of(current).one_device else None,
        )

    try:
        return parts.database.run(write)
    except ForeignKeyViolation:
        raise TokenInvalid from None


def mark_by_key(parts: Services, admission: Admission, word: str) -> Marked:
    """Write the mark of a student whose passkey or PIN was right, once; `word` says which.

    Raises:
        SessionEnded, SessionLocked, SessionNotFound, ScanRequired, WrongNetwork, DeviceUsed,
        FaceRequired: the teacher was quicker.
        TokenInvalid: the account was deleted meanwhile.
    """
    student, session = int(admission.student["id"]), admission.session

    def write(tx: Transaction) -> Marked:
        current = _existing(sessions.by_id_shared(tx, int(session["id"])))
        now = parts.clock.now()
        rules.require_open(current, now)
        require_here(tx, current, student, admission.method, admission.origin, marks_now=True)
        if check_in.of(current).face == "required":
            raise FaceRequired
        row, already = marks.add(
            tx,
            session=int(session["id"]),
            student=student,
            status=rules.status_at(current, now),
            method=statuses.QR,
            distance=None,
            evidence=evidence.kept(
                [*rests_on(tx, current, admission.method, admission.position), word]
            ),
            device=admission.origin.device if check_in.of(current).one_device else None,
            now=now,
        )
        if row is None:
            raise DeviceUsed
        row, returned = here_again(tx, int(session["id"]), student, row)
        return Marked(current, row, already, returned)

    try:
        return parts.database.run(write)
    except ForeignKeyViolation:
        raise TokenInvalid from None


def here_again(tx: Transaction, session: int, student: int, mark: MarkRow) -> tuple[MarkRow, bool]:
    """Whoever left and marks again is here again; the first mark stays as it was.

    Returns the mark, and whether it was so.
    """
    if mark["left_at"] is None:
        return mark, False
    departures.take_back(tx, session=session, student=student)
    return {**mark, "left_at": None, "left_by": None}, True


def open_to(tx: Transaction, student: StudentRow, session_id: int) -> SessionRow:
    """The session, if the student may take part in it (it may have ended).

    Raises:
        SessionNotFound, NotEnrolled
    """
    session = _existing(sessions.by_id(tx, session_id))
    _require_enrolled(tx, session, student)
    return session


def _classmates(tx: Transaction, session: SessionRow) -> list[int] | None:
    course = session["course"]
    return None if course is None else courses.student_ids(tx, int(course))


def _read(parts: Services, join_token: str) -> Join:
    try:
        return parts.tickets.read_join_token(join_token)
    except TokenOutdated:
        raise JoinExpired("You joined too long ago. Join again.") from None
    except TicketInvalid:
        raise JoinRequired("This join token is not from this server.") from None


def _require_own(ticket: Join, student: StudentRow, now: datetime) -> None:
    if ticket.student != student["id"]:
        raise JoinRequired("This join token was given to another student.")
    if ticket.expires_at <= now:
        raise JoinExpired("You joined too long ago. Join again.")


def _by_code(tx: Transaction, code: str, now: datetime) -> tuple[SessionRow, bool]:
    """The session of a code, and whether the code still counts. Raises `SessionNotFound`."""
    found = _known_by(tx, code, now)
    if found is None:
        raise SessionNotFound
    session, age = found
    return session, age < rules.ACCEPTED_CODES


def _known_by(tx: Transaction, code: str, now: datetime) -> tuple[SessionRow, int] | None:
    """The session that a code is or was for, and how many turns ago it was the present one."""
    plain = codes.normalised(code)
    session = sessions.by_code(tx, plain)
    if session is not None:
        return session, rules.code_age(session, plain, now) or 0
    if len(plain) != codes.LENGTH:
        return None
    known = [
        (session, age)
        for session in sessions.with_turning_code(tx, now - REMEMBERED, now)
        if (age := rules.code_age(session, plain, now)) is not None
    ]
    return min(known, key=lambda found: found[1], default=None)


def _existing(session: SessionRow | None) -> SessionRow:
    if session is None:
        raise SessionNotFound
    return session


def _require_admitted(
    tx: Transaction, session: SessionRow, student: StudentRow, now: datetime
) -> None:
    rules.require_open(session, now)
    _require_enrolled(tx, session, student)


def _require_enrolled(tx: Transaction, session: SessionRow, student: StudentRow) -> None:
    course = session["course"]
    if course is not None and not courses.is_enrolled(tx, int(course), int(student["id"])):
        raise NotEnrolled
