"""The lines under Socket.IO: Engine.IO's connections, before anybody has said who it is, and after.

A line costs up to three threads once it has an account. WebSockets and polls without one wait in
the server's worker (`attendance/live/door.py`). Who polls without a token may have a line for
seconds only, and few have one at once; when there are more, the oldest goes, so that a newcomer has
time to say who it is.
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
from engineio import packet
from flask import Flask

from attendance.admission import early
from attendance.admission.door import GREETED
from attendance.core.settings import Settings
from attendance.live import packets, tokens
from attendance.live.connections import NAMESPACE
from attendance.live.greeting import WORDS_OF_STRANGERS
from attendance.live.pings import Pings
from attendance.live.websockets import WebSocket, shut_down

log = logging.getLogger("attendance")

EXTENSION = "attendance.lines"
SILENCE_SECONDS = 10.0
# The share of all sockets that strangers may have.
STRANGERS_SHARE = 4
LINES_LOGGED_A_MINUTE = 10
NO_LINE = functools.partial(early.problem_of, 400, "There is no such line.")


class Lines:
    """Stands between Engine.IO and Socket.IO of one server."""

    def __init__(self, server: socketio_server.Server, settings: Settings) -> None:
        self._server, self._eio = server, server.eio
        self._limit = max(1, settings.sockets // STRANGERS_SHARE)
        self._of_account = settings.sockets_per_account
        self._listeners: list[Callable[[str], None]] = []
        self._given = threading.local()
        self._new_id = self._eio.generate_id
        self._eio.generate_id = self._next_id
        self._lock = threading.Lock()
        # lines without an account, since when, and how many words; of them, in the order in which
        # they came, those without a good token, and whom the others name
        self._silent: dict[str, float] = {}
        self._strangers: dict[str, None] = {}
        self._named: dict[str, str] = {}
        self._words: Counter[str] = Counter()
        self._polling: set[str] = set()
        # lines of cameras, and those that have announced a frame
        self._cameras: set[str] = set()
        self._awaiting: set[str] = set()
        self._websockets: dict[str, WebSocket] = {}
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
        greeting = environ.get(GREETED)
        self._given.sid = greeting.sid if greeting is not None and greeting.is_new else None
        if sid and self.has_ended(sid):
            return early.over_wsgi(NO_LINE(), environ, start_response)
        try:
            if method == "POST":
                body = environ["wsgi.input"].read()
                packets.of_a_body(body)
                environ["wsgi.input"] = io.BytesIO(body)
            if method == "GET" and not wants_websocket(environ):
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
            if sid and not self.is_due(sid):
                # who waits without a token, waits in the worker
                start_response("200 OK", [("Content-Type", "text/plain; charset=UTF-8")])
                return [packet.Packet(packet.NOOP).encode().encode()]
            answer: Iterable[bytes] = self._handle(environ, start_response)
        finally:
            with self._lock:
                self._polling.discard(sid)
        return answer

    # -- what Engine.IO tells Socket.IO

    def _come(self, sid: str, environ: dict[str, Any]) -> Any:
        answer = self._came(sid, environ)
        subject = subject_of(environ)
        with self._lock:
            self._silent[sid] = time.monotonic()
            if subject is None:
                self._strangers[sid] = None
            else:
                self._named[sid] = subject
        if list(self._named.values()).count(subject or "") > self._of_account:
            self.end(sid)
        while (oldest := self._one_stranger_too_many()) is not None:
            self.end(oldest)
        return answer

    def _one_stranger_too_many(self) -> str | None:
        """The line that has to go; whoever has said meanwhile who it is has not."""
        with self._lock:
            while len(self._strangers) > self._limit:
                oldest = next(iter(self._strangers))
                del self._strangers[oldest]
                if oldest in self._eio.sockets and not self.is_known(oldest):
                    return oldest
        return None

    def _say(self, sid: str, data: Any) -> None:
        line = self._eio.sockets.get(sid)
        if line is None or line.closed or line.closing:
            return
        try:
            follows = packets.check_message(
                data,
                may_send_frames=sid in self._cameras and self.is_known(sid),
                awaits_frame=sid in self._awaiting,
            )
            (self._awaiting.add if follows else self._awaiting.discard)(sid)
            is_silent = sid in self._silent
            if is_silent:
                self._words[sid] += 1
                if self._words[sid] > WORDS_OF_STRANGERS and not self.is_known(sid):
                    raise packets.Malformed("too many words without a token")
            self._said(sid, data)
            if is_silent:
                self._news(sid)
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

    def reads(self, sid: str, websocket: WebSocket) -> None:
        """The WebSocket of a line has shaken hands, and reads small messages."""
        with self._lock:
            self._websockets[sid] = websocket

    def may_send_frames(self, sid: str) -> None:
        """Let the line of an account that may be a camera send frames from now on."""
        with self._lock:
            self._cameras.add(sid)
            websocket = self._websockets.get(sid)
        if websocket is not None:
            websocket.read_frames()

    def is_behind(self, sid: str, most: int) -> bool:
        """Whether more attachments than these wait on the line to be looked at."""
        with self._lock:
            websocket = self._websockets.get(sid)
        return websocket is not None and websocket.waiting > most

    def has_closed(self, sid: str) -> None:
        """It is one no more."""
        with self._lock:
            self._tcp.pop(sid, None)
            self._ended.discard(sid)
            self._websockets.pop(sid, None)
            self._cameras.discard(sid)
            self._awaiting.discard(sid)

    # -- who waits in the worker

    def tell(self, listener: Callable[[str], None]) -> None:
        """Call this with each line over which something was said, or that has ended."""
        self._listeners.append(listener)

    def is_due(self, sid: str) -> bool:
        """Whether a poll need not wait for an account: there is one, or something to tell."""
        line = self._eio.sockets.get(sid)
        return line is None or line.closed or not line.queue.empty() or self.is_known(sid)

    def is_polled_by_a_stranger(self, sid: str) -> bool:
        """Whether nobody has said yet over the line who it is, and it is no WebSocket."""
        line = self._eio.sockets.get(sid)
        return (
            line is not None
            and line.connected
            and not (line.closed or line.upgrading or line.upgraded)
            and not self.is_known(sid)
        )

    def _news(self, sid: str) -> None:
        for listener in self._listeners:
            listener(sid)

    def _next_id(self) -> str:
        """The new line's name; a WebSocket that has been greeted has one."""
        sid, self._given.sid = getattr(self._given, "sid", None), None
        return str(sid or self._new_id())

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
        self._news(sid)

    def break_off(self, sid: str) -> None:
        """End the line as a broken network does: after a polite end not every client comes back."""
        with self._lock:
            tcp = self._tcp.get(sid)
        if tcp is None:
            self.end(sid)
        else:
            shut_down(tcp)

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
            ended = {sid for sid in self._tcp if self.has_ended(sid)}
            held_open = [self._tcp[sid] for sid in ended & self._ended]
            self._ended = ended
        for tcp in held_open:
            shut_down(tcp)

    def _look_who_spoke(self) -> None:
        """Who is let in is no stranger, and who is no longer is one again."""
        with self._lock:
            lines = {sid: self.is_known(sid) for sid in list(self._eio.sockets)}
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
        self._named.pop(sid, None)

    def is_known(self, sid: str) -> bool:
        """Whether somebody with an account has the line."""
        return self._server.manager.sid_from_eio_sid(sid, NAMESPACE) is not None

    def has_ended(self, sid: str) -> bool:
        """Whether the line is closed, or never was."""
        line = self._eio.sockets.get(sid)
        return line is None or bool(line.closed)


def minute() -> int:
    """Which minute it is, of those that the log is counted by."""
    return int(time.monotonic() // 60)


def of(app: Flask) -> Lines:
    """The lines of an application."""
    return cast(Lines, app.extensions[EXTENSION])


def wants_websocket(environ: dict[str, Any]) -> bool:
    """Whether a request asks for one. Raises `Malformed` for half a wish, which the library would
    answer with neither."""
    wishes = [word.strip() for word in environ.get("HTTP_CONNECTION", "").lower().split(",")]
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return False
    if "upgrade" not in wishes:
        raise packets.Malformed("upgrade")
    return True


def subject_of(environ: dict[str, Any]) -> str | None:
    """Whom the request that begins a line names, with a token that this installation has signed:
    `student:7`. What it is worth is asked when the line says who it is."""
    if (greeting := environ.get(GREETED)) is not None:
        return str(greeting.subject)
    return tokens.subject_of_cookie(environ["flask.app"], environ)
