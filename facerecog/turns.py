"""Who may wait for the networks: a bound, and a share of it for each of those who share them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import RecognizerBusy


class Turns:
    """A bounded queue in which everybody has a share. Safe for threads.

    Of `places` each of those who wait now, or want to, has an equal part, and who is alone has all
    of them. So one server's flood is refused at that server, and another finds room at once.
    """

    def __init__(self, places: int, retry_after: int = 1) -> None:
        self._places, self._retry_after = places, retry_after
        self._held: Counter[str] = Counter()
        self._all = 0
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """How many wait or are served."""
        return self._all

    @contextmanager
    def turn(self, who: str = "", part: int = 1) -> Iterator[None]:
        """A place for the time of the block; of a kind that may have the `part`th part only.

        Where one asks alone, nobody needs a name.

        Raises:
            RecognizerBusy: all that are due to `who` are taken.
        """
        with self._lock:
            present = len(self._held) + (who not in self._held)
            if self._held[who] >= max(1, self._places // present // part):
                if not self._held[who]:
                    del self._held[who]
                raise RecognizerBusy(
                    "Too many photographs are waiting; try again in a moment.", self._retry_after
                )
            self._held[who] += 1
            self._all += 1
        try:
            yield
        finally:
            with self._lock:
                self._all -= 1
                self._held[who] -= 1
                if not self._held[who]:
                    del self._held[who]
