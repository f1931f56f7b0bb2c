"""Embeddings for many threads at once, several faces in one call of the network."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .convert import EMBEDDING_SIZE, FACE_SIZE

LARGEST_BATCH = 8
"""Faces in one call at most: larger batches are hardly quicker per face and take more memory."""

EmbeddingNetwork = Callable[[np.ndarray], np.ndarray]
"""Takes (n, 160, 160, 3) uint8 RGB; returns (n, 512) float32."""


@dataclass
class _Waiting:
    crop: np.ndarray
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    embedding: np.ndarray | None = None
    error: BaseException | None = None


class Embedder:
    """Collects crops of concurrent callers into batches; there is no thread of its own.

    Up to ``side_by_side`` callers run the network at once. Those that come meanwhile wait, and the
    first of them runs the next batch with all who wait. A lone caller never waits.
    """

    def __init__(
        self,
        network: EmbeddingNetwork,
        max_batch: int = LARGEST_BATCH,
        patience: float = 0.0,
        expected: Callable[[], int] = lambda: 0,
        side_by_side: int = 1,
    ) -> None:
        """``expected()`` tells how many callers are on their way; ``patience`` is in seconds."""
        self._network = network
        self._max_batch = max(1, min(max_batch, LARGEST_BATCH))
        self._patience = patience
        self._expected = expected
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._queue: deque[_Waiting] = deque()
        self._side_by_side = side_by_side
        self._running = 0
        self._gathering = False

    @property
    def waiting(self) -> int:
        """How many callers wait for the next batch."""
        return len(self._queue)

    def embed_one(self, crop: np.ndarray) -> np.ndarray:
        """Embed one crop (160, 160, 3) uint8 to (512,) float32, in company when there is any."""
        mine = _Waiting(crop)
        with self._lock:
            self._queue.append(mine)
            self._arrived.notify()
            self._appoint()
        mine.woken.wait()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.embedding is not None
        return mine.embedding

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Embed crops (n, 160, 160, 3) uint8 to (n, 512) float32 of unit length."""
        if crops.dtype != np.uint8 or crops.shape[1:] != (FACE_SIZE, FACE_SIZE, 3):
            raise ValueError(f"crops must be (n, {FACE_SIZE}, {FACE_SIZE}, 3) uint8")
        out = np.empty((len(crops), EMBEDDING_SIZE), np.float32)
        for start in range(0, len(crops), self._max_batch):
            chunk = crops[start : start + self._max_batch]
            out[start : start + len(chunk)] = self._run(chunk)
        return out

    def _appoint(self) -> None:
        """Let the first in the queue lead, if one more may run; called with the lock held."""
        if self._queue and not self._gathering and self._running < self._side_by_side:
            self._running += 1
            self._gathering = True
            self._queue[0].leads = True
            self._queue[0].woken.set()

    def _lead(self) -> None:
        """Run one batch, whose first is the caller, then make room for the next."""
        with self._lock:
            self._gather()
            count = min(len(self._queue), self._max_batch)
            batch = [self._queue.popleft() for _ in range(count)]
            self._gathering = False
            self._appoint()
        try:
            embeddings = self._run(np.stack([waiting.crop for waiting in batch]))
            for waiting, embedding in zip(batch, embeddings, strict=True):
                waiting.embedding = embedding
        except BaseException as error:
            for waiting in batch:
                waiting.error = error
        with self._lock:
            self._running -= 1
            self._appoint()
        for waiting in batch:
            waiting.woken.set()

    def _gather(self) -> None:
        """Wait for company while others are on their way, at most ``patience`` seconds."""
        deadline = time.monotonic() + self._patience
        while len(self._queue) < min(self._max_batch, self._expected()):
            if not self._arrived.wait(deadline - time.monotonic()):
                return

    def _run(self, crops: np.ndarray) -> np.ndarray:
        embeddings = self._network(crops).astype(np.float32, copy=False)
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
