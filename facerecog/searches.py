"""Open-set identification in the words of ISO/IEC 19795-1: who is found, and who is mistaken.

Some people are enrolled in a gallery, the others are strangers. FPIR, the false positive
identification rate, is the part of the strangers' searches that are answered with somebody's name;
FNIR, the false negative identification rate, the part of enrolled people's searches that are not
answered with their own: only the first candidate counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .divisions import divided, means
from .rates import REPLICATES, Estimate, draws, interval, just_under, rule_of_three

FPIRS = (1e-1, 1e-2, 3e-3)
"""False positive identification rates at which systems are compared."""
BLOCK = 1024

Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Distances to the nearest and to the second person, each (p,): what is held against a threshold.
Less is more alike."""


def by_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Decide by the distance to the nearest person alone."""
    return first


def by_distance_and_gap(weight: float) -> Score:
    """Decide by the distance to the nearest less ``weight`` times the gap to the second.

    A probe that is clearly nearer to one person than to every other may be farther from them.
    """

    def score(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return first - weight * (second - first)

    return score


@dataclass(frozen=True)
class Searches:
    """What searches of one gallery, or of several of one size, brought to light."""

    first: np.ndarray
    """(p,) float32: the distance of each probe to the nearest person of the gallery."""
    second: np.ndarray
    """(p,) float32: to the second person."""
    mated: np.ndarray
    """(p,) bool: whether the probe's person is enrolled."""
    right: np.ndarray
    """(p,) bool: whether the nearest is the probe's person."""
    probe_of: np.ndarray
    """(p,) int: whose probe."""
    people: int
    """How many people there are, enrolled and strangers."""


@dataclass(frozen=True)
class SearchRates:
    """What one threshold does in searches."""

    threshold: Estimate
    fpir: Estimate
    fnir: Estimate
    false_positives: int
    strangers: int
    false_negatives: int
    mated: int


def search(
    embeddings: np.ndarray,
    people: np.ndarray,
    *,
    gallery: int,
    templates: int = 1,
    frames: int = 1,
    draws: int = 1,
    references: np.ndarray | None = None,
) -> Searches:
    """Search galleries of ``gallery`` people, drawn ``draws`` times, with everybody's probes.

    Args:
        embeddings: (n, d) float32 of unit length.
        people: (n,) int from 0.
        gallery: how many of those who have enough photographs are enrolled, at least two.
        templates: of each enrolled person.
        frames: photographs of a probe, whose mean is searched.
        draws: how often enrolled people and templates are chosen anew.
        references: (n, d): the photographs as templates, where those differ from probes.

    Raises:
        ValueError: too few people have enough photographs, or nobody is left as a stranger.
    """
    kept = embeddings if references is None else references
    parts = [
        _search(embeddings, kept, people, gallery, templates, frames, seed) for seed in range(draws)
    ]
    if not all((~part.mated).any() for part in parts):
        raise ValueError("nobody is left as a stranger")
    first, second, mated, right, probe_of = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("first", "second", "mated", "right", "probe_of")
    )
    return Searches(first, second, mated, right, probe_of, parts[0].people)


def rates_at_fpir(
    searches: Searches,
    fpirs: Sequence[float] = FPIRS,
    score: Score = by_distance,
    *,
    replicates: int = REPLICATES,
) -> list[SearchRates]:
    """Return for each rate the threshold on the score that keeps to it, and the FNIR there.

    Intervals draw people, each replicate with a threshold of its own for the FNIR; what the choice
    of the enrolled adds, they do not hold.
    """
    scores = score(searches.first, searches.second)
    order = np.argsort(scores, kind="stable")
    scores, mated = scores[order], searches.mated[order]
    right, whose = searches.right[order], searches.probe_of[order]

    def once(drawn: np.ndarray, fixed: np.ndarray | None) -> np.ndarray:
        weight = drawn[whose]
        strangers = np.concatenate([[0], np.cumsum(weight * ~mated)])
        found = np.concatenate([[0], np.cumsum(weight * (mated & right))])
        every = (weight * mated).sum()
        if not strangers[-1] or not every:
            return np.full((5, len(fpirs)), np.nan)
        allowed = np.array([np.floor(fpir * strangers[-1] + 1e-9) for fpir in fpirs])
        # strangers[i] counts those before place i: the last place that is still within the rate.
        places = np.searchsorted(strangers[1:], allowed, side="right")
        thresholds = np.array([just_under(scores[place]) for place in places])
        places = _places(scores, thresholds)
        fixed_at = places if fixed is None else _places(scores, fixed)
        positives, misses = strangers[fixed_at], every - found[places]
        return np.stack([thresholds, positives / strangers[-1], misses / every, positives, misses])

    measured = once(np.ones(searches.people, int), None)
    drawn = [once(times, measured[0]) for times in draws(searches.people, replicates, seed=0)]
    return [
        _summed(searches, measured[:, place], [one[:, place] for one in drawn])
        for place in range(len(fpirs))
    ]


