"""Error rates on the school's own data: numbers only, of students who agreed to be recognised.

Templates of different students against each other are impostor comparisons, templates of one
student genuine ones, though of one moment. A mark's distance is a genuine score too, as far as the
mark is right; what was refused has none, so it is counted.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from attendance.core.services import Services
from database import Transaction, marks, students
from facerecog.divisions import numbered
from facerecog.rates import Estimate, rates_at
from facerecog.trials import every_pair

QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Errors:
    """Comparisons of one kind, and how many of them the threshold in force decides wrongly."""

    comparisons: int
    errors: int
    rate: float
    low: float
    """The interval holds the true rate with a confidence of 95 %."""
    high: float


@dataclass(frozen=True)
class OwnData:
    """What the school's own templates and marks say of the level in force."""

    model: str
    threshold: float
    """The largest distance that a mark accepts, Euclidean."""
    expected_fmr: float
    """Part of strangers whom it lets pass, as measured on public photographs."""
    students: int
    templates: int
    impostor: Errors | None
    """Of two students; None while there are none."""
    genuine: Errors | None
    """Of one student's templates; None while nobody has two."""
    marks: int
    """Marks by face, of which the distances are known."""
    distances: dict[str, float]
    """Their median, and what 95 and 99 % of them do not exceed, in the metric of the setting."""
    refused: int
    """Attempts whose face did not agree; kept for thirty days, longer with an appeal."""
    refused_then_marked: int
    """Of these, attempts of students who were marked by face in the same session after all: most of
    them false non-matches."""


def measured(parts: Services) -> OwnData:
    """Measure the level in force on what the school has; an empty school has nothing but zeros."""
    with parts.database.read() as tx:
        parts.faces.catch_up(tx)
        agreed = students.who_consented(tx)
        distances = np.array(marks.distances(tx), float)
        refused, then_marked = _refused(tx)
    model, threshold = parts.faces.model, parts.faces.thresholds.own(parts.faces.model)
    templates = {
        student: rows
        for student, rows in parts.faces.index.by_model().get(model, {}).items()
        if student in agreed
    }
    impostor, genuine = _errors(templates, threshold)
    return OwnData(
        model=model,
        threshold=threshold,
        expected_fmr=parts.faces.thresholds.false_match_rate(threshold),
        students=len(templates),
        templates=sum(len(rows) for rows in templates.values()),
        impostor=impostor,
        genuine=genuine,
        marks=len(distances),
        distances={
            f"{100 * part:g} %": round(float(np.quantile(distances, part)), 4)
            for part in QUANTILES
            if len(distances)
        },
        refused=refused,
        refused_then_marked=then_marked,
    )


def as_json(found: OwnData) -> dict[str, object]:
    """Every number, as JSON has it."""
    return asdict(found)


def as_text(found: OwnData) -> list[str]:
    """The lines that a person reads."""
    return [
        f"networks in use: {found.model}",
        f"a mark accepts a distance up to {found.threshold:.3f}: "
        f"{_percent(found.expected_fmr)} of strangers, on public photographs",
        f"students with templates who agreed: {found.students}, templates: {found.templates}",
        f"FMR, students with each other: {_told(found.impostor)}",
        f"FNMR, templates of one student: {_told(found.genuine)}",
        f"marks by face: {found.marks}"
        + "".join(f"; {part} up to {value}" for part, value in found.distances.items()),
        f"attempts refused because the face did not agree: {found.refused}, of which the student "
        f"was marked by face in the same session: {found.refused_then_marked}",
    ]


def _errors(
    templates: dict[int, np.ndarray], threshold: float
) -> tuple[Errors | None, Errors | None]:
    if not templates:
        return None, None
    people = numbered([f"{student:020}" for student, rows in templates.items() for _ in rows])
    order = sorted(templates)
    embeddings = np.concatenate([templates[student] for student in order])
    found = every_pair(embeddings, np.sort(people), up_to=threshold)
    (rates,) = rates_at(found.comparisons, [threshold])
    return (
        _known(rates.impostors, rates.false_matches, rates.fmr),
        _known(rates.genuine, rates.false_non_matches, rates.fnmr),
    )


def _known(comparisons: int, errors: int, rate: Estimate) -> Errors | None:
    if not comparisons or math.isnan(rate.high):
        return None
    return Errors(comparisons, errors, rate.value, rate.low, rate.high)


def _refused(tx: Transaction) -> tuple[int, int]:
    found = marks.face_refusals(tx)
    return int(found["refused"]), int(found["then_marked"])


def _told(found: Errors | None) -> str:
    if found is None:
        return "nothing to compare yet"
    return (
        f"{_percent(found.rate)} ({_percent(found.low)} to {_percent(found.high)}), "
        f"{found.errors} of {found.comparisons}"
    )


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g} %"
