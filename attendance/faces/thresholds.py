"""The distances that decide, from the security level or set by hand."""

from __future__ import annotations

from attendance.core.settings import Settings
from facerecog import DEFAULT_THRESHOLD, IDENTIFICATION_MARGIN
from facerecog.levels import STRICT_FMR, levels

SAME_FMR = 0.001
"""Of two people who enrol together, how many pass as one."""
FOLLOWED_SHARE = 0.1
"""Of the strangers whom a search may name, so many may a camera that follows faces: it looks at
more of them, and several frames together miss nobody more for it (docs/performance.md)."""
TAKEN_FPIR = 0.01
"""Of new students, how many are told wrongly that their face is another's."""


class Thresholds:
    """What counts as near enough. A distance set by hand counts for every model."""

    def __init__(self, settings: Settings, model: str, precision: str) -> None:
        """`model` and `precision` are those of the probes."""
        self._settings, self.model, self._precision = settings, model, precision

    def own(self, model: str) -> float:
        """Largest distance at which a face counts as the student's own.

        Templates that FaceNet made before there were two networks stay as good as they were, until
        they are replaced: who was let in yesterday is let in today.
        """
        if self._settings.face_threshold is not None:
            return self._settings.face_threshold
        allowed = levels(model, self._precision).distance(self._settings.face_fmr)
        if model != self.model and model == "vggface2":
            return max(allowed, DEFAULT_THRESHOLD)
        return allowed

    def strict(self, model: str) -> float:
        """Largest distance at which a probe may take the place of a template of another model."""
        return min(self.own(model), levels(model, self._precision).distance(STRICT_FMR))

    def same(self, model: str) -> float:
        """Largest distance between the pictures of one enrolment or one moment."""
        if self._settings.face_same_threshold is not None:
            return self._settings.face_same_threshold
        return levels(model, self._precision).distance(SAME_FMR)

    def taken(self, model: str, templates: int) -> float:
        """Distance up to which a new face is another student's, of whom there are so many."""
        if self._settings.face_taken_threshold is not None:
            return self._settings.face_taken_threshold
        rate = min(STRICT_FMR, TAKEN_FPIR / max(templates, 1))
        return levels(model, self._precision).distance(rate)

    def in_force(self, name: str, templates: int) -> float | None:
        """The distance that a setting of this name stands for now; None: it is no distance."""
        if name == "face_threshold":
            return self.own(self.model)
        if name == "face_same_threshold":
            return self.same(self.model)
        if name == "face_taken_threshold":
            return self.taken(self.model, templates)
        if name == "identify_threshold":
            fpir, of = self._settings.identify_fpir, levels(self.model, self._precision)
            alone = of.search_distance(fpir, templates, templates)
            by_hand = self._settings.identify_threshold
            return alone if by_hand is None else by_hand
        return None

    def false_match_rate(self, distance: float) -> float:
        """Part of strangers whose comparison this distance accepts, 0 to 1."""
        return levels(self.model, self._precision).fmr(distance)

    def names(
        self,
        model: str,
        nearest: float,
        second: float | None,
        templates: int,
        people: int,
        *,
        share: float = 1.0,
    ) -> bool:
        """Whether the nearest of a gallery is who is searched for, and not an unknown person.

        `share`: of the strangers who may get a name by IDENTIFY_FPIR.
        """
        gap = None if second is None else second - nearest
        by_hand, margin = self._settings.identify_threshold, self._settings.identify_margin
        if by_hand is not None and margin is None:
            margin = IDENTIFICATION_MARGIN
        if gap is not None and margin is not None and gap < margin:
            return False
        if by_hand is not None:
            return nearest <= by_hand
        of = levels(model, self._precision)
        surely_both = second is not None and second <= of.distance(STRICT_FMR)
        if surely_both and gap is not None and gap < IDENTIFICATION_MARGIN:
            return False  # two accounts of one face, or twins
        fpir = self._settings.identify_fpir * share
        return nearest <= of.search_distance(fpir, templates, people, gap)
