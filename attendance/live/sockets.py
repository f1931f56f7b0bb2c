"""Socket.IO connections: who is let in, and which sessions they follow."""

from __future__ import annotations

import logging
import math
from typing import Any

import socketio as socketio_server
from flask import Flask, current_app, request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import join_room, leave_room

from attendance.accounts import guard
from attendance.accounts.guard import Account
from attendance.admission.control import FRAME_BYTES, SOCKETS
from attendance.admission.door import EXTENSION
from attendance.core import texts
from attendance.core.errors import (
    Forbidden,
    FramePending,
    InvalidRequest,
    Problem,
    SessionNotFound,
    TokenInvalid,
    TokenMissing,
    Unavailable,
)
from attendance.core.roles import DEVICE, STUDENT, TEACHER
from attendance.core.settings import Settings
from attendance.courses.access import Right
from attendance.crypto.keys import installation_id
from attendance.live import connections, door, greeting, lines, packets, ticker, tokens
from attendance.live.messages import Messages
from attendance.room import events as room_events
from attendance.room import watching
from attendance.room.cameras import OF_ONE
from attendance.sessions import events, marking
from attendance.sessions.access import own_session
from attendance.web import headers
from attendance.web.current import services, services_of
from attendance.web.events import ALL_STUDENTS
from attendance.web.extensions import socketio
from database import DatabaseUnavailable, Row, Transaction, marks
from database.rows import MarkRow, SessionRow

# Of each packet the libraries tell at "info".
log = logging.getLogger("attendance.sockets")
log.setLevel(logging.ERROR)

# Whoever disconnects while a message is being answered does not hear the answer.
FOREVER: Row = {"jti": "", "exp": math.inf}
CAMERA_NAME_LENGTH = 80
GONE = {"ok": False, "code": "token_missing", "detail": "The connection is closed."}


@socketio.on("connect")
def connect(credentials: Any = None) -> None:
    """Let in who brings an access token (`auth: {token}`, or the cookie of the pages), or a key of
    a camera (`auth: {api_key}`)."""
    if connections.is_open(_sid()):
        return  # an event that a client has named like this; the library tells no difference
    app = _app()
    token = tokens.token_of(credentials, tokens.cookie_of(app, request.environ))
    key = tokens.key_of(credentials)
    try:
        if key is not None:
            account, claims = guard.account_of_camera(key), FOREVER
        elif token is None:
            raise TokenMissing
        else:
            account, claims = guard.account_of_token(token)
        if connections.of_account(app, account.name) >= services().settings.sockets_per_account:
            raise Unavailable("This account has too many live connections.")
    except (Problem, JWTExtendedException, DatabaseUnavailable) as error:
        reason = greeting.refused(_problem(error))
        raise Refused(reason["message"], reason["data"]) from None
    connection = connections.Connection(app, account, str(claims["jti"]), float(claims["exp"]))
    connections.add(_sid(), connection)
    if account.kind != STUDENT:
        lines.of(app).may_send_frames(_line())
    try:
        join_room(account.name)
        if account.kind == STUDENT:
            join_room(ALL_STUDENTS)
    except ValueError:  # gone already
        connections.remove(_sid())
    ticker.start(app)


@socketio.on("disconnect")
def disconnect(*_reason: Any) -> None:
    """Forget the connection once the library ends it; a client's event so named ends nothing."""
    if not connections.is_open(_sid()):
        connections.remove(_sid())
        services().cameras.leave(_sid())


@socketio.on(packets.FRAME_EVENT)
def camera_frame(message: Any = None) -> Row:
    """Judge a camera's frame; the answer tells what it shows, or `{ok: false, code, detail}`."""
    account = connections.account_of(_sid())
    if account is None:
        return GONE
    parts = services()
    try:
        parts.stored_settings.refresh_if_old()
        if account.kind == STUDENT:
            raise Forbidden("Only a teacher or a camera may do this.")
        if lines.of(_app()).is_behind(_line(), OF_ONE):
            raise FramePending  # newer ones are here already
        sent = message if isinstance(message, dict) else {}
        seen = watching.look(
            parts,
            account,
            _sid(),
            session_id=_session_id(sent),
            seq=_seq(sent),
            image=sent.get("image"),
            name=_camera(sent),
        )
    except (Problem, DatabaseUnavailable) as error:
        return _refused(error)
    room_events.looked(parts, seen)
    return seen.answer


def _seq(message: Row) -> int:
    value = message.get("seq")
    if type(value) is not int or not 0 <= value < 2**53:
        raise InvalidRequest.of("seq", "missing", "A number that grows is needed.")
    return value


