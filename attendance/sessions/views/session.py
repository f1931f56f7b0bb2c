"""Sessions: start, lock, unlock, stop; join and mark; lists and QR codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, jsonify, request
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import student_keys
from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.admission.shares import MARK
from attendance.core import statuses, zones
from attendance.core.clock import iso
from attendance.core.errors import SessionEnded
from attendance.core.limits import MAX_IMAGES
from attendance.core.roles import STUDENT, TEACHER
from attendance.core.services import Services
from attendance.courses import check_in
from attendance.courses.access import Right, course_in_use
from attendance.sessions import (
    events,
    evidence,
    leaving,
    lessons,
    marking,
    presenting,
    refusals,
    rules,
    schemas,
    stays,
    tickets,
)
from attendance.sessions.access import own_session
from attendance.sessions.first_marks import Kept
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.links import base_url
from attendance.web.origin import name_device, origin
from attendance.web.paging import page_of, paged
from attendance.web.schemas import refuses
from database import Transaction, marks, sessions
from database.rows import SessionRow

bp = APIBlueprint(
    "session", __name__, url_prefix="/session", abp_tags=[Tag(name="session", description="")]
)


@bp.post("/start", security=SECURITY, responses={201: schemas.SessionOut, **refuses(404, 409)})
@requires(TEACHER)
def start(body: schemas.SessionStartIn) -> tuple[Response, int]:
    """Open a session. It ends by itself: after `duration_minutes`, at the planned end, or after
    SESSION_MINUTES.

    In a course that has an open session, 409 says which, unless `another` is true. Where the
    course's plan has a lesson now, that lesson is started.
    """
    parts, account = services(), caller()
    now = parts.clock.now()

    def work(tx: Transaction) -> tuple[SessionRow, list[int]]:
        overdue = sessions.end_overdue(tx, now)
        teacher = account.id
        if body.course_id is not None:
            course = course_in_use(tx, account, body.course_id, Right.RUN, now)
            teacher = int(course["teacher"])
        row = lessons.start(
            tx,
            parts.settings,
            now,
            course=body.course_id,
            beside=body.another,
            teacher=teacher,
            code=body.code,
            subject=body.subject,
            section=body.section,
            room=body.room,
            late_after_minutes=body.late_after_minutes,
            closes_at=body.duration_minutes and now + timedelta(minutes=body.duration_minutes),
        )
        if teacher != account.id:
            acting().note(tx, now, "session.start", f"session:{row['id']}")
        return row, overdue

    row, overdue = parts.database.run(work)
    events.announce_ended(parts, overdue)
    events.session_changed(parts, "session_started", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)}), 201


@bp.post("/lock", security=SECURITY, responses={200: schemas.SessionOut, **refuses(404, 410)})
@requires(TEACHER)
def lock(body: schemas.SessionIdIn) -> Response:
    """Lock the session: nobody can mark until it is unlocked."""
    return _set_locked(body.session_id, True)


@bp.post("/unlock", security=SECURITY, responses={200: schemas.SessionOut, **refuses(404, 410)})
@requires(TEACHER)
def unlock(body: schemas.SessionIdIn) -> Response:
    """Unlock the session: students can mark again."""
    return _set_locked(body.session_id, False)


@bp.post("/stop", security=SECURITY, responses={200: schemas.SessionOut, **refuses(404, 410)})
@requires(TEACHER)
def stop(body: schemas.SessionIdIn) -> Response:
    """End the session for good."""
    parts, account = services(), caller()
    tried: list[datetime] = []

    def work(tx: Transaction) -> SessionRow:
        now = parts.clock.now()
        row = own_session(tx, account, body.session_id, Right.RUN, now)
        # Where the answer to an earlier attempt was lost, the session may have ended by it.
        if not sessions.end(tx, body.session_id, now) and row["ended_at"] not in tried:
            raise SessionEnded
        tried.append(now)
        return own_session(tx, account, body.session_id, Right.RUN, now)

    row = parts.database.run(work, repeatable=True)
    now = parts.clock.now()
    events.session_changed(parts, "session_stopped", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)})


@bp.post(
    "/join",
    security=SECURITY,
    responses={200: schemas.JoinOut, **refuses(404, 410, 423, 429)},
)
@requires(STUDENT)
def join(body: schemas.JoinIn) -> Response:
    """Exchange a session code, a QR ticket, or the reservation of a scan for a join token.

    Where the course wants to see somebody turn the head, `challenge` says what to show: then
    POST /session/mark takes one `image` for each of `steps`, in order, and `challenge`: its `id`. A
    `join_token` that still counts is answered with another challenge.
    """
    parts, account = services(), caller()
    count_attempt("join", account.name, parts.settings.join_tries_per_minute)
    joined = marking.join(
        parts,
        account.student,
        code=body.code,
        ticket=body.ticket,
        reservation=request.cookies.get(tickets.RESERVATION_COOKIE),
        join_token=body.join_token,
        way=body.way,
        origin=origin(parts),
    )
    shown = presenting.session(
        joined.session,
        parts.clock.now(),
        with_code=joined.method == statuses.FACE,
        with_note=False,
    )
    course_rules = check_in.of(joined.session)
    face, place = course_rules.face, course_rules.position
    with_key = face != "required" and joined.method == statuses.QR_FACE
    asked = (
        student_keys.ask_to_mark(parts, account.id, int(joined.session["id"]), base_url())
        if with_key
        else None
    )
    response = jsonify(
        schemas.JoinOut.shown(
            joined,
            session=shown,
            challenge=joined.challenge and schemas.ChallengeOut.shown(joined.challenge),
            face=face,
            position=place and asdict(place),
            check_out=leaving.may_leave(parts, joined.session, account.id),
            passkey=asked and schemas.PasskeyAsked.shown(asked),
        )
    )
    response.delete_cookie(tickets.RESERVATION_COOKIE)
    if course_rules.one_device:
        name_device(parts, response)
    return response


@bp.post(
    "/mark",
    security=SECURITY,
    responses={
        200: schemas.MarkOut,
        202: schemas.MarkWaitsOut,
        **refuses(404, 409, 410, 422, 423, 429),
    },
)
@requires(STUDENT, images=MAX_IMAGES, turn=MARK)
def mark(form: schemas.MarkForm) -> tuple[Response, int]:
    """Mark the caller present (or late) when the face in the picture is the caller's.

    One to five pictures of one moment are judged together: those in which no face can be judged
    are left out while one has a clear face. Where the caller's first face waits for a person, the
    mark is compared with that and kept (202): it counts, with its time, when the face is confirmed.
    """
    parts, account = services(), caller()
    count_attempt("mark", account.name, parts.settings.mark_tries_per_minute)
    # Read from the form itself: a code of digits must not turn into a number on the way.
    meant: dict[str, Any] = {
        "join_token": request.form.get("join_token") or None,
        "code": request.form.get("code") or None,
        "session_id": form.session_id,
    }
    with refusals.noted(parts, account.id, **meant):
        by_face = not (form.pin or form.passkey)
        admission = marking.admit(
            parts,
            account.student,
            **meant,
            origin=origin(parts),
            by_face=by_face,
            position=form.position,
        )
        marked = (_by_face if by_face else _by_key)(parts, admission, form)
    g.session_id = marked.session["id"]
    if isinstance(marked, Kept):
        if not marked.already:
            events.first_mark_added(parts, marked.session, account.id)
        return jsonify(presenting.kept(marked)), 202
    if not marked.already or marked.returned:
        events.attendance_marked(parts, marked.session, account.id, marked.mark)
    shown = schemas.MarkOut.shown(
        marked.mark, already=marked.already, session_id=marked.session["id"]
    )
    return jsonify(shown), 200


def _by_face(
    parts: Services, admission: marking.Admission, form: schemas.MarkForm
) -> marking.Marked | Kept:
    pictures = uploads.pictures(form.image)
    return marking.mark(parts, admission, pictures, request.form.get("challenge") or None)


def _by_key(
    parts: Services, admission: marking.Admission, form: schemas.MarkForm
) -> marking.Marked:
    """A mark without a face: with a PIN, or with what a passkey has signed."""
    student = int(admission.student["id"])
    if form.passkey:
        session = int(admission.session["id"])
        student_keys.require_passkey(
            parts, student, session, form.passkey, form.passkey_state or "", base_url()
        )
        return marking.mark_by_key(parts, admission, evidence.PASSKEY)
    student_keys.require_pin(parts, student, request.form.get("pin", ""))
    return marking.mark_by_key(parts, admission, evidence.PIN)


@bp.get("/attendance", security=SECURITY, responses={200: schemas.AttendanceOut, **refuses(404)})
@requires(TEACHER)
def attendance(query: schemas.SessionQuery) -> Response:
    """The session's list by time of arrival; in an ended session of a course also the absent."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        row = own_session(tx, caller(), query.session_id, Right.SEE, now)
        listed = marks.of_session(tx, query.session_id, now)
        missing = marks.missing_in(tx, query.session_id, now)
    early = parts.settings.left_early_minutes
    return jsonify(
        {
            "session": presenting.session(row, now, with_code=True),
            "attendance": [
                presenting.mark(line, stays.of(line, row, early, now)) for line in listed
            ],
            "excused": [line["student_id"] for line in missing if line["excused"]],
        }
    )


