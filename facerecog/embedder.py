"""One network that embeds faces, compiled for a lone face, for several, and for lanes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .networks import Compiled, Runtime

if TYPE_CHECKING:
    import openvino as ov

_TOGETHER = 4  # faces in one call: twice as many are hardly quicker per face


class Embedder:
    """Pictures of faces in, embeddings out; safe to call from many threads."""

    def __init__(
        self,
        runtime: Runtime,
        read: Callable[[], ov.Model],
        precision: str,
        *,
        threads_alone: int,
        crowded: Callable[[], bool],
    ) -> None:
        """Compile the network that ``read`` gives, (n, side, side, 3) uint8 to (n, size).

        ``threads_alone``: those of a lone call. ``crowded()`` tells whether more than one
        photograph is being analysed; then each has a lane of one thread.
        """
        self._runtime, self._read, self._crowded = runtime, read, crowded
        self._precision = "f32" if precision == "f32" else runtime.precision("auto")
        self._threads, self._threads_alone = runtime.threads, threads_alone
        # In f32 some faces together are hardly quicker than one by one, and the network is larger.
        self._together = 1 if precision == "f32" else _TOGETHER
        self._in_lanes = lru_cache(_TOGETHER)(self._compile_for_lanes)
        for size in {1, self._together}:  # the others only for whoever embeds a group
            self._in_lanes(size)
        self._alone = (
            self._in_lanes(1) if self._threads == 1 else self._compile(1, threads_alone, 1)
        )

    def _compile_for_lanes(self, count: int) -> Compiled:
        return self._compile(count, self._threads, self._threads)

    def _compile(self, count: int, threads: int, streams: int) -> Compiled:
        """Compile the embedding of ``count`` faces.

        One network for any count is 20 % slower: it prepares itself anew whenever that changes.
        """
        model = self._read()
        _, *picture = model.input(0).get_partial_shape()
        model.reshape([count, *(side.get_length() for side in picture)])
        return self._runtime.compile(model, self._precision, threads=threads, streams=streams)

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        """Embed (n, side, side, 3) uint8 to (n, size) float32."""
        lanes = 1 if self._crowded() else self._threads
        full = len(crops) // (self._together * lanes) * self._together * lanes
        parts = self._in_calls_of(self._together, crops[:full])
        rest = crops[full:]
        if len(rest) == 1 and lanes > 1:
            parts.append(self._alone(rest))
        elif len(rest):  # one round, in which all lanes do as much
            parts += self._in_calls_of(-(-len(rest) // lanes) if lanes > 1 else 1, rest)
        return np.concatenate(parts)[: len(crops)]

    def _in_calls_of(self, size: int, crops: np.ndarray) -> list[np.ndarray]:
        """Embed ``size`` faces in each call, as many calls at once as there are lanes."""
        missing = np.zeros_like(crops, shape=(-len(crops) % size, *crops.shape[1:]))
        calls = np.concatenate([crops, missing]).reshape(-1, size, *crops.shape[1:])
        return self._in_lanes(size).each(calls)
