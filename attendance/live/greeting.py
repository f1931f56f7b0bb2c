"""A WebSocket before anybody has said who it is: what it may say, and what it hears.

The worker's selector has the connection (`attendance/admission/porch.py`). Here a client hears what
Engine.IO and Socket.IO would tell it, until it sends a token that this installation has signed;
then they are told what it has said (`attendance/live/websockets.py`), and go on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engineio import packet as engine
from engineio.packet import Packet
from socketio import packet as messages
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from attendance.admission.control import SOCKET_BYTES
from attendance.core.errors import Problem
from attendance.live import packets

# What a line may say before it has an account: its token, once more if that was too old.
WORDS_OF_STRANGERS = 4
BYTES_OF_STRANGERS = 2 * SOCKET_BYTES

# Whom the token names that a client sends to be let in. Raises `Problem`.
Judge = Callable[[Any], str]


class NoHandshake(Exception):
    """The request is none that opens a WebSocket."""


class Greeting:
    """One WebSocket, new or of a line (`sid`) that has been polled until now."""

    def __init__(
        self,
        environ: dict[str, Any],
        *,
        sid: str,
        opened: dict[str, Any] | None,
        judge: Judge,
        refuse: Callable[[str, str], None],
    ) -> None:
        """`opened`: what Engine.IO tells of a new line; None: it has told it by polling.

        Raises `NoHandshake`."""
        self.sid, self.is_new = sid, opened is not None
        self.is_known = self.is_over = False
        self.connection = WSConnection(ConnectionType.SERVER)
        # whoever serves the line reads again what was heard, and need not answer as often again
        self.heard: list[str] = []
        self.told = 0
        self.subject = ""
        self._judge, self._refuse = judge, refuse
        self._expected = [] if self.is_new else [engine.PING, engine.UPGRADE]
        self._words = self._bytes = 0
        # the beginning of a message in several frames
        self.begun = ""
        self.opening = self._accept(environ)
        if opened is not None:
            self.opening += self._frame(engine.OPEN, opened)
            self.told = 1

    def _accept(self, environ: dict[str, Any]) -> bytes:
        wish = "GET / HTTP/1.1\r\n" + "".join(
            f"{name[5:].replace('_', '-').title()}: {value}\r\n"
            for name, value in environ.items()
            if name.startswith("HTTP_")
        )
        try:
            self.connection.receive_data(f"{wish}\r\n".encode("latin-1"))
            if not isinstance(next(self.connection.events()), Request):
                raise NoHandshake
            return bytes(self.connection.send(AcceptConnection()))
        except (LocalProtocolError, RemoteProtocolError, StopIteration, ValueError):
            raise NoHandshake from None

    def take(self, data: bytes) -> bytes:
        """What the client said, and what it is told."""
        answer = b""
        try:
            self._bytes += len(data)
            if self._bytes > BYTES_OF_STRANGERS:
                raise packets.Malformed("too much without a token")
            self.connection.receive_data(data)
            for event in self.connection.events():
                answer += self._hear(event)
                if self.is_known or self.is_over:
                    break  # the rest is heard by whoever serves the line
        except (packets.Malformed, LocalProtocolError, RemoteProtocolError) as error:
            self._refuse("" if self.is_new else self.sid, str(error) or type(error).__name__)
            answer += self.farewell()
        return answer

    def farewell(self) -> bytes:
        """What the client is told at the end."""
        self.is_over = True
        try:
            return bytes(self.connection.send(CloseConnection(CloseReason.NORMAL_CLOSURE)))
        except LocalProtocolError:  # closed already
            return b""

    def _hear(self, event: Event) -> bytes:
        if isinstance(event, CloseConnection):
            self.is_over = True
            return bytes(self.connection.send(event.response()))
        if isinstance(event, Ping):
            return bytes(self.connection.send(event.response()))
        if not isinstance(event, TextMessage):
            raise packets.Malformed("binary")
        self.begun += event.data
        if len(self.begun) > SOCKET_BYTES:
            raise packets.Malformed("too large")
        if not event.message_finished:
            return b""
        frame, self.begun = self.begun, ""
        return b"".join(self._answers(frame))

    def _answers(self, frame: str) -> Iterator[bytes]:
        packet = packets.of_a_frame(frame, is_upgrading=bool(self._expected))
        if packet.packet_type == engine.CLOSE:
            yield self.farewell()
        elif self._expected:
            if packet.packet_type != self._expected.pop(0):
                raise packets.Malformed("upgrade")
            self.heard.append(frame)
            if packet.packet_type == engine.PING:
                yield self._frame(engine.PONG, packet.data)
                self.told = 1
        elif packet.packet_type == engine.MESSAGE:
            yield from self._answer_to(frame, packet.data)
        elif packet.packet_type != engine.PONG:
            raise packets.Malformed("packet type")

    def _answer_to(self, frame: str, said: Any) -> Iterator[bytes]:
        packets.check_message(said)
        message = messages.Packet(encoded_packet=said)
        self._words += 1
        if message.packet_type == messages.CONNECT and message.namespace in (None, "/"):
            try:
                self.subject = self._judge(message.data)
            except Problem as problem:
                refusal = messages.Packet(messages.CONNECT_ERROR, data=refused(problem))
                yield self._frame(engine.MESSAGE, refusal.encode())
            else:
                self.heard.append(frame)
                self.is_known = True
                return
        if self._words > WORDS_OF_STRANGERS:
            raise packets.Malformed("too many words without a token")

    def _frame(self, kind: int, data: Any) -> bytes:
        return bytes(self.connection.send(TextMessage(Packet(kind, data=data).encode())))


def refused(problem: Problem) -> dict[str, Any]:
    """What a client hears of why it is not let in."""
    return {"message": problem.detail, "data": {"code": problem.code, "detail": problem.detail}}


def opened(sid: str, eio: Any) -> dict[str, Any]:
    """What Engine.IO tells of a new line that is a WebSocket."""
    return {
        "sid": sid,
        "upgrades": [],
        "pingTimeout": int(eio.ping_timeout * 1000),
        "pingInterval": int(eio.ping_interval + eio.ping_interval_grace_period) * 1000,
        "maxPayload": eio.max_http_buffer_size,
    }
