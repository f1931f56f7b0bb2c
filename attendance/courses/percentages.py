"""How attendance becomes a percentage: the one place. Pure functions; docs/reports.md explains.

percentage = 100 × present' / total'

present' = present + (late, if late counts) + (excused, if it counts as present)
total'   = present + late + absent + (excused, unless it counts as nothing)

A reason of the school may say that a status counts as another: `counted_as`, once, before.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attendance.core.statuses import ABSENT, EXCUSED, LATE, PRESENT

NOTHING = "nothing"
# What a reason of the school means.
COUNTED, NOT_COUNTED, AS_PRESENT = "counted", "not_counted", "as_present"
BELOW_LIMIT, TOO_MANY, IN_A_ROW = "below_percentage", "too_many_absences", "absent_in_a_row"


@dataclass(frozen=True)
class Definitions:
    """What a course counts, and when a student is at risk."""

    late_counts: bool = True
    excused_counts_as: str = NOTHING
    min_percentage: float = 75.0
    max_absences: int | None = None
    absences_in_row: int = 3


@dataclass(frozen=True)
class Share:
    """Attended of held, both as the definitions count them."""

    present: int
    total: int

    @property
    def percentage(self) -> float:
        """0 to 100, rounded to one decimal (half of one up); 0 where nothing was held."""
        return self.tenths / 10

    @property
    def tenths(self) -> int:
        """The percentage times ten, as it is shown: what is shown also decides."""
        if not self.total:
            return 0
        return (2000 * self.present + self.total) // (2 * self.total)

    @property
    def exact(self) -> float:
        """0 to 1, unrounded, for a cell that shows it rounded."""
        return self.present / self.total if self.total else 0.0

    def __add__(self, other: Share) -> Share:
        return Share(self.present + other.present, self.total + other.total)

    def shown(self) -> dict[str, Any]:
        """`present`, `total` and `percentage`."""
        return {"present": self.present, "total": self.total, "percentage": self.percentage}


def definitions_of(course: Mapping[str, Any]) -> Definitions:
    """The definitions in a course's row; where no course is (null), the usual ones."""
    if course["late_counts"] is None:
        return Definitions()
    return Definitions(
        late_counts=bool(course["late_counts"]),
        excused_counts_as=course["excused_counts_as"],
        min_percentage=course["min_percentage"],
        max_absences=course["max_absences"],
        absences_in_row=course["absences_in_row"],
    )


def counted_as(status: str, meaning: str | None) -> str:
    """What a status counts as, given what its reason means: a status, or `NOTHING`.

    Everything below takes such words for statuses, and leaves `NOTHING` out.
    """
    if meaning == NOT_COUNTED:
        return NOTHING
    return PRESENT if meaning == AS_PRESENT else status


def share(counts: Mapping[str, int], definitions: Definitions) -> Share:
    """The share of these numbers of what counts as present, late, absent and excused."""
    excused = counts.get(EXCUSED, 0)
    present = counts.get(PRESENT, 0)
    total = present + counts.get(LATE, 0) + counts.get(ABSENT, 0)
    if definitions.late_counts:
        present += counts.get(LATE, 0)
    if definitions.excused_counts_as == PRESENT:
        present += excused
    if definitions.excused_counts_as != NOTHING:
        total += excused
    return Share(present, total)


def absences(counts: Mapping[str, int], definitions: Definitions) -> int:
    """How many sessions count as missed."""
    missed = counts.get(ABSENT, 0)
    return missed + (counts.get(EXCUSED, 0) if definitions.excused_counts_as == ABSENT else 0)


def absences_left(counts: Mapping[str, int], definitions: Definitions) -> int | None:
    """How many of the next sessions may be missed before a limit is crossed.

    None where nothing was held yet or there is no limit. With P as the limit in tenths of a
    percent, k more absences keep the rounded percentage at P where
    2000 × present' ≥ (2 P − 1) × (total' + k).
    """
    held = share(counts, definitions)
    limits = []
    if definitions.max_absences is not None:
        limits.append(definitions.max_absences - absences(counts, definitions))
    if definitions.min_percentage > 0 and held.total:
        limits.append(
            2000 * held.present // (2 * tenths(definitions.min_percentage) - 1) - held.total
        )
    return max(0, min(limits)) if limits else None


def absent_in_a_row(statuses: Sequence[str], definitions: Definitions) -> int:
    """How many of the latest sessions were missed in a row (`statuses` from first to last).

    An excused one neither adds to the row nor ends it, unless it counts as absent or present.
    """
    run = 0
    for status in reversed(statuses):
        counted = definitions.excused_counts_as if status == EXCUSED else status
        if counted == ABSENT:
            run += 1
        elif counted != NOTHING:
            break
    return run


def risks(
    counts: Mapping[str, int], statuses: Sequence[str], definitions: Definitions
) -> list[str]:
    """Why the student is at risk: any of `below_percentage`, `too_many_absences`,
    `absent_in_a_row`."""
    held = share(counts, definitions)
    found = []
    if held.total and held.tenths < tenths(definitions.min_percentage):
        found.append(BELOW_LIMIT)
    limit = definitions.max_absences
    if limit is not None and absences(counts, definitions) > limit:
        found.append(TOO_MANY)
    if absent_in_a_row(statuses, definitions) >= definitions.absences_in_row:
        found.append(IN_A_ROW)
    return found


def tenths(limit: float) -> int:
    """A limit in percent as the least rounded percentage, times ten, that reaches it."""
    return math.ceil(round(10 * limit, 6))


def summary(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Over all and by subject, from rows of `subject`, `status`, the `meaning` of a reason, `n`
    and a course's definitions."""
    subjects: dict[str, Share] = {}
    for row in rows:
        counted = counted_as(row["status"], row["meaning"])
        part = share({counted: row["n"]}, definitions_of(row))
        subjects[row["subject"]] = subjects.get(row["subject"], Share(0, 0)) + part
    return {
        "overall": sum(subjects.values(), Share(0, 0)).shown(),
        "subjects": [
            {"subject": subject, **found.shown()} for subject, found in sorted(subjects.items())
        ],
    }
