"""A recognizer that runs elsewhere: a process that this host's servers share, or another host.

    recognizer = RemoteRecognizer(config, address, secret=…, fingerprint=…)

Each thread asks on a connection of its own, which is kept for the next. While the other side is
away everybody gets RecognizerBusy at once, and one of them a second tries whether it is back.
"""

from __future__ import annotations

import json
import logging
import secrets
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

from . import framing, greeting, wire
from .addresses import Address
from .asking import Asking
from .config import RecognizerConfig
from .errors import RecognizerBusy
from .turns import Turns

log = logging.getLogger("facerecog")

LONGEST_ANSWER = 64 * 2**20
COMPARED = ("model", "engine", "mode", "precision")
"""What must be as it was: the faces in memory were made with it, and the distances are its own."""
_AGAIN_SECONDS = 1


class RecognizerRefused(Exception):
    """The recognizer at an address is not the one that the settings mean; one sentence."""


@dataclass(frozen=True)
class Patience:
    """Seconds that the other side has."""

    connect: float = 3
    greeting: float = 5
    answer: float = 20
    told: float = 3
    """Whether it is there."""


class RemoteRecognizer(Asking):
    """What a server needs of a :class:`Recognizer`, done elsewhere; safe for threads."""

    def __init__(
        self,
        config: RecognizerConfig,
        address: Address,
        *,
        secret: str = "",
        fingerprint: str = "",
        patience: Patience | None = None,
    ) -> None:
        """Reach it; if nobody answers, that is said, and tried again when it is asked.

        Raises:
            RecognizerRefused: it has other networks, another secret or another certificate.
        """
        self.config = config
        self.address = address
        self._secret, self._fingerprint = secret.encode(), fingerprint
        self._patience = patience or Patience()
        self._name = secrets.token_hex(8)
        self._idle: list[socket.socket] = []
        self._told: dict[str, Any] | None = None
        self._lock = threading.Lock()
        self._turns = Turns(config.max_queue, config.retry_after)
        self._away = self._trying = self._closed = False
        self._not_before = 0.0
        try:
            self._give_back(self._greeted())
        except (OSError, framing.Misframed, ValueError, KeyError) as error:
            self._is_away(error)

    def close(self) -> None:
        """End the connections; this object must not be used afterwards."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for stream in idle:
            stream.close()

    @property
    def info(self) -> dict[str, Any]:
        """As :attr:`Recognizer.info`, of this moment.

        Raises:
            RecognizerBusy: it is away.
        """
        return dict(json.loads(self._exchange(wire.INFO, self._patience.told)))

    @property
    def queue_depth(self) -> int:
        """How many analyses of this process run or wait now."""
        return self._turns.held

    def _ask(self, what: bytes, data: bytes) -> bytes:
        # as many as this process may have waiting; of frames half as many
        with self._turns.turn(part=2 if what == wire.LOOK else 1):
            return self._exchange(what + data, self._patience.answer)

    def _exchange(self, request: bytes, seconds: float) -> bytes:
        try:
            kept = self._kept()
            if kept is not None:
                try:
                    return self._over(kept, request, seconds)
                except TimeoutError:
                    raise
                except (OSError, framing.Misframed):
                    pass  # it was closed while nobody used it, or has started again
            return self._over(self._reached(), request, seconds)
        except (OSError, framing.Misframed, ValueError, KeyError) as error:
            self._is_away(error)
        except RecognizerRefused as error:
            self._is_away(error)
        raise self._busy()

    def _over(self, stream: socket.socket, request: bytes, seconds: float) -> bytes:
        try:
            framing.send(stream, request, seconds)
            answer = framing.receive(stream, LONGEST_ANSWER, seconds)
            if answer is None:
                raise framing.Misframed("the recogniser ended before it answered")
        except BaseException:
            stream.close()
            raise
        self._give_back(stream)
        return answer

    def _kept(self) -> socket.socket | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, stream: socket.socket) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(stream)
                return
        stream.close()

    def _reached(self) -> socket.socket:
        """A new connection; while the other side is away only one thread a second looks for it."""
        with self._lock:
            away = self._away
            if away:
                if self._trying or time.monotonic() < self._not_before:
                    raise self._busy()
                self._trying = True
        try:
            stream = self._greeted()
        finally:
            if away:
                self._trying = False
        if away:
            log.warning("the recogniser at %s answers again", self.address)
            self._away = False
        return stream

    def _greeted(self) -> socket.socket:
        patience = self._patience
        stream = self.address.connect(patience.connect)
        try:
            stream.settimeout(patience.greeting)
            if self.address.tls:
                stream = greeting.pinned(stream, self._fingerprint)
            welcome = greeting.ask_in(
                stream, self._secret, self._fingerprint, self._name, patience.greeting
            )
            self._require_the_same(welcome.info)
        except greeting.Unwelcome as error:
            stream.close()
            raise RecognizerRefused(f"FACE_PROCESS: {self.address} is refused: {error}") from None
        except BaseException:
            stream.close()
            raise
        return stream

    def _require_the_same(self, info: dict[str, Any]) -> None:
        config = self.config
        wanted: dict[str, Any] = {
            "model": config.model,
            "engine": config.engine,
            "mode": config.mode,
            "precision": config.precision,
        }
        if self._told is not None:  # what is in memory was made with it
            wanted = {name: self._told[name] for name in COMPARED}
        elif config.precision == "auto" or config.mode == "exact":
            del wanted["precision"]  # as the other processor has it
        for name, value in wanted.items():
            if info[name] != value:
                what = "networks" if name == "model" else name
                raise RecognizerRefused(
                    f"FACE_PROCESS: {self.address} is refused: its {what} {_is(name)} "
                    f"{info[name]}, and here {value} {_is(name)} set: give both hosts the same "
                    f"FACE_{what.upper()}"
                )
        self._told = info

    def _is_away(self, error: Exception) -> None:
        with self._lock:
            first, self._away = not self._away, True
            self._not_before = time.monotonic() + _AGAIN_SECONDS
            idle, self._idle = self._idle, []
        for stream in idle:
            stream.close()
        if first:
            log.error("the recogniser at %s does not answer: %s", self.address, error)

    def _busy(self) -> RecognizerBusy:
        return RecognizerBusy(
            "The face recognition is away for a moment; try again.", 2 * _AGAIN_SECONDS
        )


def _is(name: str) -> str:
    return "are" if name == "model" else "is"
