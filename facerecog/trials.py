"""Which photographs are compared with which, and what comes of it: embeddings in, distances out.

Embeddings are (n, d) float32 of unit length, of any networks; ``people`` says whose each is, as
(n,) int from 0 (see
:func:`facerecog.divisions.numbered`). Distances are Euclidean, 0 to 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .divisions import divided, means
from .rates import FMRS, Comparisons

BLOCK = 2048
"""Probes whose distances are in memory together: 13,000 photographs need 100 MB."""
BIN = 0.0005
"""Width of a histogram's bins."""
BINS = round(2 / BIN) + 1
REACH = 2.0
"""The nearest impostor comparisons reach to so many times the largest rate that is asked for."""


@dataclass(frozen=True)
class Trial:
    """Every comparison of a set of photographs."""

    comparisons: Comparisons
    genuine_histogram: np.ndarray
    """(BINS,) int64: how many distances lie in each bin of width ``BIN``, from 0."""
    impostor_histogram: np.ndarray


def every_pair(
    embeddings: np.ndarray,
    people: np.ndarray,
    *,
    templates: np.ndarray | None = None,
    up_to: float = 0.0,
    fmr: float = max(FMRS),
) -> Trial:
    """Compare every photograph with every other, each as the one template of its person.

    Args:
        embeddings: (n, d) float32 of unit length.
        people: (n,) int.
        templates: (n, d): the same photographs as templates. Then every probe is compared with
            every other photograph's template; else every pair once.
        up_to: impostor comparisons are kept at least up to this distance,
        fmr: and as far as the threshold of this rate, with room for the bootstrap.

    Raises:
        ValueError: there is not one person for each embedding.
    """
    _check(embeddings, people)

    def blocks() -> Iterator[_Block]:
        for start in range(0, len(embeddings), BLOCK):
            stop = min(start + BLOCK, len(embeddings))
            row = np.arange(start, stop)[:, None]
            if templates is not None:
                distances = _distances(embeddings[start:stop], templates)
                counted = row != np.arange(len(people))[None]
                yield _Block(distances, people[start:stop], people, counted)
                continue
            # What stands left of the diagonal was in an earlier block.
            distances = _distances(embeddings[start:stop], embeddings[start:])
            once = row < np.arange(start, len(people))[None]
            yield _Block(distances, people[start:stop], people[start:], once)

    counts = np.bincount(people)
    return _trial(blocks, counts, counts, symmetric=templates is None, up_to=up_to, fmr=fmr)


def against_templates(
    embeddings: np.ndarray,
    people: np.ndarray,
    *,
    templates: int,
    frames: int = 1,
    at_least: int = 0,
    draws: int = 1,
    references: np.ndarray | None = None,
    up_to: float = 0.0,
    fmr: float = max(FMRS),
) -> Trial:
    """Compare probes with people: the least distance to the person's templates.

    Of each person's photographs, in an order drawn by chance, the first are the templates and the
    rest make probes of ``frames`` photographs each, whose mean is one probe. Who has too few for
    both makes impostor probes only, or nothing.

    Args:
        embeddings: (n, d) float32 of unit length.
        people: (n,) int.
        templates: of each person.
        frames: photographs of a probe.
        at_least: photographs that a person must have to get templates, if that is more; with one
            number for several trials their people are the same.
        draws: how often the photographs are divided anew; all comparisons count together.
        references: (n, d): the photographs as templates, where those differ from probes.
        up_to: as for :func:`every_pair`.
        fmr: as for :func:`every_pair`.

    Raises:
        ValueError: there is not one person for each embedding, or nobody has enough photographs.
    """
    _check(embeddings, people)
    at_least = max(at_least, templates + frames)
    chosen = [
        divided(people, templates=templates, frames=frames, at_least=at_least, seed=seed)
        for seed in range(draws)
    ]
    if not len(chosen[0].enrolled):
        raise ValueError(f"nobody has {at_least} photographs")

    def blocks() -> Iterator[_Block]:
        for one in chosen:
            probes = means(embeddings, one.probes)
            kept = embeddings if references is None else references
            gallery = kept[one.templates.reshape(-1)]
            for start in range(0, len(probes), BLOCK):
                part = probes[start : start + BLOCK]
                least = _distances(part, gallery).reshape(len(part), -1, templates).min(2)
                whose = one.probe_of[start : start + BLOCK]
                yield _Block(least, whose, one.enrolled, np.ones(least.shape, bool))

    # How many probes and templates a person has does not depend on the draw.
    count = int(people.max()) + 1
    asked = draws * np.bincount(chosen[0].probe_of, minlength=count)
    answered = np.bincount(chosen[0].enrolled, minlength=count)
    return _trial(blocks, asked, answered, symmetric=False, up_to=up_to, fmr=fmr)


