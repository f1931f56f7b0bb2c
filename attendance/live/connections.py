"""The Socket.IO connections of this process: whose they are, and which QR codes they show.

What is open, the library knows; what is kept here says whose it is. A connection that only the
library knows is closed (`attendance/live/ticker.py`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from flask import Flask

from attendance.accounts.guard import Account
from attendance.web.extensions import socketio

NAMESPACE = "/"


@dataclass(frozen=True)
class Connection:
    """Who is connected, with which token (its `jti`, and the second since 1970 in which it
    expires; of a device's key: an empty one, and never), and to which application of this
    process."""

    app: Flask
    account: Account
    token: str
    expires_at: float
    watched: set[int] = field(default_factory=set)


_connections: dict[str, Connection] = {}
_lock = threading.Lock()


def add(sid: str, connection: Connection) -> None:
    """Remember a connection by its Socket.IO id."""
    with _lock:
        _connections[sid] = connection


def remove(sid: str) -> None:
    """Forget a connection."""
    with _lock:
        _connections.pop(sid, None)


def is_open(sid: str) -> bool:
    """Whether the library holds this connection open: it has been let in, and is not ending."""
    return bool(socketio.server.manager.is_connected(sid, NAMESPACE))


def without_owner() -> list[str]:
    """Connections that the library holds open, and of which nobody knows whose they are."""
    manager = socketio.server.manager
    with _lock:
        known = set(_connections)
    listed = [sid for sid, _line in manager.get_participants(NAMESPACE, None)]
    return [sid for sid in listed if sid not in known and is_open(sid)]


def has_expired(connection: Connection) -> bool:
    """Whether its token has expired, by the clock that the library of tokens goes by."""
    return connection.expires_at <= time.time()


def account_of(sid: str) -> Account | None:
    """Whose connection it is, or None if it has ended."""
    connection = _connections.get(sid)
    return None if connection is None else connection.account


def of(app: Flask) -> dict[str, Connection]:
    """Each connection of an application."""
    with _lock:
        return {
            sid: connection for sid, connection in _connections.items() if connection.app is app
        }


def of_account(app: Flask, name: str) -> int:
    """How many connections to an application an account has."""
    return sum(connection.account.name == name for connection in of(app).values())


def watch(sid: str, session_id: int) -> None:
    """From now on this connection shows the QR code of the session."""
    with _lock:
        if sid in _connections:
            _connections[sid].watched.add(session_id)


def unwatch(sid: str, session_id: int) -> None:
    """It does not any more."""
    with _lock:
        if sid in _connections:
            _connections[sid].watched.discard(session_id)


def watched(app: Flask) -> list[tuple[str, int]]:
    """Which connection of the application shows the QR code of which session."""
    with _lock:
        return [
            (sid, session_id)
            for sid, connection in _connections.items()
            if connection.app is app
            for session_id in connection.watched
        ]
