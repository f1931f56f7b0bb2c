"""Whether a face has moved since it is followed: what hangs on a wall has not."""

from __future__ import annotations

from collections import deque

import numpy as np

SMOOTHED = 3
"""Frames whose mean is one position: what the detector adds to a still face goes out in it."""
MOVED = 0.06
"""Of the face's side, about a centimetre, by which its middle must have moved, or by which it must
have come nearer or gone away. People who sit still do so within seconds."""
TURNED = 0.08
"""Of the distance of the eyes, by which the nose must have moved beside their middle."""


class Motion:
    """What is kept of a face's positions: the extremes of their running means."""

    def __init__(self) -> None:
        self._last: deque[np.ndarray] = deque(maxlen=SMOOTHED)
        self._least = np.full(4, np.inf)
        self._most = np.full(4, -np.inf)
        self.has_moved = False

    def add(self, box: np.ndarray, width: int, height: int, landmarks: np.ndarray) -> None:
        """Take one frame's face.

        Args:
            box: (4,) parts of the frame's width and height.
            width: of the frame in pixels.
            height: of the frame in pixels.
            landmarks: (5, 2) pixels: eyes, nose, mouth corners.
        """
        if self.has_moved:
            return
        side = float(np.sqrt((box[2] - box[0]) * width * (box[3] - box[1]) * height))
        middle = landmarks.mean(axis=0)
        now = np.array([*middle, side, _turn(landmarks) * side])
        self._last.append(now)
        if len(self._last) < SMOOTHED:
            return
        mean = np.mean(self._last, axis=0)
        self._least = np.minimum(self._least, mean)
        self._most = np.maximum(self._most, mean)
        travelled = (self._most - self._least) / max(mean[2], 1.0)
        moved = float(np.hypot(travelled[0], travelled[1]))
        self.has_moved = bool(moved >= MOVED or travelled[2] >= 2 * MOVED or travelled[3] >= TURNED)


def _turn(landmarks: np.ndarray) -> float:
    """How far the nose lies beside the middle of the eyes, in distances between the eyes."""
    axis = landmarks[1] - landmarks[0]
    length = float(axis @ axis)
    if length == 0:
        return 0.0
    return float((landmarks[2] - (landmarks[0] + landmarks[1]) / 2) @ axis) / length
