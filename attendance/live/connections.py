"""The Socket.IO connections of this process: whose they are, and which QR codes they show."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from flask import Flask

from attendance.accounts.guard import Account


@dataclass(frozen=True)
class Connection:
    """Who is connected, with which token (its `jti`), and to which application of this process."""

    app: Flask
    account: Account
    token: str
    watched: set[int] = field(default_factory=set)


_connections: dict[str, Connection] = {}
_lock = threading.Lock()


def add(sid: str, app: Flask, account: Account, token: str) -> None:
    """Remember a connection by its Socket.IO id."""
    with _lock:
        _connections[sid] = Connection(app, account, token)


def remove(sid: str) -> None:
    """Forget a connection."""
    with _lock:
        _connections.pop(sid, None)


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
