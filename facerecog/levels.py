"""Security levels: which distance lets how many strangers pass, by measurement.

``levels.json`` holds, for each model and precision, the distances at which a part of other people's
comparisons is accepted (the false match rate, FMR, of ISO/IEC 19795-1), where they were measured
and how sure they are; ``python -m benchmarks.levels`` makes it with :mod:`facerecog.leveling`.

A search compares with many people, and each may be mistaken for the stranger: with the part
``fpir`` of strangers who may get a name, each of n comparisons may be wrong at a rate of fpir / n.
Templates of one person err together: with three each, a gallery counts √3 times, not three times
(docs/accuracy.md).
The gap between the nearest and the second nearest person is judged together with the distance:
``nearest − GAP_WEIGHT · (second − nearest)`` is compared with a threshold that is smaller by the
``lead`` that strangers get from it on the average.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .matching import DEFAULT_THRESHOLD

USUAL_FMR = 0.0001
"""The level where nobody chooses: one stranger in 10,000."""
TABLE = Path(__file__).with_name("levels.json")
GAP_WEIGHT = 0.5
"""Error rates are flat from a quarter to one; see docs/accuracy.md."""
STRICT_FMR = 0.00001
"""The strictest level that was measured: one stranger in 100,000."""
LARGEST = 2.0  # distance of unit vectors


@dataclass(frozen=True)
class Levels:
    """What was measured of one model in one precision."""

    model: str
    rates: tuple[float, ...]
    """False match rates, ascending."""
    distances: tuple[float, ...]
    """The distance at which each is reached, ascending."""
    leads: tuple[tuple[float, tuple[tuple[int, float], ...]], ...]
    """By FPIR, descending: how many people are searched, and what their gap is worth."""

    def distance(self, fmr: float) -> float:
        """Return the largest distance that accepts this part of strangers' comparisons.

        Between measured rates, and beyond the least of them, by the logarithm of the rate.
        """
        return _line(np.log10(fmr), np.log10(self.rates), self.distances)

    def fmr(self, distance: float) -> float:
        """Return the part of strangers' comparisons that this distance accepts, 0 to 1."""
        exponent = _line(distance, self.distances, np.log10(self.rates))
        return float(min(1.0, 10.0**exponent))

    def search_distance(
        self, fpir: float, templates: int, people: int, gap: float | None = None
    ) -> float:
        """Return the largest distance at which a search may name the nearest person.

        Args:
            fpir: part of strangers who may get a name, 0 to 1.
            templates: how many were compared with.
            people: whose they are.
            gap: how much farther the second nearest person is; None: there is no second.
        """
        allowed = self.distance(fpir / max((templates * people) ** 0.5, 1))
        if gap is not None:
            allowed += GAP_WEIGHT * gap - self._lead(fpir, people)
        return float(np.clip(allowed, 0, LARGEST))

    def _lead(self, fpir: float, people: int) -> float:
        measured = next((lead for rate, lead in self.leads if fpir >= rate), self.leads[-1][1])
        counts, leads = zip(*measured, strict=True)
        return float(np.interp(np.log10(max(people, 2)), np.log10(counts), leads))


def measured() -> dict[str, Any]:
    """Return the table as it was made, with its origin and confidence."""
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@lru_cache(16)
def levels(model: str, precision: str) -> Levels:
    """Return the levels of a model as it is computed in ``int8``, ``bf16`` or ``f32``.

    Raises:
        KeyError: this model was not measured.
    """
    found = measured()["models"][model]
    entry = found[precision]
    distances = sorted(entry["distances"])
    leads = sorted(((float(rate), lead) for rate, lead in entry["leads"].items()), reverse=True)
    return Levels(
        model,
        tuple(rate for rate, _ in distances),
        tuple(distance for _, distance in distances),
        tuple((rate, tuple((int(n), float(by)) for n, by in lead)) for rate, lead in leads),
    )


def usual_distance(model: str, precision: str) -> float:
    """Return the distance of the usual level, or FaceNet's of old for a model not measured."""
    try:
        return levels(model, precision).distance(USUAL_FMR)
    except KeyError:
        return DEFAULT_THRESHOLD


def _line(x: float, xs: Any, ys: Any) -> float:
    """Interpolate on ascending xs; beyond the ends go on as between the last two."""
    place = int(np.clip(np.searchsorted(xs, x) - 1, 0, len(xs) - 2))
    slope = (ys[place + 1] - ys[place]) / (xs[place + 1] - xs[place])
    return float(ys[place] + (x - xs[place]) * slope)
