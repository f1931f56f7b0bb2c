"""Which of very many templates may be the nearest, in a hundredth of the time of a full search.

Every template is cut into parts of eight numbers, and each part is written down as the one of
sixteen places that is nearest to it: product quantisation (Jégou et al. 2011, IEEE TPAMI 33(1)), 40
bytes for 640 numbers. A search adds up, over the parts, a table that lies in the processor's
registers (André et al. 2015, "Cache locality is not enough", PVLDB 9(4)); FAISS does both. The best
few hundred are compared exactly by whoever asked.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from .processors import available_cores

COUNT = 400
"""How many rows are on the list. In a million templates a probe's own was always among them; for
probes of nobody the best on the list was 0.008 farther than the very nearest (performance.md)."""
LANE_ROWS, MOST_LANES = 100_000, 4
"""Cores share a search, each with so many rows and more: they read from memory side by side."""
_PARTS, _BITS = (8, 4, 2, 1), 4  # numbers of a part, bits of its place
_LEAST_PARTS = 64  # short templates are cut finer
_LEARNT_FROM = 20_000  # templates, chosen at random


class Shortlist:
    """An index of a matrix; safe to search from many threads."""

    def __init__(self, matrix: np.ndarray) -> None:
        """Learn the places from (n, size) float32 of unit length, and write its rows down.

        Raises:
            ImportError: FAISS is not installed.
        """
        import faiss

        size = matrix.shape[1]
        part = next(n for n in _PARTS if n == 1 or (size % n == 0 and size // n >= _LEAST_PARTS))
        learnt: Any = faiss.IndexPQFastScan(size, size // part, _BITS, faiss.METRIC_INNER_PRODUCT)
        random = np.random.default_rng(0)
        chosen = random.choice(len(matrix), min(len(matrix), _LEARNT_FROM), replace=False)
        learnt.train(matrix[np.sort(chosen)])
        lanes = min(available_cores(), MOST_LANES, len(matrix) // LANE_ROWS) or 1
        self._starts = np.arange(lanes + 1) * len(matrix) // lanes
        self._lanes: list[Any] = [faiss.clone_index(learnt) for _ in range(lanes)]
        for index, (start, end) in zip(self._lanes, pairwise(self._starts), strict=True):
            index.add(matrix[start:end])
        self._others = ThreadPoolExecutor(lanes - 1, "shortlist") if lanes > 1 else None

    def rows(self, probe: np.ndarray) -> np.ndarray:
        """The rows (at most ``COUNT``,) that may be nearest to a probe (size,), in no order."""
        if self._others is None:
            return self._best_of(0, probe)[1]
        others = [
            self._others.submit(self._best_of, lane, probe) for lane in range(1, len(self._lanes))
        ]
        best = [self._best_of(0, probe), *(other.result() for other in others)]
        scores, rows = (np.concatenate(part) for part in zip(*best, strict=True))
        return np.asarray(rows[np.argsort(-scores)[:COUNT]])

    def _best_of(self, lane: int, probe: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores and rows of the best of one lane."""
        scores, rows = (found[0] for found in self._lanes[lane].search(probe[None], COUNT))
        return scores[rows >= 0], rows[rows >= 0] + self._starts[lane]