@dataclass(frozen=True)
class _Block:
    """Distances (a, b) of probes to references, and which of them count."""

    distances: np.ndarray
    probe_of: np.ndarray
    reference_of: np.ndarray
    counts: np.ndarray


def _trial(
    blocks: Callable[[], Iterable[_Block]],
    probes: np.ndarray,
    references: np.ndarray,
    *,
    symmetric: bool,
    up_to: float,
    fmr: float,
) -> Trial:
    """Go through the blocks twice: to count, and to keep what is near.

    The second time costs less than keeping everything: 87 million distances are 350 MB.
    """
    histograms = np.zeros((2, BINS), np.int64)
    genuine: list[np.ndarray] = []
    genuine_of: list[np.ndarray] = []
    for block in blocks():
        same = block.probe_of[:, None] == block.reference_of[None]
        own = np.nonzero(same & block.counts)
        genuine.append(block.distances[own])
        genuine_of.append(block.probe_of[own[0]])
        histograms[1] += _histogram(block.distances[block.counts & ~same])
    own_distances = _joined(genuine, np.float32)
    histograms[0] = _histogram(own_distances)
    cut = max(up_to, _reach(histograms[1], fmr))
    near: list[np.ndarray] = []
    near_of: list[np.ndarray] = []
    for block in blocks():
        row, column = np.nonzero((block.distances <= cut) & block.counts)
        first, second = block.probe_of[row], block.reference_of[column]
        other = first != second
        near.append(block.distances[row, column][other])
        near_of.append(np.stack([first[other], second[other]], axis=1))
    distances = _joined(near, np.float32)
    pairs = np.concatenate([np.empty((0, 2), int), *near_of])
    order = np.argsort(distances, kind="stable")
    comparisons = Comparisons(
        own_distances,
        _joined(genuine_of, int),
        distances[order],
        pairs[order],
        probes,
        references,
        symmetric,
        cut,
    )
    return Trial(comparisons, histograms[0], histograms[1])


def _reach(histogram: np.ndarray, fmr: float) -> float:
    """Return the distance up to which the nearest ``REACH`` times ``fmr`` of a histogram lie."""
    cumulated = np.cumsum(histogram)
    place = int(np.searchsorted(cumulated, REACH * fmr * cumulated[-1], side="right"))
    return (place + 2) * BIN  # a distance is rounded into its bin


def _histogram(distances: np.ndarray) -> np.ndarray:
    bins = np.minimum((distances * np.float32(1 / BIN)).astype(np.int32), BINS - 1)
    return np.bincount(bins, minlength=BINS)


def _distances(probes: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances (a, b) float32 of embeddings of unit length."""
    squared = 2 - 2 * (probes @ references.T)
    return np.sqrt(np.maximum(squared, 0, out=squared), out=squared)


def _joined(parts: list[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate([np.empty(0, kind), *parts])


def _check(embeddings: np.ndarray, people: np.ndarray) -> None:
    if embeddings.ndim != 2 or people.shape != (len(embeddings),):
        raise ValueError("embeddings (n, d) and the person (n,) of each are needed")
