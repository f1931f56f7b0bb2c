"""Who waits before the door of Socket.IO: WebSockets and polls without a token, and no thread.

A WebSocket is opened here, hears what Engine.IO would tell it, and gets a thread when it has sent
a token that this installation has signed. A poll gets one when there is something to answer.
"""

from __future__ import annotations

import selectors
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from attendance.admission import early
from attendance.admission.arrival import Room, group_of
from attendance.admission.door import Door, Greeting, Poll
from attendance.admission.looking import look_at

# For so long anybody may be here; `attendance/live/lines.py` ends its lines after the same time.
SILENCE_SECONDS = 10.0
NO_LINE = "There is no such line."
RECEIVE_BYTES = 64 * 1024
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError)


class Host(Protocol):
    """The worker, as far as it is needed here."""

    cfg: Any
    poller: Any
    method_queue: Any

    def begin(self, caller: Any) -> None:
        """Give a whole request a thread."""

    def _tell(self, line: Any, problem: Any) -> None: ...

    def _say_goodbye(self, caller: Any) -> None: ...

    def _close(self, caller: Any) -> None: ...


class Porch:
    """Its methods are called by the worker's one thread with the selector."""

    def __init__(self, host: Host, door: Door, room: Room[Any]) -> None:
        self._host, self._door, self.room = host, door, room
        # one poll and one upgrade of each line
        self._polls: dict[str, Any] = {}
        self._upgrades: dict[str, Any] = {}
        door.tell(lambda sid: host.method_queue.defer(self._news, sid))

    def keeps(self, caller: Any) -> bool:
        """Whether a whole request waits here, in place of taking a thread."""
        head = caller.arrival.received
        if not head.startswith(b"GET ") or b"socket.io" not in _target(head):
            return False
        if (looked := look_at(caller, self._host.cfg)) is None:
            return False
        environ, rest = looked
        verdict = self._door.judge(environ)
        if verdict is None:
            return False
        waiting = self._polls if isinstance(verdict, Poll) else self._upgrades
        if verdict.sid in waiting:
            self._door.refuse(verdict.sid, "second request")
            self._host._tell(caller.sock, early.problem_of(400, NO_LINE))
            self._host._say_goodbye(caller)
            return True
        address = group_of((environ.get("REMOTE_ADDR", ""), 0))
        self.room.enter(caller, address, time.monotonic() + SILENCE_SECONDS)
        self.room.note(caller, len(head))
        if isinstance(verdict, Poll) or not verdict.is_new:
            waiting[verdict.sid] = caller
        if isinstance(verdict, Poll):
            self._watch(caller, partial(self._hear_poll, caller))
        else:
            caller.greeting = verdict
            self._watch(caller, partial(self._hear, caller))
            self._say(caller, verdict.opening, rest)
            self._hear(caller)
        while (other := self.room.one_too_many(address)) is not None:
            self._send_away(other, 503, "Too many wait to say who they are.")
        return True

    def sweep(self, now: float) -> None:
        """End what waits for too long; called about once a second."""
        for sid in [*self._polls, *self._upgrades]:
            self._news(sid)
        for caller in self.room.late(now):
            self._send_away(caller, 400, NO_LINE)

    def _news(self, sid: str) -> None:
        """Something was said over a line, or it has ended."""
        if not self._door.is_due(sid):
            return
        if (caller := self._polls.get(sid)) is not None:
            self._forget(caller)
            self._host.begin(caller)
        if (caller := self._upgrades.get(sid)) is None:
            return
        if self._door.has_account(sid):
            self._forget(caller)
            self._host.begin(caller)
        elif self._door.has_ended(sid):
            self._send_away(caller, 400, NO_LINE)

    # -- polls

    def _hear_poll(self, caller: Any, _line: Any = None) -> None:
        """The client of a waiting poll leaves, or sends what nobody sends who waits."""
        if caller not in self.room:
            return
        try:
            caller.sock.recv(1)
        except NOT_NOW:
            return
        except (OSError, ValueError):
            pass
        self._forget(caller)
        self._host._close(caller)

    # -- WebSockets

    def _hear(self, caller: Any, _line: Any = None) -> None:
        try:
            while caller in self.room:
                data = caller.sock.recv(RECEIVE_BYTES)
                if not data:
                    break
                self._say(caller, b"", data)
        except NOT_NOW:
            return
        except (OSError, ValueError):
            pass
        if caller in self.room:
            self._forget(caller)
            self._host._close(caller)

    def _say(self, caller: Any, told: bytes, heard: bytes) -> None:
        greeting: Greeting = caller.greeting
        if heard:
            told += greeting.take(heard)
        if told and not _sent(caller.sock, told):
            self._forget(caller)
            self._host._close(caller)
        elif greeting.is_over:
            self._forget(caller)
            self._host._say_goodbye(caller)
        elif greeting.is_known:
            self._forget(caller)
            self._host.begin(caller)

    # -- ends

    def _send_away(self, caller: Any, status: int, why: str) -> None:
        self._forget(caller)
        if caller.greeting is None:
            self._host._tell(caller.sock, early.problem_of(status, why))
        else:
            _sent(caller.sock, caller.greeting.farewell())
        self._host._say_goodbye(caller)

    def _watch(self, caller: Any, hears: Callable[[Any], None]) -> None:
        self._host.poller.register(caller.sock, selectors.EVENT_READ, hears)

    def _forget(self, caller: Any) -> None:
        self.room.leave(caller)
        with suppress(OSError, KeyError, ValueError):
            self._host.poller.unregister(caller.sock)
        for those in (self._polls, self._upgrades):
            for sid in [sid for sid, other in those.items() if other is caller]:
                del those[sid]


def _target(head: bytearray) -> bytes:
    """What the request line asks for, without its query, in clear letters."""
    line = bytes(head[: head.find(b"\r\n")])
    return unquote_to_bytes(line.partition(b"?")[0])


def _sent(line: Any, data: bytes) -> bool:
    """Whether a few bytes went; who takes not even these is not waited for."""
    try:
        return bool(line.send(data) == len(data))
    except (OSError, ValueError):
        return False
