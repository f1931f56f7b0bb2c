"""Whom a camera may recognise: the session's students who agreed to it, and nobody else.

Who that is is asked of the database at every frame, so that a consent that was taken back counts
with the next one, on every process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from attendance.core.services import Services
from attendance.faces.index import Index
from attendance.faces.thresholds import FOLLOWED_SHARE, Thresholds
from database import Row, Transaction, cameras
from facerecog.tracks import Judge, Rules, Verdict

CANDIDATES = 3


@dataclass(frozen=True)
class Room:
    """The gallery of one session at one moment."""

    people: dict[int, Row]
    """`student_id` and `name` by the table's id."""
    index: Index
    thresholds: Thresholds

    @property
    def judge(self) -> Judge:
        """Compares a probe with this gallery, at the level that its size asks for."""
        return judge_of(self.index, self.thresholds)

    @property
    def judge_of_tracks(self) -> Judge:
        """The same for the frames of a face that is followed, judged together."""
        return judge_of(self.index, self.thresholds, FOLLOWED_SHARE)

    @property
    def rules(self) -> Rules:
        """When enough is known of a face that is followed."""
        return Rules(apart=self.thresholds.same(self.thresholds.model) + 0.1)


def of_courses(parts: Services, tx: Transaction, courses: Sequence[int | None]) -> Room:
    """The gallery of these courses together; None is the whole school."""
    people = {int(row["id"]): row for course in courses for row in cameras.gallery(tx, course)}
    parts.faces.catch_up(tx)
    return Room(people, parts.faces.among(people), parts.faces.thresholds)


def judge_of(
    index: Index, thresholds: Thresholds, share: float = 1.0
) -> Callable[[np.ndarray], Verdict]:
    """What the index says of a probe.

    A name needs the level of a search in it; who is nearer than the level of a mark could be meant.
    Of two people whose own templates are as near as that, twins above all, a face never names one:
    both could be meant. `share` is that of `Thresholds.names`.
    """
    templates, people = index.templates, index.people
    alike = thresholds.own(index.model)

    def judge(probe: np.ndarray) -> Verdict:
        found = index.search(probe, CANDIDATES)
        if not found.matches:
            return Verdict(None, False, False)
        nearest, *others = found.matches
        second = others[0].distance if others else None
        named = thresholds.names(
            found.model, nearest.distance, second, templates, people, share=share
        )
        own = thresholds.own(found.model)
        if not named and nearest.distance > own:
            return Verdict(nearest, False, False)
        one = int(nearest.key)
        twins = [other for other in others if index.are_alike(one, int(other.key), alike)]
        like = [other for other in others if other.distance <= own or other in twins]
        return Verdict(nearest, named and not twins, True, (nearest, *like))

    return judge
