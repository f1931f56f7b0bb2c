"""Comparing embeddings: one probe with a student's templates (1:1), or with a gallery (1:N).

Embeddings have unit length, so the two metrics order pairs alike: with d the Euclidean distance,
the cosine distance is d² / 2.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .shortlist import Shortlist

Metric = Literal["euclidean", "cosine"]
Key = str | int

DEFAULT_THRESHOLD = 0.9
"""Largest Euclidean distance of the same person; see docs/accuracy.md for the error rates."""
DEFAULT_COSINE_THRESHOLD = DEFAULT_THRESHOLD**2 / 2
"""The same threshold as a cosine distance, 1 − cos."""
IDENTIFICATION_MARGIN = 0.1
"""How much nearer the best identity must be than the second, or a probe counts as unknown."""
SHORTLIST_FROM = 20_000
"""Templates from which a gallery is searched by way of a short list; a class is quicker exactly."""
PATCHED = 0.02
"""Of people in a large gallery so many may change before it is laid out anew."""
PATCHED_SECONDS = 3600.0
"""After so long it is, at the next search: who was removed is then gone from memory too."""


def distances(probe: np.ndarray, templates: np.ndarray, metric: Metric = "euclidean") -> np.ndarray:
    """Return the distance of a probe (size,) to each of the templates (n, size), as (n,) float32.

    ``euclidean``: 0 to 2; ``cosine``: 1 − cos, also 0 to 2.

    Raises:
        ValueError: the shapes do not fit or the metric is unknown.
    """
    probe, templates = _checked(probe, templates)
    cosine = 1 - templates @ probe
    if metric == "cosine":
        return cosine
    if metric == "euclidean":
        return np.sqrt(np.maximum(2 * cosine, 0))
    raise ValueError(f"the metric is euclidean or cosine, not {metric!r}")


def template_distance(
    probe: np.ndarray, templates: np.ndarray, metric: Metric = "euclidean"
) -> float:
    """Return the distance of a probe to a person: the least over the person's templates.

    Raises:
        ValueError: as ``distances``, or there is no template.
    """
    if len(templates) == 0:
        raise ValueError("a person without templates has no distance")
    return float(distances(probe, templates, metric).min())


@dataclass(frozen=True)
class Match:
    """One identity of a gallery and its Euclidean distance to the probe."""

    key: Key
    distance: float


class Gallery:
    """Templates of many people for identification (1:N); safe to use from many threads.

    All are of one model, so of one length: embeddings of different networks say nothing about each
    other.

    Below ``shortlist_from`` templates all are compared, above it those of a
    :class:`~facerecog.shortlist.Shortlist` when FAISS is installed; distances are exact in both.
    Searches see a whole state of the gallery, never half of a change.
    """

    def __init__(self, shortlist_from: int = SHORTLIST_FROM) -> None:
        self._shortlist_from = shortlist_from
        self._lock = threading.Lock()
        self._templates: dict[Key, np.ndarray] = {}
        self._state: _State | _Patched | None = None
        self._large: _State | None = None
        self._changed: set[Key] = set()
        self._large_since = 0.0

    def __len__(self) -> int:
        """How many people the gallery holds."""
        return len(self._templates)

    def __contains__(self, key: object) -> bool:
        return key in self._templates

    def add(self, key: Key, templates: np.ndarray) -> None:
        """Set the templates (n, size) of a person, in place of earlier ones.

        Raises:
            ValueError: the shape is another than that of other people's, or there is no template.
        """
        templates = np.array(templates, np.float32)
        if templates.ndim != 2 or not templates.size:
            raise ValueError(f"templates (n, size), n ≥ 1, are needed, not {templates.shape}")
        with self._lock:
            others = next(iter(self._templates.values()), templates)
            if templates.shape[1] != others.shape[1]:
                raise ValueError(
                    f"templates of {templates.shape[1]} numbers are not compared with those of "
                    f"{others.shape[1]}"
                )
            self._templates[key] = templates
            self._changed.add(key)
            self._state = None

    def remove(self, key: Key) -> None:
        """Forget a person; one who is not there is forgotten already."""
        with self._lock:
            if self._templates.pop(key, None) is not None:
                self._changed.add(key)
                self._state = None

    def templates(self) -> dict[Key, np.ndarray]:
        """Return everybody's templates as they are now, (n, size) each."""
        with self._lock:
            return dict(self._templates)

    def of(self, key: Key) -> np.ndarray | None:
        """Return one person's templates, (n, size), or None."""
        with self._lock:
            return self._templates.get(key)

    def search(self, probe: np.ndarray, k: int = 2) -> list[Match]:
        """Return the ``k`` nearest people, the nearest first, each with the least distance."""
        return self._current().nearest(probe, k)

    def search_among(self, probe: np.ndarray, keys: Iterable[Key], k: int = 2) -> list[Match]:
        """As :meth:`search`, among these people only; those not in the gallery are passed over."""
        with self._lock:
            chosen = {key: self._templates[key] for key in keys if key in self._templates}
        return _State(chosen, large=False).nearest(probe, k)

    def _current(self) -> _State | _Patched:
        with self._lock:
            waited = time.monotonic() - self._large_since > PATCHED_SECONDS
            if self._state is None or (isinstance(self._state, _Patched) and waited):
                self._state = self._laid_out(waited)
            return self._state

    def _laid_out(self, waited: bool) -> _State | _Patched:
        count = sum(len(templates) for templates in self._templates.values())
        if count < self._shortlist_from:
            self._large = None
            return _State(dict(self._templates), large=False)
        changed = len(self._changed)
        if self._large is None or changed > PATCHED * len(self._templates) or (changed and waited):
            self._large, self._changed = _State(dict(self._templates), large=True), set()
            self._large_since = time.monotonic()
        if not self._changed:
            return self._large
        new = {key: self._templates[key] for key in self._changed & self._templates.keys()}
        return _Patched(self._large, frozenset(self._changed), _State(new, large=False))


