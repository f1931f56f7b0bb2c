"""Which of very many templates may be the nearest, in a hundredth of the time of a full search.

Every template is cut into parts of four numbers, and each part is written down as the one of
sixteen places that is nearest to it: product quantisation (Jégou et al. 2011, IEEE TPAMI 33(1)), 80
bytes for 640 numbers. A search adds up, over the parts, a table that lies in the processor's
registers (André et al. 2015, "Cache locality is not enough", PVLDB 9(4)); FAISS does both. The best
few hundred are compared exactly by whoever asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

COUNT = 400
"""How many rows are on the list. In a million templates a probe's own was always among them; for
probes of nobody the best on the list was 0.001 farther than the very nearest (performance.md)."""
_PART, _BITS = 4, 4  # numbers of a part, bits of its place
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
        self._index: Any = faiss.IndexPQFastScan(
            size, size // _PART, _BITS, faiss.METRIC_INNER_PRODUCT
        )
        random = np.random.default_rng(0)
        chosen = random.choice(len(matrix), min(len(matrix), _LEARNT_FROM), replace=False)
        self._index.train(matrix[np.sort(chosen)])
        self._index.add(matrix)

    def rows(self, probe: np.ndarray) -> np.ndarray:
        """The rows (at most ``COUNT``,) that may be nearest to a probe (size,), in no order."""
        _, rows = self._index.search(probe[None], COUNT)
        found: np.ndarray = rows[0]
        return found[found >= 0]
