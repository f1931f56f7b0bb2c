"""One WebSocket: what Engine.IO reads of it and writes to it, with bounds."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

import simple_websocket
from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

from attendance.admission import early
from attendance.admission.control import FRAME_BYTES, SOCKET_BYTES
from attendance.admission.door import GREETED
from attendance.live import packets
from attendance.live.greeting import Greeting

LOOK_UP_SECONDS = 5.0


class Lines(Protocol):
    """Who keeps the list of what is open (`attendance/live/lines.py`)."""

    def has_opened(self, sid: str, tcp: socket.socket) -> bool:
        """The line is a WebSocket from now on; False: it is one already."""

    def reads(self, sid: str, websocket: WebSocket) -> None:
        """It has shaken hands."""

    def has_closed(self, sid: str) -> None:
        """It is one no more."""

    def refuse(self, sid: str, why: str) -> None:
        """End a line because of what came over it, and say so in the log."""


class Greeted(simple_websocket.Server):  # type: ignore[misc]  # the library has no types
    """A WebSocket that is open, and over which something has been said, read here once more."""

    def __init__(self, environ: dict[str, Any], greeting: Greeting) -> None:
        self._greeting = greeting
        super().__init__(environ, max_message_size=SOCKET_BYTES)

    def handshake(self) -> None:
        """Go on where the greeting has ended."""
        self.ws = self._greeting.connection
        self.input_buffer.extend(self._greeting.heard)
        self.incoming_message = self._greeting.begun or None
        self.incoming_message_len = len(self._greeting.begun)
        self.event.set()
        self.connected = self._handle_events()


class WebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]  # engineio has no types
    """Engine.IO's own, which ends with what is no packet, and as soon as the server says so."""

    def __init__(self, lines: Lines, handler: Callable[..., Any], _server: Any) -> None:
        super().__init__(handler, _server)
        self._told = 0
        self._lines, self._line = lines, handler.__self__  # type: ignore[attr-defined]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve the line until it ends."""
        tcp = environ.get("gunicorn.socket") or environ["werkzeug.socket"]
        if not self._lines.has_opened(self._line.sid, tcp):
            return self._refused(environ, start_response)
        try:
            greeting: Greeting | None = environ.get(GREETED)
            if greeting is None:
                self.ws = simple_websocket.Server(environ, max_message_size=SOCKET_BYTES)
            else:
                self._told = greeting.told
                self.ws = Greeted(environ, greeting)
        except Exception as error:  # what is no handshake; the library names no one kind
            self._lines.has_closed(self._line.sid)
            self._lines.refuse(self._line.sid, f"handshake: {type(error).__name__}")
            return self._refused(environ, start_response)
        self._lines.reads(self._line.sid, self)
        try:
            self.app(self)
        except Exception as error:
            self._lines.refuse(self._line.sid, type(error).__name__)
        finally:
            self.close()
            self._lines.has_closed(self._line.sid)
        # how the library tells each server that there is nothing to answer any more
        raise StopIteration if self.ws.mode == "gunicorn" else ConnectionError

    def send(self, message: str | bytes) -> None:
        """Send a frame, unless the greeting has told it."""
        if self._told:
            self._told -= 1
        else:
            super().send(message)

    def read_frames(self) -> None:
        """Read messages as large as a camera's frames from now on."""
        self.ws.max_message_size = FRAME_BYTES

    @property
    def waiting(self) -> int:
        """How many attachments have come and were not looked at yet."""
        return sum(isinstance(message, bytes) for message in list(self.ws.input_buffer))

    def wait(self) -> str | bytes | None:
        """The next frame; None: there is none, or it was no packet, and the line ends."""
        data: str | bytes | None = None
        while data is None:
            with suppress(simple_websocket.ConnectionClosed):
                # What closes the WebSocket may tell of it a moment too early, and never again.
                data = self.ws.receive(timeout=LOOK_UP_SECONDS)
            if self._line.closed or (data is None and not self.ws.connected):
                return None
        try:
            packets.of_a_frame(data, self._line.upgrading)
        except packets.Malformed as error:
            self._lines.refuse(self._line.sid, str(error))
            return None
        return data

    def close(self) -> None:
        """Say so, and end without waiting for the client to agree: it keeps three threads."""
        with suppress(Exception):  # gone, or closing already: the threads of a line all come here
            super().close()
        shut_down(self.ws.sock)
        self.ws.connected = False
        self.ws.event.set()

    def _refused(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        problem = early.problem_of(400, "This is no WebSocket of Engine.IO.")
        # a list would be one of packets, for the library
        return iter(early.over_wsgi(problem, environ, start_response))


def shut_down(tcp: socket.socket) -> None:
    """Wake whoever reads from the connection or writes to it: it has ended."""
    with suppress(OSError, ValueError):
        # SSLSocket's own would take the TLS away from the thread that is reading
        socket.socket.shutdown(tcp, socket.SHUT_RDWR)