@bp.get("/mine", security=SECURITY, responses={200: schemas.SessionsOut})
@requires(TEACHER)
def mine(query: schemas.SessionsQuery) -> Response:
    """The teacher's own sessions, newest first, and how many came."""
    parts, account = services(), caller()
    now, zone = parts.clock.now(), parts.settings.timezone
    first, last = query.first_day, query.last_day
    with parts.database.read() as tx:
        rows, total = sessions.of_teacher(
            tx,
            account.id,
            course=query.course_id,
            running=None if query.state is None else query.state == "running",
            text=query.q,
            begins_at=None if first is None else zones.days(first, first, zone)[0],
            ends_at=None if last is None else zones.days(last, last, zone)[1],
            as_of=now,
            **paged(query),
        )
    shown = [presenting.counted(row, now) for row in rows]
    return jsonify(page_of("sessions", shown, query, total))


@bp.get("/<int:session_id>", security=SECURITY, responses={200: schemas.SessionOut})
@requires("any")
def one(path: schemas.SessionPath) -> Response:
    """A session: for its teacher, and (without the code) for the students it is open to."""
    parts, account = services(), caller()
    now = parts.clock.now()
    with parts.database.read() as tx:
        if account.kind == TEACHER:
            row = own_session(tx, account, path.session_id, Right.SEE, now)
        else:
            row = marking.open_to(tx, account.student, path.session_id)
    shown = presenting.session(row, now, with_code=account.kind == TEACHER)
    return jsonify({"session": shown})


