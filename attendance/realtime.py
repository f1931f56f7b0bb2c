"""Socket.IO: who hears what.

Rooms: `teacher:7` and `student:12` (every connection of an account), `students` (all of them:
a session without a course is open to each), `session:9` (students who joined), `session:9:teachers`
(who watch its list). Who is in a course is asked at the moment of sending: a student who was
enrolled or removed meanwhile, on whichever process, hears what he or she may hear.
"""

from __future__ import annotations

import logging
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import socketio as socketio_server
from flask import Flask, current_app, request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_socketio import ConnectionRefusedError, join_room, leave_room

from attendance import auth, marking, percentages, plans, presenting, rules, session
from attendance.auth import STUDENT, TEACHER, Account
from attendance.errors import Problem, SessionNotFound, TokenInvalid, TokenMissing, Unavailable
from attendance.extensions import socketio
from attendance.messages import Messages
from attendance.secrets import installation_id
from attendance.services import services, services_of
from attendance.settings import Settings
from database import (
    DatabaseUnavailable,
    Transaction,
    courses,
    marks,
    sessions,
    students,
    teachers,
)

log = logging.getLogger("attendance")
Row = dict[str, Any]

ALL_STUDENTS = "students"
TICK_SECONDS = 1.0
# Who disconnects while an own message is being answered hears the answer no more.
GONE = {"ok": False, "code": "token_missing", "detail": "The connection is closed."}


@dataclass(frozen=True)
class Connection:
    """Who is connected, and to which application of this process."""

    app: Flask
    account: Account


_connected: dict[str, Connection] = {}
# connection -> sessions whose QR code it watches
_watching: dict[str, set[int]] = {}
_lock = threading.Lock()
# processes that may have missed events of the others
_behind: weakref.WeakSet[Flask] = weakref.WeakSet()
_ticking: weakref.WeakSet[Flask] = weakref.WeakSet()


def session_changed(event: str, row: Row) -> None:
    """Tell everyone concerned that a session started, was locked or unlocked, or stopped."""
    now = services().clock.now()
    session_id = row["id"]
    shown = presenting.session(row, now, with_code=False)
    _emit(event, {"session_id": session_id, "session": shown}, _students_of(row))
    shown = presenting.session(row, now, with_code=True)
    _emit(event, {"session_id": session_id, "session": shown}, _teachers_of(row))


def attendance_marked(row: Row, student: int, mark: Row) -> None:
    """Tell the teacher, and the student concerned, that a mark was written."""
    session_id = row["id"]
    shown = {"session_id": session_id, **presenting.mark(mark)}
    _emit("attendance_marked", shown, [*_teachers_of(row), f"student:{student}"])
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        counts = marks.counts(tx, session_id, now)
        own = marks.summary_of(tx, student, now)
    _emit_counts(row, counts)
    _emit(
        "attendance_summary_updated",
        {
            "session_id": session_id,
            **percentages.summary(own),
        },
        [f"student:{student}"],
    )


def _send_snapshot(room: str, row: Row, listed: list[Row], *, with_code: bool) -> None:
    now = services().clock.now()
    _emit(
        "attendance_snapshot",
        {
            "session_id": row["id"],
            "session": presenting.session(row, now, with_code=with_code),
            "attendance": [presenting.mark(line) for line in listed],
        },
        [room],
    )


