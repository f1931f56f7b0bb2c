"""Photographs of one moment, judged as one probe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .matching import distances
from .recognizer import FaceResult


def apart(results: Sequence[FaceResult], limit: float) -> int | None:
    """Return which face is the first that is too far from one before it, or None.

    Args:
        results: faces, embedded by the same networks.
        limit: the largest Euclidean distance at which two faces may be one person's.
    """
    embeddings = np.stack([result.embedding for result in results])
    for place in range(1, len(embeddings)):
        if float(distances(embeddings[place], embeddings[:place]).max()) > limit:
            return place
    return None


def combined(results: Sequence[FaceResult]) -> FaceResult:
    """Return the clearest of the faces, with the mean of all embeddings weighted by quality.

    The mean of several frames of one face is nearer to that person's templates than most of the
    frames are, since what blinking, turning and noise do to each of them points in different
    directions. Weights follow the quality because what a blurred face tells is worth less. One
    face is returned as it is.

    Args:
        results: one or more faces of one person (see :func:`apart`), embedded by the same networks.
    """
    best = max(results, key=lambda result: result.quality.quality)
    if len(results) == 1:
        return best
    weights = np.array([max(result.quality.quality, 0.01) for result in results], np.float32)
    mean = weights @ np.stack([result.embedding for result in results])
    return replace(best, embedding=(mean / np.linalg.norm(mean)).astype(np.float32))
