"""A recognizer that other processes and hosts ask: `python -m facerecog serve`.

One set of networks in memory for all servers of a host, or of several. Nothing that comes in is
kept. A connection is a thread; somebody unknown has few seconds, and of too many the one that has
waited longest goes.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from . import framing, greeting, wire
from .addresses import Address
from .answering import answers
from .errors import RecognizerBusy
from .recognizer import Recognizer
from .turns import Turns

log = logging.getLogger("facerecog")

_BACKLOG = 512
_CLOSING_SECONDS = 5


@dataclass(frozen=True)
class Limits:
    """What others may cost."""

    greeting: float = 5
    """Seconds in which somebody must have proved the secret."""
    message: float = 30
    """Seconds that a picture or an answer may take on its way."""
    idle: float = 600
    """Seconds after which a connection that nobody uses is closed."""
    strangers: int = 512
    """Connections that have not proved the secret yet."""
    connections: int = 2048
    """Connections that have."""


class FaceService:
    """Answers at an address until it is closed."""

    def __init__(
        self,
        recognizer: Recognizer,
        address: Address,
        *,
        places: int,
        secret: str = "",
        context: ssl.SSLContext | None = None,
        fingerprint: str = "",
        limits: Limits | None = None,
    ) -> None:
        """Listen; `places` is the queue that those who ask share.

        Raises:
            OSError: it cannot listen there.
        """
        self.address = address
        self.turns = Turns(places, recognizer.config.retry_after)
        self._info = recognizer.info
        self._longest = recognizer.config.max_image_bytes + 64 * 1024
        self._answer: Callable[[bytes], bytes] = answers(recognizer)
        self._secret, self._context, self._fingerprint = secret.encode(), context, fingerprint
        self._limits = limits or Limits()
        self._strangers: dict[socket.socket, None] = {}  # in the order in which they came
        self._known: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._listener = address.listen(_BACKLOG)

    def serve(self) -> None:
        """Accept connections until `close`."""
        while not self._closing.is_set():
            try:
                stream, _ = self._listener.accept()
            except OSError as error:
                if self._closing.is_set():
                    return
                log.error("a connection could not be accepted: %s", error)
                time.sleep(0.1)  # such as too many open files
                continue
            self._make_room_for(stream)
            threading.Thread(target=self._meet, args=(stream,), daemon=True).start()

    def close(self) -> None:
        """Take no more, let what has begun end for a few seconds, and end all connections."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self.address.path is not None:
            self.address.path.unlink(missing_ok=True)
        end = time.monotonic() + _CLOSING_SECONDS
        while self.turns.held and time.monotonic() < end:
            time.sleep(0.02)
        with self._lock:
            for stream in [*self._strangers, *self._known]:
                _hang_up(stream)

    def _make_room_for(self, stream: socket.socket) -> None:
        with self._lock:
            self._strangers[stream] = None
            if len(self._strangers) > self._limits.strangers:
                _hang_up(next(iter(self._strangers)))

    def _meet(self, plain: socket.socket) -> None:
        """Greet a connection, and answer it until it ends."""
        stream = plain
        try:
            stream, client = self._let_in(plain)
            self._converse(stream, client)
        except greeting.Unwelcome as error:
            log.warning("refused at %s: %s", self.address, error)
        except (OSError, framing.Misframed, KeyError, ValueError) as error:
            log.info("a connection ended: %s", error)
        finally:
            with self._lock:
                self._strangers.pop(plain, None)
                self._known.discard(stream)
            stream.close()
            plain.close()

    def _let_in(self, plain: socket.socket) -> tuple[socket.socket, str]:
        seconds = self._limits.greeting
        plain.settimeout(seconds)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        stream = plain if self._context is None else self._wrapped(plain, self._context)
        try:
            if isinstance(stream, ssl.SSLSocket):
                stream.do_handshake()
            welcome = greeting.let_in(stream, self._secret, self._fingerprint, self._info, seconds)
            with self._lock:
                if len(self._known) >= self._limits.connections:
                    raise ConnectionAbortedError("too many connections")
                self._known.add(stream)
        except BaseException:
            stream.close()
            raise
        finally:
            with self._lock:
                self._strangers.pop(stream, None)
        return stream, welcome.client

    def _wrapped(self, plain: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The stream for TLS, which takes the place of the one in the clear."""
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:  # wrapping takes the descriptor away from the plain one
            self._strangers.pop(plain, None)
            stream = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            self._strangers[stream] = None
        return stream

    def _converse(self, stream: socket.socket, client: str) -> None:
        limits = self._limits
        while not self._closing.is_set():
            request = framing.receive(stream, self._longest, limits.message, limits.idle)
            if request is None:
                return
            framing.send(stream, self._reply(request, client), limits.message)

    def _reply(self, request: bytes, client: str) -> bytes:
        what = request[:1]
        if what == wire.INFO:
            return json.dumps(self._info).encode() + b"\n"
        try:
            with self.turns.turn(client, part=2 if what == wire.LOOK else 1):
                return self._answer(request)
        except RecognizerBusy as busy:
            return wire.failure(busy)


def _hang_up(stream: socket.socket) -> None:
    """End a connection that its thread waits on; the thread closes it."""
    with suppress(OSError):
        socket.socket.shutdown(stream, socket.SHUT_RDWR)
