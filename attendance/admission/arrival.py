"""Requests that are still coming: how much of one is here, and who may wait for the rest.

Nothing here touches a socket. `attendance/admission/worker.py` gives what it has received, and
takes a thread once the header and a small body are whole. RFC 9112 says how a message is framed.
What is judged here decides when to begin, and no more: gunicorn's parser reads the same bytes
again.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from attendance.admission.control import SMALL_BYTES

# What browsers send is a few kilobytes, cookies included.
HEAD_BYTES = 64 * 1024

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*\r\n", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)


class HeadTooLong(Exception):
    """The header has more than `HEAD_BYTES`."""


class Arrival:
    """One request of which not all is here."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.has_head = False
        # the client waits for a "100 Continue" before it sends the body
        self.expects_word = False
        # how long a body is that is not waited for
        self.large = 0
        self._body_at = 0
        self._needed: int | None = 0
        self._chunk_at = 0

    def take(self, data: bytes) -> bool:
        """Add what was received, and say whether a thread can go on without waiting.

        Larger bodies than `SMALL_BYTES` are not waited for: they are read by requests that have
        brought a token. Raises `HeadTooLong`.
        """
        looked_at = max(0, len(self.received) - len(_END))
        self.received += data
        while not self.has_head and self.received.startswith(b"\r\n"):
            del self.received[:2]  # which the server behind would skip, and go on reading
            looked_at = 0
        if not self.has_head and not self._find_head(looked_at):
            return False
        if self._needed is not None:
            return len(self.received) >= self._needed
        return self._chunks_are_here()

    def _find_head(self, looked_at: int) -> bool:
        end = self.received.find(_END, looked_at)
        if end < 0:
            if len(self.received) > HEAD_BYTES:
                raise HeadTooLong
            return False
        self.has_head = True
        self._body_at = end + len(_END)
        head = self.received[: self._body_at]
        if _CHUNKED.search(head):
            self._needed, self._chunk_at = None, self._body_at
        else:
            length = _LENGTH.search(head)
            size = int(length[1]) if length else 0
            self._needed = self._body_at + size if size <= SMALL_BYTES else 0
            self.large = size if size > SMALL_BYTES else 0
        if self._needed != 0 and (word := _EXPECTS.search(head)):
            # said from here; the server behind shall not say it again
            self.expects_word = True
            self._take_out(word)
        return True

    def _take_out(self, word: re.Match[bytes]) -> None:
        del self.received[word.start() : word.end()]
        less = word.end() - word.start()
        self._body_at -= less
        self._chunk_at -= less
        if self._needed is not None:
            self._needed -= less

    def _chunks_are_here(self) -> bool:
        """Whether the last chunk has come; or more than may come, or what is no chunk: then the
        server behind refuses."""
        while len(self.received) - self._body_at <= SMALL_BYTES:
            line = self.received.find(b"\r\n", self._chunk_at)
            if line < 0:
                return False
            try:
                size = int(self.received[self._chunk_at : line].split(b";")[0], 16)
            except ValueError:
                return True
            if size == 0:
                return self.received.find(_END, line) >= 0
            if size < 0 or size > SMALL_BYTES:
                return True
            if len(self.received) < line + size + 4:
                return False
            self._chunk_at = line + size + 4
        return True


Caller = TypeVar("Caller")


class Room(Generic[Caller]):
    """Who waits here without a thread, oldest first, for each address; until when, and with how
    many bytes. All methods are called by one thread.

    Whoever is too many is not turned away at the door: the one that has waited longest goes, of the
    address with the most. Then a flood meets itself, and a school that shares one address loses
    nothing, since what is complete has left the room within milliseconds.
    """

    def __init__(self, places: int, per_address: int | None, limit_bytes: int) -> None:
        self._places, self._per_address, self._limit = places, per_address, limit_bytes
        self._by_address: dict[str, dict[Caller, None]] = {}
        self._waiting: dict[Caller, tuple[str, float, int]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, caller: Caller) -> bool:
        return caller in self._waiting

    def __iter__(self) -> Iterator[Caller]:
        return iter(list(self._waiting))

    def enter(self, caller: Caller, address: str, due: float) -> None:
        """Wait until `due`, a moment of the monotonic clock."""
        self._waiting[caller] = (address, due, 0)
        self._by_address.setdefault(address, {})[caller] = None

    def leave(self, caller: Caller) -> None:
        """Wait no longer."""
        address, _due, size = self._waiting.pop(caller)
        self._bytes -= size
        those = self._by_address[address]
        del those[caller]
        if not those:
            del self._by_address[address]

    def note(self, caller: Caller, size: int, due: float | None = None) -> None:
        """How many bytes it has sent by now, and until when it may wait, where that changes."""
        address, before, old = self._waiting[caller]
        self._waiting[caller] = (address, before if due is None else due, size)
        self._bytes += size - old

    def hasten(self, due: float) -> None:
        """Nobody waits longer than this."""
        for caller, (address, before, size) in self._waiting.items():
            self._waiting[caller] = (address, min(before, due), size)

    def late(self, now: float) -> list[Caller]:
        """Whose time is over."""
        return [caller for caller, (_address, due, _size) in self._waiting.items() if due <= now]

    def one_too_many(self, address: str) -> Caller | None:
        """Whom to send away after somebody at the address came or sent, so that all fit."""
        those = self._by_address.get(address, {})
        if self._per_address is not None and len(those) > self._per_address:
            return next(iter(those))
        if len(self._waiting) > self._places:
            most = max(self._by_address, key=lambda name: len(self._by_address[name]))
            return next(iter(self._by_address[most]))
        return self._heaviest() if self._bytes > self._limit else None

    def _heaviest(self) -> Caller:
        weights: dict[str, int] = {}
        for address, _due, size in self._waiting.values():
            weights[address] = weights.get(address, 0) + size
        heaviest = max(weights, key=lambda address: weights[address])
        those = self._by_address[heaviest]
        return next(caller for caller in those if self._waiting[caller][2])


def group_of(client: Any) -> str:
    """The address whose connections are counted together: a host, or what IPv6 gives to one
    customer (/64). What has no address is counted as one."""
    host = str(client[0]) if isinstance(client, tuple) and client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if address.version == 4 or address.ipv4_mapped:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
