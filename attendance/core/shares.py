"""A bounded queue of which nobody may fill more than a share.

Who asks for more than that is refused, while others still find room: one client's flood is then
that client's own problem.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class NoRoom(Exception):
    """The queue is full, or the owner's share of it is."""


class Shares:
    """Counts who is in a queue. Safe for all threads of a process."""

    def __init__(self, places: int, share: int) -> None:
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