@bp.get(
    "/<int:session_id>/qr.png",
    security=SECURITY,
    responses={200: {"content": {"image/png": {}}}, **refuses(410, 423)},
)
@requires(TEACHER)
def qr_png(path: schemas.SessionPath, query: schemas.QrQuery) -> Response:
    """The current QR code. `X-QR-Changes-At` says when it changes."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        row = own_session(tx, caller(), path.session_id, Right.RUN, now)
    rules.require_open(row, now)
    ticket = parts.tickets.ticket(path.session_id, now)
    response = Response(tickets.png(f"{base_url()}/join/{ticket}", query.size))
    response.headers["Content-Type"] = "image/png"
    response.headers["X-QR-Changes-At"] = str(iso(parts.tickets.next_change(now)))
    return response


def _set_locked(session_id: int, locked: bool) -> Response:
    parts, account = services(), caller()
    changed: set[bool] = set()

    def work(tx: Transaction) -> SessionRow:
        now = parts.clock.now()
        before = own_session(tx, account, session_id, Right.RUN, now)
        if not sessions.set_locked(tx, session_id, locked, now):
            raise SessionEnded
        changed.add(bool(before["locked"]) != locked)
        return own_session(tx, account, session_id, Right.RUN, now)

    row = parts.database.run(work, repeatable=True)
    now = parts.clock.now()
    if True in changed:
        events.session_changed(parts, "session_locked" if locked else "session_unlocked", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)})
