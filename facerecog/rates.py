"""Error rates of comparisons, in the words of ISO/IEC 19795-1: distances in, rates out.

A comparison is *genuine* (of one person: ISO says mated) or *impostor* (of two people: non-mated).
FMR, the false match rate, is the part of impostor comparisons whose distance a threshold accepts;
FNMR, the false non-match rate, the part of genuine comparisons whose distance it does not.

Intervals hold with a confidence of 95 %. They come from a bootstrap that draws people, not
comparisons: whoever is hard to recognise is so in all of their photographs, and drawing single
comparisons would give intervals several times too narrow (Bolle, Ratha, Pankanti: "Error analysis
of pattern recognition systems: the subsets bootstrap", CVIU 93, 2004; Poh, Martin, Bengio:
"Performance generalization in biometric authentication using joint user-specific and sample
bootstraps", PAMI 29, 2007). Where there was no error there is nothing to draw from, and the rule of
three gives the upper end: 3 / n for n comparisons that have no person in common (ISO/IEC
19795-1:2006, annex B).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

FMRS = (1e-2, 1e-3, 1e-4, 1e-5)
"""False match rates at which systems are compared."""
REPLICATES = 200
"""How often people are drawn anew for an interval."""
TAILS = (0.025, 0.975)
NORMAL = 1.96
"""Standard deviations on either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Estimate:
    """A measured value with the interval that holds the true one with a confidence of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparisons:
    """Distances of every genuine comparison, and of the nearest impostor comparisons.

    People are numbered from 0. Of millions of impostor comparisons only the nearest can be errors
    at a threshold of use; the others are counted, by :attr:`probes` and :attr:`references`.
    """

    genuine: np.ndarray
    """(g,) float32, in any order."""
    genuine_of: np.ndarray
    """(g,) int: whose."""
    impostor: np.ndarray
    """(t,) float32, ascending: every impostor comparison up to :attr:`reach`."""
    impostor_of: np.ndarray
    """(t, 2) int: of which two people, the probe's and the reference's."""
    probes: np.ndarray
    """(people,) int: how many probes each person has in the impostor comparisons."""
    references: np.ndarray
    """(people,) int: to how many references of each person they are compared."""
    symmetric: bool = False
    """Whether every photograph is compared with every other once (probes are references then)."""
    reach: float = math.inf
    """The distance up to which every impostor comparison is among the nearest."""

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.probes)

    @property
    def impostors(self) -> int:
        """How many impostor comparisons there are, near ones and others."""
        return round(self.weight(np.ones(self.people)))

    def weight(self, drawn: np.ndarray) -> float:
        """Return how many impostor comparisons people make who are ``drawn`` (people,) times.

        Copies of one person are not compared with each other.
        """
        probes, references = drawn * self.probes, drawn * self.references
        every = probes.sum() * references.sum() - (probes * references).sum()
        return float(every) / (2 if self.symmetric else 1)


@dataclass(frozen=True)
class Rates:
    """What one threshold does."""

    threshold: Estimate
    fmr: Estimate
    fnmr: Estimate
    false_matches: int
    """Impostor comparisons that the threshold accepts; under 30 the FMR is not established."""
    impostors: int
    false_non_matches: int
    genuine: int


def threshold_at(fmr: float, impostor_distances: np.ndarray) -> Estimate:
    """Return the largest threshold at which at most ``fmr`` of the impostor comparisons match.

    A distance up to and including the threshold is accepted. The interval is that of the order
    statistics, as if no two comparisons had a person in common: where it is known who is compared
    with whom, :func:`rates_at_fmr` gives a truer one.

    Args:
        fmr: over 0, under 1.
        impostor_distances: (n,) of all impostor comparisons, in any order.

    Raises:
        ValueError: there is no distance, or the rate is none.
    """
    distances = np.asarray(impostor_distances)
    count = len(distances)
    if not count or not 0 < fmr < 1:
        raise ValueError("distances, and a rate between 0 and 1, are needed")
    allowed = _allowed(fmr * count)
    spread = NORMAL * np.sqrt(max(allowed, 1) * (1 - fmr))
    ranks = [
        int(np.clip(rank, 0, count - 1))
        for rank in (allowed, np.floor(allowed - spread), np.ceil(allowed + spread))
    ]
    ordered = np.partition(distances, sorted(set(ranks)))
    return Estimate(*(just_under(ordered[rank]) for rank in ranks))


def rates_at_fmr(
    comparisons: Comparisons,
    fmrs: Sequence[float] = FMRS,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Rates]:
    """Return for each rate the threshold that keeps to it, and the FNMR there, with intervals.

    Each replicate chooses its own threshold, so that the FNMR's interval holds what the choice of
    the threshold adds.

    Raises:
        ValueError: the nearest impostor comparisons do not reach as far as the largest rate, or
            there are none.
    """

    def choose(near: np.ndarray, weight: float) -> np.ndarray:
        return np.array([_threshold(comparisons.impostor, near, fmr * weight) for fmr in fmrs])

    every = np.arange(1, len(comparisons.impostor) + 1)
    if np.isnan(choose(every, comparisons.impostors)).any():
        raise ValueError("more of the nearest impostor comparisons are needed")
    return _rates(comparisons, choose, replicates, seed)


def rates_at(
    comparisons: Comparisons,
    thresholds: Sequence[float],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> list[Rates]:
    """Return what the thresholds do, with intervals.

    Raises:
        ValueError: the nearest impostor comparisons do not reach as far as the largest threshold.
    """
    if max(thresholds) > comparisons.reach:
        raise ValueError("more of the nearest impostor comparisons are needed")
    chosen = np.array(thresholds, float)
    return _rates(comparisons, lambda near, weight: chosen, replicates, seed)


def rule_of_three(independent: int) -> float:
    """Return the upper end of a rate without an error among ``independent`` comparisons.

    ISO/IEC 19795-1:2006, annex B: 3 / n, with a confidence of 95 %.
    """
    return min(1.0, 3 / independent) if independent > 0 else 1.0


def draws(people: int, replicates: int, seed: int) -> Iterator[np.ndarray]:
    """Yield, for each replicate, how often each of ``people`` is drawn, as (people,) int."""
    rng = np.random.default_rng(seed)
    for _ in range(replicates):
        yield np.bincount(rng.integers(0, people, people), minlength=people)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the middle 95 % of replicates, those without a value left out."""
    there = np.array(values, float)
    there = there[~np.isnan(there)]
    if not len(there):
        return float("nan"), float("nan")
    low, high = np.quantile(there, TAILS)
    return float(low), float(high)


