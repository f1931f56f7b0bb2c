"""Work of many threads done by a few of them, in batches."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class _Waiting(Generic[Item, Result]):
    item: Item
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    outcome: Result | BaseException | None = None


class Lanes(Generic[Item, Result]):
    """A bounded number of lanes, in each of which one caller works for itself and for others.

    A caller that finds a lane free takes it and works on its own item. Those that come while all
    lanes are taken wait; of them the first takes the lane that becomes free next and works on its
    item and on those of the next in the queue. There is no thread of its own and no waiting for
    company: batches grow with the load.

    What a caller waits for is one wake-up, however many steps the work has. Threads that all work
    at their own pace pass Python's lock to each other at every step instead.
    """

    def __init__(
        self,
        work: Callable[[Iterable[Item]], Sequence[Result | BaseException]],
        count: int,
        max_batch: int,
    ) -> None:
        """``work`` gives each item's result, or the error that is its own."""
        self._work = work
        self._free = count
        self._max_batch = max_batch
        self._lock = threading.Lock()
        self._queue: deque[_Waiting[Item, Result]] = deque()

    @property
    def waiting(self) -> int:
        """How many callers wait for a lane."""
        return len(self._queue)

    def do(self, item: Item) -> Result:
        """Return the result of an item, or raise its error."""
        mine: _Waiting[Item, Result] = _Waiting(item)
        with self._lock:
            if self._free:
                self._free -= 1
                mine.leads = True
            else:
                self._queue.append(mine)
        if not mine.leads:
            mine.woken.wait()
        if mine.leads:
            self._lead(mine)
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        return mine.outcome  # type: ignore[return-value]  # the one who leads has set it

    def _lead(self, mine: _Waiting[Item, Result]) -> None:
        """Work on the caller's item and on some of those who wait, and hand the lane on."""
        batch = [mine]

        def items() -> Iterator[Item]:
            yield mine.item
            while len(batch) < self._max_batch:
                with self._lock:
                    if not self._queue:
                        return
                    batch.append(self._queue.popleft())
                yield batch[-1].item

        try:
            outcomes = self._work(items())
            for each, outcome in zip(batch, outcomes, strict=True):
                each.outcome = outcome
        except BaseException as error:
            for each in batch:
                each.outcome = error
        with self._lock:
            if self._queue:
                following = self._queue.popleft()
                following.leads = True
                following.woken.set()
            else:
                self._free += 1
        for each in batch[1:]:
            each.woken.set()
