"""When a mark counts. The gates stand in the order in which they answer, the cheapest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance.core import codes, statuses
from attendance.core.errors import (
    FaceMismatch,
    FaceNotEnrolled,
    JoinExpired,
    JoinRequired,
    NotEnrolled,
    SessionEnded,
    SessionNotFound,
    TokenInvalid,
)
from attendance.core.services import Services
from attendance.faces import moving
from attendance.sessions import rules
from attendance.sessions.tickets import Join, TicketExpired, TicketInvalid, TokenOutdated
from database import (
    ForeignKeyViolation,
    Transaction,
    courses,
    face_pairs,
    marks,
    sessions,
    tokens,
)
from database.rows import MarkRow, SessionRow, StudentRow


@dataclass(frozen=True)
class Admission:
    """A student who may mark in a session, and how he or she came in (`face` or `qr_face`)."""

    session: SessionRow
    student: StudentRow
    method: str


@dataclass(frozen=True)
class Joined:
    """The answer to a join: the session, and a token to mark with."""

    session: SessionRow
    join_token: str
    expires_at: datetime
    method: str


@dataclass(frozen=True)
class Marked:
    """A mark that counts. `already`: it was there before this request."""

    session: SessionRow
    mark: MarkRow
    already: bool


def join(
    parts: Services,
    student: StudentRow,
    *,
    code: str | None = None,
    ticket: str | None = None,
    reservation: str | None = None,
) -> Joined:
    """Exchange a code, a QR ticket or a reservation for a join token.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked, NotEnrolled, JoinRequired, JoinExpired
    """
    now = parts.clock.now()
    reserved = None
    expired = False
    with parts.database.read() as tx:
        if code is not None:
            session, method = _by_code(tx, code), statuses.FACE
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
                session_id, expired = error.session_id, True
            session = _existing(sessions.by_id(tx, session_id))
        else:
            raise JoinRequired
        _require_admitted(tx, session, student, now)
    if expired:
        raise JoinExpired
    if reserved is not None:
        with parts.database.write() as tx:
            if not tokens.use_reservation(tx, reserved.id, int(student["id"]), reserved.expires_at):
                raise JoinRequired("This scan was used by another student. Scan again.")
    token, expires_at = parts.tickets.join_token(
        int(session["id"]), int(student["id"]), method, now
    )
    return Joined(session, token, expires_at, method)


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
            session = _by_code(tx, code)
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
    join_token: str | None,
    code: str | None,
    session_id: int | None = None,
) -> Admission:
    """The gates of a mark up to the picture.

    Raises:
        SessionNotFound, SessionEnded, SessionLocked, NotEnrolled, JoinRequired, JoinExpired,
        FaceNotEnrolled: in this order, the first that fails.
    """
    now = parts.clock.now()
    ticket = _read(parts, join_token) if join_token else None
    with parts.database.read() as tx:
        if ticket is not None:
            session = _existing(sessions.by_id(tx, ticket.session_id))
        elif code is not None:
            session = _by_code(tx, code)
        elif session_id is not None:
            session = _existing(sessions.by_id(tx, session_id))
        else:
            raise JoinRequired
        _require_admitted(tx, session, student, now)
        parts.faces.catch_up(tx)
    if ticket is None and code is None:
        raise JoinRequired
    if session_id is not None and session["id"] != session_id:
        raise JoinRequired("This code or token is for another session.")
    if ticket is not None:
        if ticket.student != student["id"]:
            raise JoinRequired("This join token was given to another student.")
        if ticket.expires_at <= now:
            raise JoinExpired("You joined too long ago. Join again.")
    if not parts.faces.is_enrolled(int(student["id"])):
        raise FaceNotEnrolled
    return Admission(session, student, ticket.method if ticket else statuses.FACE)


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
            return sessions.by_code(tx, codes.normalised(code))
        return None if session_id is None else sessions.by_id(tx, session_id)


def mark(parts: Services, admission: Admission, pictures: list[bytes]) -> Marked:
    """Judge the pictures, which are of one moment, together, and write the mark, once.

    Raises:
        Problem: no picture, no face, several, or too poor a one.
        FacesDiffer: the pictures show different people.
        FaceMismatch: it is not this student's face.
        SessionEnded, SessionLocked, SessionNotFound: the teacher was quicker than the networks.
        TokenInvalid: the account was deleted meanwhile.
    """
    student, session = int(admission.student["id"]), admission.session
    face = parts.faces.analyse_together(pictures)
    with parts.database.read() as tx:
        # A face deleted while the networks worked must not count any more.
        parts.faces.catch_up(tx)
        classmates = _classmates(tx, session)
        partners = face_pairs.partners_of(tx, student)
    if not parts.faces.is_enrolled(student):
        raise FaceNotEnrolled
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
        row, already = marks.add(
            tx,
            session=int(session["id"]),
            student=student,
            status=rules.status_at(current, now),
            method=admission.method,
            distance=parts.faces.reported(found.distance),
            remark=rules.ALLOWED_PAIR if either else None,
            now=now,
        )
        # Where the answer to an earlier attempt was lost, its mark may be the one that is there.
        first = not already or row["marked_at"] in tried
        tried.append(now)
        return Marked(current, row, already=not first)

    try:
        marked = parts.database.run(write, repeatable=True)
    except ForeignKeyViolation:
        # The account was deleted while the networks worked.
        raise TokenInvalid from None
    if not either:  # a template is not made of what could be the other's face
        moving.move(parts, student, face, found)
    return marked


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


def _by_code(tx: Transaction, code: str) -> SessionRow:
    return _existing(sessions.by_code(tx, codes.normalised(code)))


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
