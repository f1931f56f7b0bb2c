"""Error rates of a recognizer on labelled photographs, to choose a threshold by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ErrorRates:
    """What a threshold does to the pairs of a set of photographs."""

    threshold: float
    false_accept_rate: float
    """Part of the pairs of different people at or below the threshold."""
    false_reject_rate: float
    """Part of the pairs of one person above the threshold."""


@dataclass(frozen=True)
class Pairs:
    """Euclidean distances of all pairs of a set of photographs."""

    same: np.ndarray
    """(s,) float32, pairs of one person."""
    different: np.ndarray
    """(d,) float32, pairs of two people."""

    def at(self, threshold: float) -> ErrorRates:
        """Return the error rates when distances up to ``threshold`` are accepted."""
        return ErrorRates(
            threshold,
            float(np.mean(self.different <= threshold)),
            float(np.mean(self.same > threshold)),
        )

    def without_false_accepts(self) -> ErrorRates:
        """Return the error rates at the largest threshold that accepts no different pair."""
        return self.at(float(np.nextafter(self.different.min(), np.float32(0))))


def pairs(embeddings: np.ndarray, people: list[str]) -> Pairs:
    """Compare every photograph with every other: embeddings (n, size) of ``people`` (n names).

    Raises:
        ValueError: there is not one name for each embedding.
    """
    if len(embeddings) != len(people):
        raise ValueError("each embedding needs the name of its person")
    cosine = embeddings @ embeddings.T
    distance = np.sqrt(np.maximum(2 - 2 * cosine, 0)).astype(np.float32)
    names = np.array(people)
    same = names[:, None] == names[None, :]
    upper = np.triu(np.ones(same.shape, bool), k=1)
    return Pairs(distance[same & upper], distance[~same & upper])
