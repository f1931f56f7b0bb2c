"""The lines under Socket.IO: Engine.IO's connections, before anybody has said who it is, and after.

A line costs up to three threads. Who has no token may have one for seconds only, and few have one
at once; when there are more, the oldest goes, so that a newcomer has time to say who it is.
"""

from __future__ import annotations

import functools
import io
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, cast
from urllib.parse import parse_qs

import socketio as socketio_server
from flask import Flask
from flask_jwt_extended import decode_token
from werkzeug.http import parse_cookie

from attendance.admission import early
from attendance.live import packets
from attendance.live.connections import NAMESPACE
from attendance.live.pings import Pings
from attendance.live.websockets import WebSocket, shut_down

log = logging.getLogger("attendance")

EXTENSION = "attendance.lines"
SILENCE_SECONDS = 10.0
# What a line may say before it has an account: its token, once more if that was too old.
WORDS_OF_STRANGERS = 4
# The share of all sockets that strangers may have.
STRANGERS_SHARE = 4
LINES_LOGGED_A_MINUTE = 10
NO_LINE = functools.partial(early.problem_of, 400, "There is no such line.")


class Lines:
    """Stands between Engine.IO and Socket.IO of one server."""

    def __init__(self, server: socketio_server.Server, sockets: int) -> None:
        self._server, self._eio = server, server.eio
        self._limit = max(1, sockets // STRANGERS_SHARE)
        self._lock = threading.Lock()
        # lines without an account, since when, and how many words; of them, in the order in which
        # they came, those without a good cookie
        self._silent: dict[str, float] = {}
        self._strangers: dict[str, None] = {}
        self._words: Counter[str] = Counter()
        self._polling: set[str] = set()
        self._tcp: dict[str, socket.socket] = {}
        self._ended: set[str] = set()
        self._logged: Counter[int] = Counter()
        self._handle = self._eio.handle_request
        self._came, self._said = (self._eio.handlers[name] for name in ("connect", "message"))
        self._eio.handle_request = self.handle
        self._eio.on("connect", self._come)
        self._eio.on("message", self._say)
        self._eio.start_background_task = Pings(
            self._eio.start_background_task
        ).start_background_task
        self._eio._async = {
            **self._eio._async,
            "websocket": functools.partial(WebSocket, self),
        }

    # -- requests

    def handle(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """What Engine.IO handles, if it is what a client of it may send."""
        query = parse_qs(environ.get("QUERY_STRING", ""))
        sid = query.get("sid", [""])[0]
        method = environ["REQUEST_METHOD"]
        if sid and self._has_ended(sid):
            return early.over_wsgi(NO_LINE(), environ, start_response)
        try:
            if method == "POST":
                body = environ["wsgi.input"].read()
                packets.of_a_body(body)
                environ["wsgi.input"] = io.BytesIO(body)
            if method == "GET" and not _wants_websocket(environ):
                return self._poll(sid, environ, start_response)
            answer: Iterable[bytes] = self._handle(environ, start_response)
        except KeyError:  # it has ended this moment
            return early.over_wsgi(NO_LINE(), environ, start_response)
        except packets.Malformed as error:
            self.refuse(sid, str(error))
            problem = early.problem_of(400, "This is no packet of Engine.IO.")
            return early.over_wsgi(problem, environ, start_response)
        return answer

    def _poll(
        self, sid: str, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """One request at a time waits for the news of a line: each takes a thread."""
        with self._lock:
            if sid and sid in self._polling:
                raise packets.Malformed("second poll")
            self._polling.add(sid)
        try:
            answer: Iterable[bytes] = self._handle(environ, start_response)
        finally:
            with self._lock:
                self._polling.discard(sid)
        return answer

    # -- what Engine.IO tells Socket.IO

    def _come(self, sid: str, environ: dict[str, Any]) -> Any:
        answer = self._came(sid, environ)
        vouched = _has_good_cookie(environ)
        with self._lock:
            self._silent[sid] = time.monotonic()
            if not vouched:
                self._strangers[sid] = None
        while (oldest := self._one_stranger_too_many()) is not None:
            self.end(oldest)
        return answer

    def _one_stranger_too_many(self) -> str | None:
        """The line that has to go; whoever has said meanwhile who it is has not."""
        with self._lock:
            while len(self._strangers) > self._limit:
                oldest = next(iter(self._strangers))
                del self._strangers[oldest]
                if oldest in self._eio.sockets and not self._is_known(oldest):
                    return oldest
        return None

    def _say(self, sid: str, data: Any) -> None:
        line = self._eio.sockets.get(sid)
        if line is None or line.closed or line.closing:
            return
        try:
            packets.check_message(data)
            if sid in self._silent:
                self._words[sid] += 1
                if self._words[sid] > WORDS_OF_STRANGERS and not self._is_known(sid):
                    raise packets.Malformed("too many words without a token")
            self._said(sid, data)
        except packets.Malformed as error:
            self.refuse(sid, str(error))
        except Exception:
            log.exception("a socket's message was not answered")
            self.end(sid)

    # -- WebSockets

    def has_opened(self, sid: str, tcp: socket.socket) -> bool:
        """The line is a WebSocket from now on; False: it is one already."""
        with self._lock:
            if sid in self._tcp:
                return False
            self._tcp[sid] = tcp
            return True

    def has_closed(self, sid: str) -> None:
        """It is one no more."""
        with self._lock:
            self._tcp.pop(sid, None)
            self._ended.discard(sid)

    # -- ends

    def refuse(self, sid: str, why: str) -> None:
        """End a line because of what came over it, and say so in the log: one line of it each,
        and no more in a minute than somebody reads."""
        self.end(sid)
        now = minute()
        with self._lock:
            if now not in self._logged:
                self._logged.clear()
            self._logged[now] += 1
            count = self._logged[now]
        if count <= LINES_LOGGED_A_MINUTE:
            log.warning(
                "a line of the sockets was closed",
                extra={"fields": {"why": why, "last_this_minute": count == LINES_LOGGED_A_MINUTE}},
            )

    def end(self, sid: str) -> None:
        """Close the line; its threads end with it, or at the second sweep from now."""
        with self._lock:
            self._forget(sid)
        if (line := self._eio.sockets.get(sid)) is not None:
            line.close(wait=False)

    def sweep(self) -> None:
        """Close the lines over which nobody has said in time who it is, and what did not end with
        its line; called once a second."""
        self._look_who_spoke()
        late = time.monotonic() - SILENCE_SECONDS
        with self._lock:
            silent = [sid for sid, since in self._silent.items() if since < late]
        for sid in silent:
            self.end(sid)
        with self._lock:
            ended = {sid for sid in self._tcp if self._has_ended(sid)}
            held_open = [self._tcp[sid] for sid in ended & self._ended]
            self._ended = ended
        for tcp in held_open:
            shut_down(tcp)

    def _look_who_spoke(self) -> None:
        """Who is let in is no stranger, and who is no longer is one again."""
        with self._lock:
            lines = {sid: self._is_known(sid) for sid in list(self._eio.sockets)}
            for sid in list(self._silent):
                if lines.get(sid, True):
                    self._forget(sid)
            for sid, is_known in lines.items():
                if not is_known:
                    self._silent.setdefault(sid, time.monotonic())

    def _forget(self, sid: str) -> None:
        self._silent.pop(sid, None)
        self._strangers.pop(sid, None)
        self._words.pop(sid, None)

    def _is_known(self, sid: str) -> bool:
        return self._server.manager.sid_from_eio_sid(sid, NAMESPACE) is not None

    def _has_ended(self, sid: str) -> bool:
        line = self._eio.sockets.get(sid)
        return line is None or bool(line.closed)


def minute() -> int:
    """Which minute it is, of those that the log is counted by."""
    return int(time.monotonic() // 60)


def of(app: Flask) -> Lines:
    """The lines of an application."""
    return cast(Lines, app.extensions[EXTENSION])


def _wants_websocket(environ: dict[str, Any]) -> bool:
    """Raises `Malformed` for half a wish, which the library would answer with neither."""
    wishes = [word.strip() for word in environ.get("HTTP_CONNECTION", "").lower().split(",")]
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return False
    if "upgrade" not in wishes:
        raise packets.Malformed("upgrade")
    return True


def _has_good_cookie(environ: dict[str, Any]) -> bool:
    """Whether the request brought a token that this installation has signed. What it is worth is
    asked when the line says who it is."""
    app: Flask = environ["flask.app"]
    cookie = parse_cookie(environ).get(app.config["JWT_ACCESS_COOKIE_NAME"])
    if not cookie:
        return False
    try:
        with app.app_context():
            decode_token(cookie)
    except Exception:  # of a dozen kinds; a stranger, then
        return False
    return True