def list_replaced(row: Row) -> None:
    """Send the teacher the whole list of a session anew."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        listed = session.session_list(tx, row, now)
    _send_snapshot(f"session:{row['id']}:teachers", row, listed, with_code=True)
    _counts_changed(row)


def appeal_changed(row: Row, student: int, shown: Row) -> None:
    """Tell the teacher, and the student concerned, that an appeal was made or decided."""
    _emit("appeal_changed", {"appeal": shown}, [f"teacher:{row['teacher']}", f"student:{student}"])


def _counts_changed(row: Row) -> None:
    parts = services()
    with parts.database.read() as tx:
        counts = marks.counts(tx, row["id"], parts.clock.now())
    _emit_counts(row, counts)


def _emit_counts(row: Row, counts: dict[str, int]) -> None:
    _emit(
        "attendance_summary_updated",
        {
            "session_id": row["id"],
            "counts": {status: counts.get(status, 0) for status in rules.STATUSES},
        },
        _teachers_of(row),
    )


def announce_ended(session_ids: list[int]) -> None:
    """Tell everyone concerned that these sessions have come to their planned end."""
    for session_id in session_ids:
        with services().database.read() as tx:
            row = sessions.by_id(tx, session_id)
        if row is not None:
            session_changed("session_stopped", row)


@socketio.on("connect")
def connect(credentials: Any = None) -> None:
    """Let in who brings an access token (`auth: {token}`, or the cookie of the pages)."""
    token = credentials.get("token") if isinstance(credentials, dict) else None
    token = token or request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
    try:
        if not token:
            raise TokenMissing
        account = auth.account_of_token(str(token))
    except (Problem, JWTExtendedException, DatabaseUnavailable) as error:
        problem = _problem(error)
        raise ConnectionRefusedError({"code": problem.code, "detail": problem.detail}) from None
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    with _lock:
        _connected[_sid()] = Connection(app, account)
    with suppress(ValueError):  # gone already
        join_room(account.name)
        if account.kind == STUDENT:
            join_room(ALL_STUDENTS)
    start_ticker(app)


@socketio.on("disconnect")
def disconnect(*_reason: Any) -> None:
    """Forget the connection."""
    with _lock:
        _connected.pop(_sid(), None)
        _watching.pop(_sid(), None)


@socketio.on("join_session")
def join_session(message: Any = None) -> Row:
    """Follow one session; the answer is `{ok}`, or `{ok: false, code, detail}`."""
    connection = _connected.get(_sid())
    if connection is None:
        return GONE
    account = connection.account
    teaches = account.kind == TEACHER
    database = services().database
    try:
        session_id = _session_id(message)
        with database.read() as tx:
            _session_of(tx, account, session_id)
        # In the room before the list is read: each mark is on the list, or told, or both.
        try:
            join_room(f"session:{session_id}:teachers" if teaches else f"session:{session_id}")
        except ValueError:
            return GONE
        with database.read() as tx:
            row = _session_of(tx, account, session_id)
            listed = _marks_for(tx, account, row)
    except (Problem, DatabaseUnavailable) as error:
        leave_session(message)
        return _refused(error)
    if teaches:
        with _lock:
            _watching.setdefault(_sid(), set()).add(session_id)
    _send_snapshot(_sid(), row, listed, with_code=teaches)
    return {"ok": True}


def _session_of(tx: Transaction, account: Account, session_id: int) -> Row:
    if account.kind == TEACHER:
        return session.own_session(tx, account, session_id)
    return marking.open_to(tx, account.row, session_id)


def _marks_for(tx: Transaction, account: Account, row: Row) -> list[Row]:
    if account.kind == TEACHER:
        return session.session_list(tx, row, services().clock.now())
    own = marks.of_student_in(tx, session=row["id"], student=account.id)
    return [own] if own else []


@socketio.on("leave_session")
def leave_session(message: Any = None) -> Row:
    """Stop following a session."""
    try:
        session_id = _session_id(message)
    except Problem as problem:
        return _refused(problem)
    with _lock:
        _watching.get(_sid(), set()).discard(session_id)
    leave_room(f"session:{session_id}:teachers")
    leave_room(f"session:{session_id}")
    return {"ok": True}


def _manager(app: Flask, settings: Settings) -> socketio_server.Manager:
    if settings.redis_url is None:
        return socketio_server.Manager()

    def missed() -> None:
        _behind.add(app)

    return Messages(settings.redis_url, installation_id(settings), missed)


def init_app(app: Flask) -> None:
    """Bind Socket.IO to the application."""
    settings = services_of(app).settings
    socketio.init_app(
        app,
        async_mode="threading",
        client_manager=_manager(app, settings),
        cors_allowed_origins=settings.cors_origins or None,
        manage_session=False,
    )


def tick(app: Flask, last_step: int) -> int:
    """End what is overdue, open what is planned, drop ended accounts, announce QR codes.

    Returns the present step.
    """
    with app.app_context():
        parts = services()
        now = parts.clock.now()
        _drop_ended_accounts(app)
        with parts.database.read() as tx:
            due = sessions.any_overdue(tx, now)
        if due:
            with parts.database.write() as tx:
                ended = sessions.end_overdue(tx, now)
            announce_ended(ended)
        for row in plans.open_due(parts):
            session_changed("session_started", row)
        step = parts.tickets.step(now)
        if step != last_step:
            changes_at = presenting.iso(parts.tickets.next_change(now))
            with _lock:
                watched = [(sid, ids) for sid, all_ids in _watching.items() for ids in all_ids]
            for sid, session_id in watched:
                _emit("qr_rotated", {"session_id": session_id, "changes_at": changes_at}, [sid])
        _catch_up(app)
        return step


def _catch_up(app: Flask) -> None:
    """Where events of other processes may have been missed, send each teacher the list anew."""
    manager = socketio.server.manager
    if isinstance(manager, Messages):
        manager.settle()
    if app not in _behind:
        return
    _behind.discard(app)
    with _lock:
        watched = [(sid, ids) for sid, all_ids in _watching.items() for ids in all_ids]
    parts = services()
    now = parts.clock.now()
    for sid, session_id in watched:
        with parts.database.read() as tx:
            row = sessions.by_id(tx, session_id)
            if row is not None:
                _send_snapshot(sid, row, session.session_list(tx, row, now), with_code=True)


def _drop_ended_accounts(app: Flask) -> None:
    """Close the connections of accounts that were suspended or deleted, or whose tokens ended."""
    with _lock:
        connected = {
            sid: connection.account
            for sid, connection in _connected.items()
            if connection.app is app
        }
    if not connected:
        return
    with services().database.read() as tx:
        current = {
            f"{kind}:{number}": version
            for kind, store in ((TEACHER, teachers), (STUDENT, students))
            for number, version in store.token_versions(
                tx, list({account.id for account in connected.values() if account.kind == kind})
            )
        }
    for sid, account in connected.items():
        if current.get(account.name) != account.row["token_version"]:
            socketio.server.disconnect(sid, namespace="/")


def start_ticker(app: Flask) -> None:
    """One thread per process, from the start of the server or the first connection on, until the
    application is closed."""
    with _lock:
        if app in _ticking:
            return
        _ticking.add(app)
    database = services_of(app).database

    def run() -> None:
        parts = services_of(app)
        step = parts.tickets.step(parts.clock.now())
        while not database.closed:
            try:
                step = tick(app, step)
            except DatabaseUnavailable as error:
                log.error("the ticker could not reach the database: %s", error)
            except Exception:
                log.exception("the ticker goes on after an unexpected error")
            socketio.sleep(TICK_SECONDS)

    threading.Thread(target=run, name="attendance-ticker", daemon=True).start()


def _students_of(row: Row) -> list[str]:
    if row["course"] is None:
        return [ALL_STUDENTS, f"session:{row['id']}"]
    with services().database.read() as tx:
        return [f"student:{student}" for student in courses.student_ids(tx, int(row["course"]))]


def _teachers_of(row: Row) -> list[str]:
    return [f"teacher:{row['teacher']}", f"session:{row['id']}:teachers"]


def _emit(event: str, payload: Row, rooms: list[str]) -> None:
    """Send to each connection in any of the rooms, once. What is stored does not depend on it."""
    if not rooms:  # which the library takes for everybody
        return
    try:
        socketio.emit(event, payload, to=rooms)
    except Exception as error:
        log.error("%s could not be sent: %s", event, error)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO puts it there


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
    try:
        number = int(value)  # type: ignore[arg-type]  # what is not a number is refused here
    except (TypeError, ValueError):
        raise SessionNotFound from None
    if not 0 < number < 2**63:
        raise SessionNotFound
    return number
