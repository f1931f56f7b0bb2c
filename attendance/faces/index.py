"""Everybody's templates in memory, each compared only with what its own networks say of a probe.

A template bears the name of its model. A probe of both networks holds what each of them says, so
templates of either are compared with that part; so are templates of both with a probe of one. What
is left, of networks that the probe says nothing about, is as if it were not there.

Distances of different models are not alike. Where they have to be put in one order, each is
replaced by the distance that is as rare between strangers in the model of the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from facerecog import Gallery, Match
from facerecog.levels import levels
from facerecog.models import as_model, within


@dataclass(frozen=True)
class Template:
    """One decrypted template: (size,) float32 of unit length, of this model."""

    model: str
    embedding: np.ndarray


@dataclass(frozen=True)
class Own:
    """How near a probe is to the student's own templates, and to the nearest other student."""

    distance: float
    nearest_other: float | None
    """As a distance in the model that the student's own templates are compared in."""
    model: str
    nearest_partner: float | None = None
    """The same to the nearest student with whom the student makes an allowed pair."""


@dataclass(frozen=True)
class Found:
    """The nearest people of a search; distances are of the nearest one's model."""

    model: str
    matches: list[Match]


class Index:
    """Who has which templates. Threads may search it while one changes it."""

    def __init__(self, model: str, precision: str) -> None:
        """`model` and `precision` are those of the probes."""
        self.model, self._precision = model, precision
        self._galleries: dict[str, Gallery] = {}
        self._counts: dict[int, int] = {}

    def __contains__(self, student: int) -> bool:
        return student in self._counts

    @property
    def people(self) -> int:
        """How many people are compared with."""
        return len(self._counts)

    @property
    def templates(self) -> int:
        """How many templates they have together."""
        return sum(list(self._counts.values()))

    def set(self, student: int, templates: Iterable[Template]) -> None:
        """Replace what is known of a student; none that compares: forget the student."""
        compared: dict[str, list[np.ndarray]] = {}
        for template in templates:
            model = self._compared_in(template.model)
            if model is not None:
                cut = as_model(template.embedding, template.model, model)
                compared.setdefault(model, []).append(cut)
        # one's templates of the probes' own model make those of an earlier one needless
        chosen = min(compared, key=lambda model: model != self.model, default=None)
        for model, gallery in self._galleries.items():
            if model != chosen:
                gallery.remove(student)
        self._counts.pop(student, None)
        if chosen is not None:
            self._galleries.setdefault(chosen, Gallery()).add(student, np.stack(compared[chosen]))
            self._counts[student] = len(compared[chosen])

    def among(self, students: Collection[int]) -> Index:
        """An index of these students only, which later changes of this one do not reach."""
        part = Index(self.model, self._precision)
        for model, templates in self.by_model().items():
            for student in students:
                if student in templates:
                    part.set(student, [Template(model, one) for one in templates[student]])
        return part

    def own(
        self,
        student: int,
        probe: np.ndarray,
        among: Collection[int] | None,
        partners: Collection[int] = (),
    ) -> Own:
        """Distance of the probe to the student and to the nearest other.

        Args:
            student: who claims the probe.
            probe: (size,) float32, unit length.
            among: the others who count; None: everybody.
            partners: with whom the student makes an allowed pair; they are no others.
        """
        model = next(
            (name for name, gallery in list(self._galleries.items()) if student in gallery),
            self.model,
        )
        mine = self._nearest(model, probe, 1, [student])
        known = {student, *partners}
        others = [
            self._as_rare_in(model, match.distance, name)
            for name in list(self._galleries)
            for match in self._nearest(name, probe, 1 + len(known), among)
            if match.key not in known
        ]
        pairs = [
            self._as_rare_in(model, match.distance, name)
            for name in list(self._galleries)
            for match in self._nearest(name, probe, 1, partners)
        ]
        return Own(
            distance=mine[0].distance if mine else float("inf"),
            nearest_other=min(others, default=None),
            model=model,
            nearest_partner=min(pairs, default=None),
        )

    def by_model(self) -> dict[str, dict[int, np.ndarray]]:
        """Everybody's templates, (n, size) each, by the model in which they are compared."""
        return {
            model: {int(student): rows for student, rows in gallery.templates().items()}
            for model, gallery in list(self._galleries.items())
        }

    def search(self, probe: np.ndarray, k: int) -> Found:
        """The `k` nearest people, the nearest first."""
        found = [
            (self._as_rare_in(self.model, match.distance, name), name, match)
            for name in list(self._galleries)
            for match in self._nearest(name, probe, k, None)
        ]
        found.sort(key=lambda entry: entry[0])
        if not found:
            return Found(self.model, [])
        model = found[0][1]
        return Found(
            model,
            [
                Match(match.key, self._as_rare_in(model, match.distance, name))
                for _, name, match in found[:k]
            ],
        )

    def are_alike(self, one: int, other: int, limit: float) -> bool:
        """Whether the nearest templates of two people are within a distance of the probes' model.

        Of templates of different models nothing is known.
        """
        for model, gallery in list(self._galleries.items()):
            first, second = gallery.of(one), gallery.of(other)
            if first is not None and second is not None:
                distance = float(np.sqrt(max(2 - 2 * float((first @ second.T).max()), 0)))
                return self._as_rare_in(self.model, distance, model) <= limit
        return False

    def _nearest(
        self, model: str, probe: np.ndarray, k: int, among: Collection[int] | None
    ) -> list[Match]:
        gallery = self._galleries.get(model)
        if gallery is None:
            return []
        part = as_model(probe, self.model, model)
        return gallery.search(part, k) if among is None else gallery.search_among(part, among, k)

    def _compared_in(self, model: str) -> str | None:
        """The model in which a template of `model` is compared; None: in none."""
        if within(model, self.model):
            return self.model
        return model if within(self.model, model) else None

    def _as_rare_in(self, wanted: str, distance: float, model: str) -> float:
        if model == wanted:
            return distance
        rate = levels(model, self._precision).fmr(distance)
        return levels(wanted, self._precision).distance(rate)
