"""Faces as the outside sees them."""

from __future__ import annotations

from database import Row
from facerecog import Face


def quality(face: Face) -> Row:
    """How good a picture was."""
    found = face.quality
    return {
        "quality": round(float(found.quality), 3),
        "sharpness": round(float(found.sharpness), 1),
        "brightness": round(float(found.brightness), 1),
        "size": int(found.size),
    }
