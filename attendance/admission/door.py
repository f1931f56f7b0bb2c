"""What the server's worker asks of the application, before a request takes a thread.

A large body is read for whoever has a token. With Socket.IO, whoever has not said yet who it is
waits in the worker's selector, and gets a thread once it has (`attendance/admission/porch.py`).
What the packets mean is known further up (`attendance/live/greeting.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from attendance.core.errors import Problem

# Where an application keeps its `Door`, and its `Gate`.
EXTENSION = "attendance.door"
GATE = "attendance.gate"
# Whether a request with a large body may have a thread: the problem with which it ends, or None.
Gate = Callable[[dict[str, Any]], Problem | None]
# Where a request has the `Greeting` with which its WebSocket has been opened already.
GREETED = "attendance.greeted"


class Greeting(Protocol):
    """A WebSocket over which nobody has said yet who it is. Knows no socket: bytes in and out."""

    sid: str
    # a line that has been polled until now opens a second connection
    is_new: bool
    opening: bytes
    # the client may be served: who it says it is has signed in here
    is_known: bool
    # nothing more is to be heard
    is_over: bool

    def take(self, data: bytes) -> bytes:
        """What the client said, and what it is told."""

    def farewell(self) -> bytes:
        """What the client is told at the end."""


class Poll:
    """A request that would wait for the news of a line (`sid`) of which nobody has said yet whose
    it is."""

    def __init__(self, sid: str) -> None:
        self.sid = sid


class Door(Protocol):
    """Judges who may come in with a thread."""

    def judge(self, environ: dict[str, Any]) -> Greeting | Poll | None:
        """How this request to Socket.IO begins; None: it gets a thread at once. From then on
        REMOTE_ADDR is the client's, as the proxies in front say."""

    def is_due(self, sid: str) -> bool:
        """Whether the line has news, an account or an end, so that nothing waits for it here."""

    def has_account(self, sid: str) -> bool:
        """Whether somebody with an account has the line."""

    def has_ended(self, sid: str) -> bool:
        """Whether the line is closed, or never was."""

    def refuse(self, sid: str, why: str) -> None:
        """End a line, and say so in the log."""

    def send_away(self) -> None:
        """Close every line: this process is about to stop, and there are others."""

    def tell(self, listener: Callable[[str], None]) -> None:
        """Call this, in any thread, with each line that may be due."""
