"""A bounded queue of which nobody may fill more than a share.

Who asks for more than that is refused, while others still find room: one client's flood is then
that client's own problem.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

# Uploads of one account at once: a phone sends one, but several devices may share a key.
UPLOADS = 4
ENROLMENT, HINT, IDENTIFICATION, FILE = "enrolment", "hint", "identification", "file"
MARK, BODY = "mark", "body"


class NoRoom(Exception):
    """The queue is full, or the owner's share of it is."""


class Shares:
    """Counts who is in a queue. Safe for all threads of a process."""

    def __init__(self, places: float, share: int) -> None:
        """So many may be in it, and so many of each owner."""
        self._places, self._share = places, share
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """How many places are taken."""
        return self._held.total()

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """A place in the queue for the time of the block.

        Raises:
            NoRoom: nobody waits for a place.
        """
        with self._lock:
            if self._held.total() >= self._places or self._held[owner] >= self._share:
                raise NoRoom
            self._held[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[owner] -= 1
                if not self._held[owner]:
                    del self._held[owner]


class Uploads:
    """Uploads that are read or judged now, which share places, memory and the networks' queue.

    Of each kind an account has a few at once, and never more than half of the networks' queue. What
    may wait for a while leaves room for marks: all enrolments together have half of the queue, all
    hints a quarter. All marks and identifications together may fill it: a class marks at once. A
    large body, of whatever call, is one while it comes: it may come slowly, and holds the place of
    a request.
    """

    def __init__(self, queue: int, threads: int) -> None:
        """`queue`: how many pictures the networks have in work or waiting at most; `threads`: how
        many requests are served at once."""
        half = max(1, queue // 2)
        self._kinds = {
            ENROLMENT: Shares(half, min(UPLOADS, half)),
            HINT: Shares(max(1, queue // 4), UPLOADS),
            IDENTIFICATION: Shares(math.inf, min(2 * UPLOADS, half)),
            MARK: Shares(math.inf, half),
            FILE: Shares(math.inf, UPLOADS),
            BODY: Shares(max(1, threads * 3 // 4), 2 * UPLOADS),
        }

    @contextmanager
    def turn(self, kind: str, account: str) -> Iterator[None]:
        """One upload of a kind, for the time of the block.

        Args:
            kind: ENROLMENT, HINT, IDENTIFICATION, FILE, MARK or BODY.
            account: who sends it, such as `student:12`.

        Raises:
            NoRoom: the account has too many under way, or there are too many of this kind.
        """
        with self._kinds[kind].place(account):
            yield
