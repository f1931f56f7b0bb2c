"""Faces as the outside sees them."""

from __future__ import annotations

from collections.abc import Callable

from attendance.faces import schemas
from attendance.faces.pairs import Pair
from database import Row
from facerecog import Face


def quality(face: Face) -> Row:
    """How good a picture was."""
    found = face.quality
    return schemas.FaceQuality.shown(
        {},
        quality=round(float(found.quality), 3),
        sharpness=round(float(found.sharpness), 1),
        brightness=round(float(found.brightness), 1),
        size=int(found.size),
    )


def proposal(row: Row, reported: Callable[[float], float]) -> Row:
    """An enrolment that waits; `reported` gives a distance in the metric of the setting."""
    return schemas.Proposal.shown(
        row,
        replaces=row["enrolled"] > 0,
        picture=row["pictures"] > 0,
        before=row["photos"] > 0,
        distance=None if row["distance"] is None else reported(float(row["distance"])),
    )


def pair(found: Pair, reported: Callable[[float], float]) -> Row:
    """Two students with like faces; `reported` gives a distance in the metric of the setting."""
    return schemas.PairOut.shown(
        {},
        students=[schemas.PairStudent.shown(student) for student in found.students],
        distance=None if found.distance is None else reported(found.distance),
        allowed_at=found.allowed_at,
    )
