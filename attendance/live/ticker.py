"""What happens by itself, once a second: planned ends and starts, new QR codes, ended accounts."""

from __future__ import annotations

import logging
import threading
import weakref
from collections import Counter

from flask import Flask

from attendance.core.errors import Problem
from attendance.core.roles import DEVICE, STUDENT, TEACHER
from attendance.courses.access import Right
from attendance.live import connections, devices, lines
from attendance.live.messages import Messages
from attendance.planning import automatic
from attendance.sessions import events
from attendance.sessions.access import own_session
from attendance.web.current import services, services_of
from attendance.web.extensions import socketio
from database import (
    DatabaseUnavailable,
    Transaction,
    api_keys,
    marks,
    sessions,
    sightings,
    students,
    teachers,
    tokens,
)

log = logging.getLogger("attendance")

TICK_SECONDS = 1.0
COMPARE_TICKS = 10

_ticking: weakref.WeakSet[Flask] = weakref.WeakSet()
_lock = threading.Lock()
# those that may have missed events of other processes
_behind: weakref.WeakSet[Flask] = weakref.WeakSet()
# what the watched lists were when they were last compared
_versions: weakref.WeakKeyDictionary[Flask, dict[int, marks.Version]] = weakref.WeakKeyDictionary()
_EMPTY: marks.Version = frozenset()


def start(app: Flask) -> None:
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
        ticks = 0
        while not database.closed:
            ticks += 1
            try:
                step = tick(app, step)
                if ticks % COMPARE_TICKS == 0 and isinstance(socketio.server.manager, Messages):
                    with app.app_context():
                        compare_lists(app)
            except DatabaseUnavailable as error:
                log.error("the ticker could not reach the database: %s", error)
            except Exception:
                log.exception("the ticker goes on after an unexpected error")
            socketio.sleep(TICK_SECONDS)

    threading.Thread(target=run, name="attendance-ticker", daemon=True).start()


def lists_are_behind(app: Flask) -> None:
    """Events of other processes may have been missed: the next tick sends each list again."""
    _behind.add(app)


def tick(app: Flask, last_step: int) -> int:
    """End what is overdue, open what is planned, drop ended accounts, announce QR codes.

    Returns the present step.
    """
    with app.app_context():
        parts = services()
        parts.stored_settings.refresh_if_old()
        now = parts.clock.now()
        _drop_ended(app)
        lines.of(app).sweep()
        with parts.database.read() as tx:
            due = sessions.any_overdue(tx, now)
            to_forget = sightings.any_to_forget(tx, now)
            devices.learn(app, tx)
        if to_forget:
            with parts.database.write() as tx:
                sightings.forget(tx, now)
        if due:
            with parts.database.write() as tx:
                ended = sessions.end_overdue(tx, now)
            events.announce_ended(parts, ended)
        for row in automatic.open_due(parts):
            events.session_changed(parts, "session_started", row)
        step = parts.tickets.step(now)
        if step != last_step:
            changes_at = parts.tickets.next_change(now)
            for sid, session_id in connections.watched(app):
                events.qr_rotated(sid, session_id, changes_at)
        _catch_up(app)
        return step


def _catch_up(app: Flask) -> None:
    """Where events may have been missed, send each teacher the list again."""
    parts = services()
    manager = socketio.server.manager
    if parts.untold.is_set():
        parts.untold.clear()
        lists_are_behind(app)
        if isinstance(manager, Messages):
            manager.owe()
    if isinstance(manager, Messages):
        manager.settle()
    if app in _behind:
        _behind.discard(app)
        try:
            _send_lists(app, None)
        except DatabaseUnavailable:
            lists_are_behind(app)  # the next tick tries again
            raise


def compare_lists(app: Flask) -> None:
    """Send the lists that have changed without a word: a process that ended after it had stored a
    mark, and before it could tell, has told nobody."""
    manager = socketio.server.manager
    told = manager.told() if isinstance(manager, Messages) else Counter()
    watched = sorted({session_id for _, session_id in connections.watched(app)})
    known = _versions.get(app, {})
    with services_of(app).database.read() as tx:
        versions = marks.versions_of(tx, watched) if watched else {}
    _versions[app] = versions
    silent = set()
    for session_id in watched:
        before, now = known.get(session_id, _EMPTY), versions.get(session_id, _EMPTY)
        added = sum(n for _, n, _ in now) - sum(n for _, n, _ in before)
        if before != now and told[session_id] < max(1, added):
            silent.add(session_id)
    if silent:
        _send_lists(app, silent)


def begin_to_compare(app: Flask, tx: Transaction, session_id: int) -> None:
    """Somebody begins to watch a list, as it is in this transaction."""
    known = _versions.setdefault(app, {})
    if session_id not in known:
        manager = socketio.server.manager
        if isinstance(manager, Messages):
            manager.forget(session_id)
        known.update(marks.versions_of(tx, [session_id]))


def _send_lists(app: Flask, which: set[int] | None) -> None:
    """Send each teacher who watches one of these sessions (None: any) its list."""
    parts = services_of(app)
    now = parts.clock.now()
    for sid, session_id in connections.watched(app):
        if which is not None and session_id not in which:
            continue
        with parts.database.read() as tx:
            row = sessions.by_id(tx, session_id)
            listed = marks.of_session(tx, session_id, now)
        if row is not None:
            events.send_snapshot(parts, sid, row, listed, with_code=True)


def _drop_ended(app: Flask) -> None:
    """Close the connections that would not be let in as they are any more: the account was
    suspended, deleted or given another role, or the token was ended or has expired."""
    for sid in connections.without_owner():
        log.warning("a connection of nobody was closed")
        _close(sid)
    connected = connections.of(app)
    if not connected:
        return
    accounts = {(each.account.kind, each.account.id) for each in connected.values()}
    with services().database.read() as tx:
        current = {
            f"{kind}:{row['id']}": row
            for kind, store in ((TEACHER, teachers), (STUDENT, students))
            for row in store.standing(tx, [number for whose, number in accounts if whose == kind])
        }
        numbers = [number for whose, number in accounts if whose == DEVICE]
        for key in api_keys.standing(tx, numbers, services().clock.now()) if numbers else []:
            current[f"{DEVICE}:{key['id']}"] = key
        revoked = tokens.revoked(tx, [connection.token for connection in connected.values()])
    for sid, connection in connected.items():
        account = connection.account
        row = current.get(account.name)
        changed = row is None or any(row[key] != account.row[key] for key in row)
        if changed or connection.token in revoked or connections.has_expired(connection):
            _close(sid)
    _drop_watchers(app, connected)


def _drop_watchers(app: Flask, connected: dict[str, connections.Connection]) -> None:
    """Let nobody go on watching a session's list who may not begin to."""
    watched = [(sid, number) for sid, number in connections.watched(app) if sid in connected]
    now = services().clock.now()
    with services().database.read() as tx:
        for sid, number in watched:
            try:
                own_session(tx, connected[sid].account, number, Right.SEE, now)
            except Problem:
                connections.unwatch(sid, number)
                room = events.watchers_of(number)
                socketio.server.leave_room(sid, room, namespace=connections.NAMESPACE)


def _close(sid: str) -> None:
    socketio.server.disconnect(sid, namespace=connections.NAMESPACE)