class _State:
    """An immutable picture of a gallery, laid out for searching."""

    def __init__(self, templates: dict[Key, np.ndarray], large: bool) -> None:
        self.keys = list(templates)
        arrays = list(templates.values())
        self._matrix = np.concatenate(arrays) if arrays else np.empty((0, 0), np.float32)
        lengths = [len(array) for array in arrays]
        self._owner = np.repeat(np.arange(len(arrays)), lengths)
        self._starts = np.cumsum([0, *lengths[:-1]])
        self._shortlist = _shortlist(self._matrix) if large else None

    def nearest(
        self, probe: np.ndarray, k: int, without: frozenset[Key] = frozenset()
    ) -> list[Match]:
        """Return the ``k`` nearest people, the nearest first, but for some."""
        if not self.keys:
            return []
        probe, _ = _checked(probe, self._matrix)
        if self._shortlist is None:
            best = np.maximum.reduceat(self._matrix @ probe, self._starts)
            count = min(k + len(without), len(best))
            order = np.argpartition(-best, count - 1)[:count]
            order = order[np.argsort(-best[order])]
            pairs = [(int(i), float(best[i])) for i in order]
        else:
            rows = self._shortlist.rows(probe)
            scores = self._matrix[rows] @ probe
            seen: dict[int, float] = {}
            for place in np.argsort(-scores):
                seen.setdefault(int(self._owner[rows[place]]), float(scores[place]))
            pairs = list(seen.items())
        found = [(self.keys[i], score) for i, score in pairs if self.keys[i] not in without]
        return [Match(key, float(np.sqrt(max(2 - 2 * score, 0)))) for key, score in found[:k]]


class _Patched:
    """A large gallery with what has changed since it was laid out; immutable too."""

    def __init__(self, large: _State, changed: frozenset[Key], new: _State) -> None:
        self._large, self._changed, self._new = large, changed, new

    def nearest(self, probe: np.ndarray, k: int) -> list[Match]:
        """Return the ``k`` nearest people, the nearest first."""
        found = self._large.nearest(probe, k, self._changed) + self._new.nearest(probe, k)
        return sorted(found, key=lambda match: match.distance)[:k]


def _shortlist(matrix: np.ndarray) -> Shortlist | None:
    try:
        return Shortlist(matrix)
    except ImportError:
        return None


def _checked(probe: np.ndarray, templates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    probe, templates = np.asarray(probe, np.float32), np.asarray(templates, np.float32)
    if probe.ndim != 1 or templates.ndim != 2 or templates.shape[1] != len(probe):
        raise ValueError(
            f"a probe (size,) and templates (n, size) are needed, not {probe.shape} and "
            f"{templates.shape}"
        )
    return probe, templates