def rates_of(
    searches: Searches, accepted: np.ndarray, *, replicates: int = REPLICATES
) -> SearchRates:
    """Return the rates of a rule that is in force: ``accepted`` (p,) are the answers it gives."""

    def once(drawn: np.ndarray) -> np.ndarray:
        weight = drawn[searches.probe_of]
        positives = (weight * (accepted & ~searches.mated)).sum()
        misses = (weight * (searches.mated & ~(accepted & searches.right))).sum()
        strangers, mated = (weight * ~searches.mated).sum(), (weight * searches.mated).sum()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.array([np.nan, positives / strangers, misses / mated, positives, misses])

    measured = once(np.ones(searches.people, int))
    return _summed(
        searches, measured, [once(times) for times in draws(searches.people, replicates, seed=0)]
    )


def _summed(searches: Searches, measured: np.ndarray, drawn: list[np.ndarray]) -> SearchRates:
    threshold, fpir, fnir = (
        Estimate(float(measured[row]), *interval([one[row] for one in drawn])) for row in range(3)
    )
    positives, misses = int(measured[3]), int(measured[4])
    if not positives:
        strangers = len(np.unique(searches.probe_of[~searches.mated]))
        fpir = Estimate(fpir.value, 0.0, rule_of_three(strangers))
    if not misses:
        enrolled = len(np.unique(searches.probe_of[searches.mated]))
        fnir = Estimate(fnir.value, 0.0, rule_of_three(enrolled))
    mated = int(searches.mated.sum())
    strangers = len(searches.mated) - mated
    return SearchRates(threshold, fpir, fnir, positives, strangers, misses, mated)


def _places(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    return np.searchsorted(scores, thresholds.astype(scores.dtype), side="right")


def _search(
    embeddings: np.ndarray,
    references: np.ndarray,
    people: np.ndarray,
    gallery: int,
    templates: int,
    frames: int,
    seed: int,
) -> Searches:
    chosen = divided(people, templates=templates, frames=frames, seed=seed)
    if not 2 <= gallery <= len(chosen.enrolled):
        raise ValueError(
            f"{len(chosen.enrolled)} people have {templates + frames} photographs, "
            f"{gallery} are needed"
        )
    drawn = np.random.default_rng(seed).permutation(len(chosen.enrolled))[:gallery]
    enrolled = chosen.enrolled[drawn]
    rows = references[chosen.templates[drawn].reshape(-1)]
    probes = means(embeddings, chosen.probes)
    count = len(probes)
    first, second = np.empty(count, np.float32), np.empty(count, np.float32)
    nearest = np.empty(count, int)
    for start in range(0, count, BLOCK):
        here = slice(start, start + BLOCK)
        cosine = probes[here] @ rows.T
        alike = cosine.reshape(len(cosine), gallery, templates).max(2)
        best = alike.argmax(1)
        nearest[here] = enrolled[best]
        two = np.partition(alike, gallery - 2, axis=1)[:, -2:]
        distances = np.sqrt(np.maximum(2 - 2 * two, 0))
        second[here], first[here] = distances.T
    mated = np.isin(chosen.probe_of, enrolled)
    right = nearest == chosen.probe_of
    return Searches(first, second, mated, right, chosen.probe_of, int(people.max()) + 1)
