"""Which way a face looks, from its five landmarks: enough to ask for pictures from three sides."""

from __future__ import annotations

import numpy as np

STRAIGHT, LEFT, RIGHT, AWAY = "straight", "left", "right", "away"
# In parts of the distance between the eyes. Of eight public portraits those that a person calls
# straight lie under 0.09, those turned a little at 0.12 to 0.15.
TURNED = 0.1
TURNED_AWAY = 0.4


def turn(landmarks: np.ndarray) -> float:
    """How far the nose lies beside the middle of the eyes, in distances between the eyes.

    Args:
        landmarks: (5, 2) of `facerecog.FaceResult`: the eyes (the picture's left one first), the
            nose, the corners of the mouth.

    Returns:
        Above 0: towards the right side of the picture, which is the person's own left. A head
        tilted to its shoulder is not turned: the nose is measured along the line of the eyes.
    """
    first_eye, second_eye, nose = landmarks[0], landmarks[1], landmarks[2]
    axis = second_eye - first_eye
    length_squared = float(axis @ axis)
    if length_squared == 0.0:
        return 0.0
    return float((nose - (first_eye + second_eye) / 2) @ axis) / length_squared


def pose(landmarks: np.ndarray) -> str:
    """`straight`, `left` or `right` (the person's own), or `away`: turned too far."""
    turned = turn(landmarks)
    if abs(turned) < TURNED:
        return STRAIGHT
    if abs(turned) > TURNED_AWAY:
        return AWAY
    return LEFT if turned > 0 else RIGHT
