"""Which way a face looks, from its five landmarks: enough to ask for pictures from three sides."""

from __future__ import annotations

import numpy as np

from facerecog.liveness import turn

STRAIGHT, LEFT, RIGHT, AWAY = "straight", "left", "right", "away"
# In parts of the distance between the eyes. Of eight public portraits those that a person calls
# straight lie under 0.09, those turned a little at 0.12 to 0.15.
TURNED = 0.1
TURNED_AWAY = 0.4


def pose(landmarks: np.ndarray) -> str:
    """`straight`, `left` or `right` (the person's own), or `away`: turned too far."""
    turned = turn(landmarks)
    if abs(turned) < TURNED:
        return STRAIGHT
    if abs(turned) > TURNED_AWAY:
        return AWAY
    return LEFT if turned > 0 else RIGHT
