"""Making the tables of :mod:`facerecog.levels` from embeddings of many people.

Verification is measured as ISO/IEC 19795-1 says: each probe is compared with each other
photograph's template; comparisons of one person give the false non-match rate (FNMR), those of two
people the false match rate (FMR). Comparisons of the same people are not independent, so that
confidence intervals are bootstrapped over people (Bolle, Ratha and Pankanti 2004, "Error analysis
of pattern recognition systems: the subsets bootstrap").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .levels import GAP_WEIGHT

RATES = (1e-2, 1e-3, 1e-4, 1e-5)
FPIRS = (0.01, 0.003)
GALLERIES = (2, 3, 5, 10, 30, 100, 300, 1000)
DRAWS = 60  # galleries of each size
STRANGERS = 500  # who search each gallery
RESAMPLES = 500


class Comparisons:
    """Every probe against every template but its own photograph's."""

    def __init__(self, templates: np.ndarray, probes: np.ndarray, people: np.ndarray) -> None:
        """Take (n, size) float32 of unit length each, and the n people's names."""
        names, self.person = np.unique(people, return_inverse=True)
        self.count = len(names)
        self.distance = np.sqrt(np.maximum(2 - 2 * probes @ templates.T, 0))
        self.same = self.person[:, None] == self.person[None]
        self.mated = self.same & ~np.eye(len(people), dtype=bool)

    def among(self, chosen: np.ndarray) -> Comparisons:
        """Return the comparisons of the people for whom ``chosen`` (count,) is true."""
        rows = chosen[self.person]
        part = object.__new__(Comparisons)
        part.person = np.unique(self.person[rows], return_inverse=True)[1]
        part.count = int(chosen.sum())
        place = np.ix_(rows, rows)
        part.distance, part.same = self.distance[place], self.same[place]
        part.mated = self.mated[place]
        return part

    def at(self, rates: tuple[float, ...] = RATES) -> list[float]:
        """Return the distance that accepts each part of the comparisons of two people."""
        other = np.sort(self.distance[~self.same])
        return [float(other[int(rate * len(other))]) for rate in rates]

    def errors(self, distance: float, rng: np.random.Generator) -> dict[str, list[float]]:
        """Return FNMR and FMR at a distance, each with the ends of its 95 % interval."""
        refused = np.bincount(
            self.person, (self.mated & (self.distance > distance)).sum(axis=1), self.count
        )
        mated = np.bincount(self.person, self.mated.sum(axis=1), self.count)
        accepted = ~self.same & (self.distance <= distance)
        first, second = (self.person[index] for index in np.nonzero(accepted))
        size = np.bincount(self.person, minlength=self.count).astype(float)
        fnmr, fmr = [], []
        for weight in rng.multinomial(self.count, [1 / self.count] * self.count, RESAMPLES):
            fnmr.append((weight @ refused) / max(weight @ mated, 1))
            others = (weight @ size) ** 2 - (weight**2) @ (size**2)
            fmr.append((weight[first] * weight[second]).sum() / max(others, 1))
        found = {
            "fnmr": (refused.sum() / max(mated.sum(), 1), fnmr),
            "fmr": (len(first) / max((~self.same).sum(), 1), fmr),
        }
        return {
            name: [_rounded(value), *(_rounded(x) for x in np.quantile(draws, (0.025, 0.975)))]
            for name, (value, draws) in found.items()
        }

    def leads(self, fpir: float, rng: np.random.Generator) -> list[tuple[int, float]]:
        """Return what the gap to the second is worth to a stranger, by the gallery's size.

        One template a person: as much smaller the threshold for distance and gap together must be
        than that for the distance alone, which accepts fpir / n of the comparisons.
        """
        first = np.unique(self.person, return_index=True)[1]
        distance = self.distance[np.ix_(first, first)]
        other = np.sort(distance[~np.eye(len(first), dtype=bool)])
        found = []
        for size in GALLERIES:
            if size * 1.2 > self.count:
                break
            scores = []
            for _ in range(DRAWS):
                order = rng.permutation(self.count)
                gallery, strangers = order[:size], order[size : size + STRANGERS]
                two = np.sort(distance[np.ix_(strangers, gallery)], axis=1)[:, :2]
                scores.append(two[:, 0] - GAP_WEIGHT * (two[:, 1] - two[:, 0]))
            alone = other[int(fpir / size * len(other))]
            found.append((size, float(alone - np.quantile(np.concatenate(scores), fpir))))
        return [(size, round(lead, 3)) for size, lead in found]


def table(
    templates: np.ndarray, probes: np.ndarray, people: np.ndarray, seed: int = 0
) -> dict[str, Any]:
    """Measure one model in one precision: an entry of ``levels.json``.

    The distances in use come from everybody. How much to trust them is found out by choosing
    distances on one half of the people and measuring them on the other.
    """
    rng = np.random.default_rng(seed)
    whole = Comparisons(templates, probes, people)
    chosen = rng.permutation(whole.count) % 2 == 0
    one, other = whole.among(chosen), whole.among(~chosen)
    return {
        "distances": [[r, round(d, 4)] for r, d in zip(RATES, whole.at(), strict=True)],
        "leads": {str(fpir): whole.leads(fpir, rng) for fpir in FPIRS},
        "people": whole.count,
        "photographs": len(people),
        "errors": [
            {"fmr_wanted": rate, "distance": round(distance, 4), **whole.errors(distance, rng)}
            for rate, distance in zip(RATES, whole.at(), strict=True)
        ],
        "other_half": [
            {"fmr_wanted": rate, "distance": round(distance, 4), **other.errors(distance, rng)}
            for rate, distance in zip(RATES, one.at(), strict=True)
        ],
    }


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
