"""An evaluation: embeddings of labelled photographs in, the figures of a report out.

The words are those of ISO/IEC 19795-1; :mod:`facerecog.rates` and :mod:`facerecog.searches` define
the rates and their intervals, :mod:`facerecog.trials` says what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .acquisition import Acquired
from .divisions import numbered
from .levels import GAP_WEIGHT
from .matching import DEFAULT_THRESHOLD
from .rates import (
    FMRS,
    REPLICATES,
    Estimate,
    Rates,
    draws,
    interval,
    rates_at,
    rates_at_fmr,
    rule_of_three,
)
from .searches import (
    FPIRS,
    Score,
    SearchRates,
    by_distance,
    by_distance_and_gap,
    rates_at_fpir,
    search,
)
from .trials import Trial, against_templates, every_pair

TEMPLATES = (1, 2, 3, 4, 5)
FRAMES = (1, 3)
ENOUGH = 30
"""People from whom a row of a table tells anything."""
GALLERIES = (30, 100, 300, 1000)
"""People enrolled in a search; the largest gallery that a folder allows comes along."""
STRANGERS = 1 / 3
"""Part of the people that at least stays outside of a gallery."""
DRAWS = 5
"""How often templates and galleries are chosen anew."""
DECISIONS: dict[str, Score] = {
    "distance": by_distance,
    "distance and gap": by_distance_and_gap(GAP_WEIGHT),
}

Groups = Mapping[str, Mapping[str, str]]
"""The people's groups, by the name of what they are grouped by: sex → person → female."""


@dataclass(frozen=True)
class Verified:
    """Verification with so many templates and frames."""

    templates: int
    frames: int
    people: int
    """Who has templates."""
    rates: list[Rates]


@dataclass(frozen=True)
class Identified:
    """Identification in a gallery."""

    gallery: int
    templates: int
    frames: int
    decision: str
    strangers: int
    """People who are not enrolled."""
    rates: list[SearchRates]


@dataclass(frozen=True)
class GroupRates:
    """What a group of people meets: at the thresholds of all, and at those of its own."""

    by: str
    group: str
    people: int
    photographs: int
    common: list[Rates]
    """At the thresholds that all people together have at the FMRs; compared within the group."""
    own: list[Rates]
    """At thresholds that keep to the FMRs within the group."""


@dataclass(frozen=True)
class Measured:
    """Everything that an evaluation found."""

    photographs: int
    people: int
    failure_to_acquire: Estimate
    refused: dict[str, int]
    verification: list[Rates]
    """Every photograph with every other, at the FMRs of ``FMRS``."""
    in_force: Rates
    """The same at the threshold in force."""
    templates: list[Verified]
    searches: list[Identified]
    groups: list[GroupRates]
    det: tuple[np.ndarray, np.ndarray]
    """FMR and FNMR of many thresholds, ascending."""
    genuine_histogram: np.ndarray
    impostor_histogram: np.ndarray


def measure(
    acquired: Acquired,
    *,
    threshold: float = DEFAULT_THRESHOLD,
    groups: Groups | None = None,
    told: Callable[[str], object] = lambda what: None,
) -> Measured:
    """Measure all that the photographs allow.

    Args:
        acquired: see :func:`facerecog.acquisition.acquire`.
        threshold: the largest distance that is accepted in use.
        groups: of people; who stands in none is left out there.
        told: called with a word before each part.

    Raises:
        ValueError: there are not two people, or nobody has two photographs.
    """
    people = numbered(acquired.names)
    if len(set(acquired.names)) < 2 or len(set(acquired.names)) == len(acquired.names):
        raise ValueError("photographs of two people are needed, and two of one of them")
    told("verification")
    pairs = every_pair(acquired.embeddings, people, templates=acquired.templates, up_to=threshold)
    verification = rates_at_fmr(pairs.comparisons)
    (in_force,) = rates_at(pairs.comparisons, [threshold])
    told("templates")
    templates = _templates(acquired, people)
    told("identification")
    searches = _searches(acquired, people)
    told("groups")
    thresholds = [rates.threshold.value for rates in verification]
    return Measured(
        acquired.photographs,
        len({*acquired.names, *acquired.refused_of}),
        _failure_to_acquire(acquired),
        dict(acquired.refused.most_common()),
        verification,
        in_force,
        templates,
        searches,
        _groups(acquired, thresholds, groups or {}),
        _det(pairs),
        pairs.genuine_histogram,
        pairs.impostor_histogram,
    )


