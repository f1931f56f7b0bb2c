"""How many requests are served at once, how many sockets are open, and how long a body may take.

A socket keeps its thread for as long as it is open; a request gives it back. So the server has
threads enough for all sockets and requests together, and both are counted here: requests that find
no place wait their turn, in place of crowding the database and the networks; sockets are refused.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attendance.admission import early
from attendance.admission.door import GREETED
from attendance.core.errors import Problem

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

SOCKETS = "/socket.io"
# Always answered, also when all places are taken: else a busy server would look like a dead one.
UNCOUNTED = "/health"
# What anybody may send is read before the request takes a place; larger bodies are read by
# requests that have brought a token.
SMALL_BYTES = 256 * 1024
SMALL_SECONDS = 30.0
# Ten megabytes come in this time over a line of one megabit a second.
LARGE_SECONDS = 90.0
# A client of Socket.IO sends its token, and the number of a session.
SOCKET_BYTES = 64 * 1024
# A camera sends frames; a larger message than this ends its line.
FRAME_BYTES = 2_000_000
CHECK_SECONDS = 1.0


class Places:
    """WSGI middleware with so many places for requests, and so many for sockets."""

    def __init__(
        self,
        app: Wsgi,
        places: int,
        sockets: int,
        is_leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app, self._is_leaving = app, is_leaving
        self._places = threading.BoundedSemaphore(places)
        self._sockets = threading.BoundedSemaphore(sockets)
        self._lock = threading.Lock()
        self._bodies = _Bodies()
        self.waiting = 0
        self.serving = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request, or one socket."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(UNCOUNTED):
            return self._app(environ, start_response)
        if path.startswith(SOCKETS):
            return self._socket(environ, start_response)
        with self._bodies.limited(environ):
            if (refusal := _read_small(environ)) is not None:
                return early.over_wsgi(refusal, environ, start_response)
            self._count(waiting=1)
            with self._places:
                self._count(waiting=-1, serving=1)
                try:
                    return self._app(environ, start_response)
                finally:
                    self._count(serving=-1)

    def _socket(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if (_length(environ) or 0) > SOCKET_BYTES:
            refusal = early.problem_of(413, "A live connection reads 64 kB at once.")
            return early.over_wsgi(refusal, environ, start_response)
        with self._bodies.limited(environ):
            if (late := _read_small(environ, SOCKET_BYTES)) is not None:
                return early.over_wsgi(late, environ, start_response)
        if self._is_leaving():
            return _no_line(environ, start_response, "This server is about to stop.")
        if not self._sockets.acquire(blocking=False):
            words = "No more live connections are kept here just now."
            return _no_line(environ, start_response, words)
        try:
            return self._app(environ, start_response)
        finally:
            self._sockets.release()

    def _count(self, waiting: int = 0, serving: int = 0) -> None:
        with self._lock:
            self.waiting += waiting
            self.serving += serving


def _no_line(
    environ: dict[str, Any], start_response: Callable[..., Any], why: str
) -> Iterable[bytes]:
    if GREETED in environ:
        raise StopIteration  # it is a WebSocket already, and ends
    return early.over_wsgi(early.problem_of(503, why), environ, start_response)


def _length(environ: dict[str, Any]) -> int | None:
    """How long the body is; None: that is not said, since it comes in chunks."""
    said = str(environ.get("CONTENT_LENGTH") or "")
    if said.isdecimal():
        return int(said)
    return None if environ.get("wsgi.input_terminated") else 0


def _read_small(environ: dict[str, Any], limit: int = SMALL_BYTES) -> Problem | None:
    """Read a small body whole; returns the problem with which the request ends if that fails."""
    length = _length(environ)
    if length == 0 or (length is not None and length > limit):
        return None
    body = environ["wsgi.input"].read(limit + 1 if length is None else length)
    if length is None and len(body) > limit:
        return early.problem_of(411, "A large body needs a Content-Length.")
    if length is not None and len(body) < length:
        return early.problem_of(408, "The body did not come in time.")
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return None


class _Bodies:
    """Shuts connections down whose bodies take too long: the reader then meets their end."""

    def __init__(self) -> None:
        self._due: dict[int, tuple[float, socket.socket]] = {}
        self._lock = threading.Lock()
        self._watched = False

    @contextmanager
    def limited(self, environ: dict[str, Any]) -> Iterator[None]:
        """The body comes in time, or the connection ends."""
        length = _length(environ)
        connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if length == 0 or connection is None:
            yield
            return
        small = length is None or length <= SMALL_BYTES
        due = time.monotonic() + (SMALL_SECONDS if small else LARGE_SECONDS)
        source = environ["wsgi.input"]
        body = _Body(source, length, lambda: self._come(id(source)))
        environ["wsgi.input"] = body
        with self._lock:
            self._due[id(source)] = (due, connection)
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="slow-bodies", daemon=True).start()
        try:
            yield
        finally:
            self._come(id(source))

    def _come(self, key: int) -> None:
        with self._lock:
            self._due.pop(key, None)

    def _watch(self) -> None:
        while True:
            time.sleep(CHECK_SECONDS)
            now = time.monotonic()
            with self._lock:
                if not self._due:
                    self._watched = False
                    return
                late = [connection for due, connection in self._due.values() if due < now]
            for connection in late:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Body(io.RawIOBase):
    """A request's body that tells when it has come."""

    def __init__(self, source: Any, length: int | None, come: Callable[[], object]) -> None:
        self._source, self._left, self._come = source, length, come

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as `io.RawIOBase` does."""
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        if self._left is not None:
            self._left -= len(data)
        if not data or self._left == 0:
            self._come()
        return len(data)
