"""Which way a face looks, from landmarks made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from attendance.faces.pose import AWAY, LEFT, RIGHT, STRAIGHT, pose
from facerecog.liveness import turn


def face(nose_x: float) -> np.ndarray:
    """Eyes 40 pixels apart around x = 100."""
    return np.array([[80, 100], [120, 100], [nose_x, 125], [85, 145], [115, 145]], np.float32)


@pytest.mark.parametrize(
    ("nose_x", "expected"),
    [(100, STRAIGHT), (103, STRAIGHT), (106, LEFT), (94, RIGHT), (120, AWAY), (80, AWAY)],
)
def test_the_nose_tells_the_way(nose_x: float, expected: str) -> None:
    assert pose(face(nose_x)) == expected


@pytest.mark.parametrize("degrees", [-30, -10, 20])
def test_a_tilted_head_is_not_turned(degrees: float) -> None:
    angle = np.radians(degrees)
    tilt = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert turn(face(106) @ tilt.T) == pytest.approx(turn(face(106)), abs=1e-5)


def test_eyes_in_one_place_are_no_reason_to_fail() -> None:
    assert pose(np.zeros((5, 2), np.float32)) == STRAIGHT