def _failure_to_acquire(acquired: Acquired) -> Estimate:
    """Return the part of photographs that were refused; the interval draws people."""
    names = [*acquired.names, *acquired.refused_of]
    people = numbered(names)
    refused = np.arange(len(names)) >= len(acquired.names)
    each, all_of_them = np.bincount(people, refused), np.bincount(people)
    value = float(each.sum() / all_of_them.sum())
    if not refused.any():
        return Estimate(0.0, 0.0, rule_of_three(len(all_of_them)))
    drawn = [
        float((times * each).sum() / (times * all_of_them).sum())
        for times in draws(len(each), REPLICATES, seed=0)
    ]
    return Estimate(value, *interval(drawn))


def _templates(acquired: Acquired, people: np.ndarray) -> list[Verified]:
    """Verify with one to five templates and one and three frames, of the same people throughout.

    Who has more photographs is not as hard to recognise as who has few, so rows of different people
    would differ by that too.
    """
    sizes = np.bincount(people)
    wanted = [(count, frames) for frames in FRAMES for count in TEMPLATES]
    most = max(TEMPLATES) + min(FRAMES)
    at_least = next((n for n in range(most, 1, -1) if (sizes >= n).sum() >= ENOUGH), most)
    rows = []
    for count, frames in wanted:
        if count + frames > at_least or not (sizes >= at_least).any():
            continue
        trial = against_templates(
            acquired.embeddings,
            people,
            templates=count,
            frames=frames,
            at_least=at_least,
            draws=DRAWS,
            references=acquired.templates,
        )
        enrolled = int((sizes >= at_least).sum())
        rows.append(Verified(count, frames, enrolled, rates_at_fmr(trial.comparisons)))
    return rows


def _searches(acquired: Acquired, people: np.ndarray) -> list[Identified]:
    sizes = np.bincount(people)
    rows = []
    for frames in FRAMES:
        for count in (1, 3, 5):
            enrollable = int((sizes >= count + frames).sum())
            most = min(enrollable, int(len(sizes) * (1 - STRANGERS)))
            galleries = sorted({*(size for size in GALLERIES if size < 0.9 * most), most})
            for gallery in galleries if most >= ENOUGH else ():
                found = search(
                    acquired.embeddings,
                    people,
                    gallery=gallery,
                    templates=count,
                    frames=frames,
                    draws=DRAWS,
                    references=acquired.templates,
                )
                strangers = len(sizes) - gallery
                rows += [
                    Identified(gallery, count, frames, name, strangers, rates)
                    for name, score in DECISIONS.items()
                    for rates in [rates_at_fpir(found, FPIRS, score)]
                ]
    return rows


def _groups(acquired: Acquired, thresholds: list[float], groups: Groups) -> list[GroupRates]:
    rows = []
    for by, members in groups.items():
        for group in sorted(set(members.values())):
            kept = np.array([members.get(name) == group for name in acquired.names], bool)
            names = [name for name, keep in zip(acquired.names, kept, strict=True) if keep]
            if len(set(names)) < ENOUGH or len(set(names)) == len(names):
                continue
            templates = None if acquired.templates is None else acquired.templates[kept]
            trial = every_pair(
                acquired.embeddings[kept],
                numbered(names),
                templates=templates,
                up_to=max(thresholds),
            )
            rows.append(
                GroupRates(
                    by,
                    group,
                    len(set(names)),
                    len(names),
                    rates_at(trial.comparisons, thresholds),
                    rates_at_fmr(trial.comparisons),
                )
            )
    return rows


def _det(trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    accepted = np.cumsum(trial.impostor_histogram) / max(1, trial.impostor_histogram.sum())
    refused = 1 - np.cumsum(trial.genuine_histogram) / max(1, trial.genuine_histogram.sum())
    there = (accepted > 0) & (accepted < 0.5)
    return accepted[there], refused[there]


def thresholds_of(measured: Measured) -> dict[str, float]:
    """Return the thresholds by the FMRs that they keep to, as they are called in a drawing."""
    return {
        f"FMR {fmr:g}": rates.threshold.value
        for fmr, rates in zip(FMRS, measured.verification, strict=True)
    }