def _camera(message: Row) -> str:
    value = message.get("camera")
    if value is None:
        return "camera"
    try:
        name = texts.line(value) if isinstance(value, str) else ""
    except texts.Unacceptable:
        name = ""
    if not 1 <= len(name) <= CAMERA_NAME_LENGTH:
        raise InvalidRequest.of("camera", "missing", "A name of 1 to 80 letters is needed.")
    return name


@socketio.on("join_session")
def join_session(message: Any = None) -> Row:
    """Follow one session; the answer is `{ok}`, or `{ok: false, code, detail}`."""
    account = connections.account_of(_sid())
    if account is None:
        return GONE
    if account.kind == DEVICE:
        return _refused(Forbidden("A camera does not follow a session's list."))
    teaches = account.kind == TEACHER
    parts = services()
    database = parts.database
    try:
        guard.count_attempt("follow", account.name, parts.settings.join_tries_per_minute)
        session_id = _session_id(message)
        with database.read() as tx:
            _session_of(tx, account, session_id)
        # In the room before the list is read: each mark is on the list, or told, or both.
        try:
            join_room(events.watchers_of(session_id) if teaches else f"session:{session_id}")
        except ValueError:
            return GONE
        with database.read() as tx:
            row = _session_of(tx, account, session_id)
            if teaches:
                ticker.begin_to_compare(_app(), tx, session_id)
            listed = _marks_for(tx, account, row)
    except (Problem, DatabaseUnavailable) as error:
        leave_session(message)
        return _refused(error)
    if teaches:
        connections.watch(_sid(), session_id)
    events.send_snapshot(parts, _sid(), row, listed, with_code=teaches)
    return {"ok": True}


def _session_of(tx: Transaction, account: Account, session_id: int) -> SessionRow:
    if account.kind == TEACHER:
        return own_session(tx, account, session_id, Right.SEE, services().clock.now())
    return marking.open_to(tx, account.student, session_id)


def _marks_for(tx: Transaction, account: Account, row: SessionRow) -> list[MarkRow]:
    if account.kind == TEACHER:
        return marks.of_session(tx, int(row["id"]), services().clock.now())
    own = marks.of_student_in(tx, session=row["id"], student=account.id)
    return [own] if own else []


@socketio.on("leave_session")
def leave_session(message: Any = None) -> Row:
    """Stop following a session."""
    try:
        session_id = _session_id(message)
    except Problem as problem:
        return _refused(problem)
    connections.unwatch(_sid(), session_id)
    leave_room(events.watchers_of(session_id))
    leave_room(f"session:{session_id}")
    return {"ok": True}


def _manager(app: Flask, settings: Settings) -> socketio_server.Manager:
    if settings.redis_url is None:
        return socketio_server.Manager()
    return Messages(
        settings.redis_url, installation_id(settings), lambda: ticker.lists_are_behind(app)
    )


def init_app(app: Flask) -> None:
    """Bind Socket.IO to the application."""
    settings = services_of(app).settings
    socketio.init_app(
        app,
        async_mode="threading",
        client_manager=_manager(app, settings),
        cors_allowed_origins=settings.cors_origins or None,
        manage_session=False,
        max_http_buffer_size=FRAME_BYTES,  # what a line may send, it looks at itself
        logger=log,
        engineio_logger=log,
    )
    kept = lines.Lines(socketio.server, settings)
    app.extensions[lines.EXTENSION] = kept
    app.extensions[EXTENSION] = door.Door(
        app, kept, socketio.server.eio, settings.trusted_proxies, settings.path
    )
    app.wsgi_app = headers.over_wsgi(app.wsgi_app, SOCKETS)  # type: ignore[method-assign]


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO puts it there


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    return app


def _line() -> str:
    """Engine.IO's id of this connection's line."""
    return str(socketio.server.manager.eio_sid_from_sid(_sid(), connections.NAMESPACE))


def _refused(error: Exception) -> Row:
    problem = _problem(error)
    return {"ok": False, "code": problem.code, "detail": problem.detail}


def _problem(error: Exception) -> Problem:
    """What the client is told."""
    if isinstance(error, Problem):
        return error
    return Unavailable() if isinstance(error, DatabaseUnavailable) else TokenInvalid()


def _session_id(message: Any) -> int:
    value = message.get("session_id") if isinstance(message, dict) else None
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if type(value) is not int or not 0 < value < 2**63:  # true is an int, too
        raise SessionNotFound
    return value