def just_under(distance: float) -> float:
    """Return the largest float32 that is less than a distance."""
    return float(np.nextafter(np.float32(distance), np.float32(-1)))


def _rates(
    comparisons: Comparisons,
    choose: Callable[[np.ndarray, float], np.ndarray],
    replicates: int,
    seed: int,
) -> list[Rates]:
    order = np.argsort(comparisons.genuine)
    genuine, whose = comparisons.genuine[order], comparisons.genuine_of[order]
    first, second = comparisons.impostor_of.T

    def once(drawn: np.ndarray) -> np.ndarray:
        """Thresholds, FMR and FNMR at them, and the errors, as (5, n)."""
        near = np.cumsum(drawn[first] * drawn[second])
        total = comparisons.weight(drawn)
        thresholds = choose(near, total)
        # The FMR of a replicate is that of the one threshold that is in use.
        fixed = thresholds if measured is None else measured[0]
        matches = _up_to(comparisons.impostor, near, fixed)
        own = np.cumsum(drawn[whose])
        kept = _up_to(genuine, own, thresholds)
        everything = own[-1] if len(own) else 0
        misses = everything - kept
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([thresholds, matches / total, misses / everything, matches, misses])

    measured: np.ndarray | None = None
    measured = once(np.ones(comparisons.people, int))
    drawn = [once(times) for times in draws(comparisons.people, replicates, seed)]
    tested = len(np.unique(whose))
    results = []
    for place in range(measured.shape[1]):
        threshold, fmr, fnmr = (
            Estimate(float(measured[row, place]), *interval([d[row, place] for d in drawn]))
            for row in range(3)
        )
        matches, misses = int(measured[3, place]), int(measured[4, place])
        if comparisons.impostors and not matches:
            fmr = Estimate(fmr.value, 0.0, rule_of_three(comparisons.people // 2))
        if tested and not misses:
            fnmr = Estimate(fnmr.value, 0.0, rule_of_three(tested))
        results.append(
            Rates(threshold, fmr, fnmr, matches, comparisons.impostors, misses, len(genuine))
        )
    return results


def _threshold(impostor: np.ndarray, near: np.ndarray, weight: float) -> float:
    """Return the largest threshold that accepts at most ``weight`` of the impostor comparisons.

    Not a number where the nearest do not reach so far.
    """
    place = int(np.searchsorted(near, _allowed(weight), side="right"))
    return just_under(impostor[place]) if place < len(impostor) else float("nan")


def _up_to(distances: np.ndarray, weights: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the weight of ascending distances up to each threshold; ``weights`` is cumulated."""
    # In the distances' own precision: as a float64, 0.9 lies beside the float32 that is nearest.
    places = np.searchsorted(distances, thresholds.astype(distances.dtype), side="right")
    return np.concatenate([[0], weights])[places]


def _allowed(weight: float) -> int:
    """Return the whole number of errors that a weight allows; 0.29 × 100 is 29, and not 28."""
    return int(np.floor(weight * (1 + 1e-12) + 1e-9))
