"""Cameras and sightings, as the outside sees them."""

from __future__ import annotations

from collections.abc import Sequence

from attendance.room import schemas
from attendance.room.comparing import Compared
from database import Row


def sighting(row: Row, candidates: Sequence[Row]) -> Row:
    """A sighting with the students who could be meant."""
    return schemas.Sighting.shown(
        row,
        at=row["seen_at"],
        box=[round(float(row[edge]), 4) for edge in ("x1", "y1", "x2", "y2")],
        crop=bool(row["has_crop"]),
        candidates=[schemas.Candidate.shown(each) for each in candidates],
        decided=row["decided_at"] is not None,
    )


def compared(found: Compared) -> Row:
    """What the phones and the cameras say of a session."""
    return schemas.Compared.shown(
        found,
        enough=found.is_enough,
        unseen=[schemas.SeenStudent.shown(row) for row in found.unseen],
        unmarked=[schemas.SeenStudent.shown(row) for row in found.unmarked],
    )
