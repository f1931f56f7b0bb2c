"""Whether frames show a head that turned as it was asked to, or a picture that was tilted.

A flat picture, however it is held, is carried from one frame to the next by a homography. The one
that carries both eyes and both corners of the mouth predicts where the nose must be; the nose of a
head stands before that plane, and goes where the head turns. How far it does so in several frames,
and what single frames tell of print and screen, are weighed by a small model that is fitted on made
material (`python -m benchmarks.liveness`, docs/accuracy.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal, cast

import cv2
import numpy as np

from .recognizer import Face

Step = Literal["straight", "left", "right", "near", "far"]
STRAIGHT, LEFT, RIGHT, NEAR, FAR = "straight", "left", "right", "near", "far"
LEAST_TURN = 0.05
"""By which a turned frame differs from the straight one at least, in distances between the eyes."""
LEAST_APPROACH = 1.25
"""How much larger a face is near than far, at least."""
FEATURES = ("turn", "turn_less", "depth", "depth_less", "across", "peaks", "black")
_MODEL = Path(__file__).with_name("liveness.json")


@dataclass(frozen=True)
class Verdict:
    """What frames show.

    `score`: how sure it is that a head turned, in logarithms of odds. `step`, from 1: which frame
    does not show what was asked, `None` where all do.
    """

    score: float
    step: int | None
    alive: bool


def turn(landmarks: np.ndarray) -> float:
    """How far the nose lies beside the middle of the eyes, in distances between the eyes.

    Args:
        landmarks: (5, 2): the eyes (the picture's left one first), the nose, the corners of the
            mouth.

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


def depth(before: np.ndarray, after: np.ndarray) -> float:
    """How far the nose stands off the plane of eyes and mouth, seen after a turn.

    Args:
        before, after: (5, 2) landmarks of two frames.

    Returns:
        Along the line of the eyes, in distances between them; 0 for what is flat, above 0 where the
        nose went to the right of the picture.
    """
    plane = [0, 1, 3, 4]
    carried = cv2.getPerspectiveTransform(
        before[plane].astype(np.float32), after[plane].astype(np.float32)
    )
    there = cv2.perspectiveTransform(before[None, 2:3].astype(np.float64), carried)[0, 0]
    axis = after[1] - after[0]
    length_squared = float(axis @ axis)
    if length_squared == 0.0:
        return 0.0
    return float((after[2] - there) @ axis) / length_squared


def features(faces: Sequence[Face], steps: Sequence[str]) -> dict[str, float]:
    """What the model weighs, of frames of straight, left and right in any order.

    Where a step was asked several times, the mean of all ways to take one frame of each.
    """
    of = [
        [face for face, asked in zip(faces, steps, strict=True) if asked == step]
        for step in (STRAIGHT, LEFT, RIGHT)
    ]
    found = [_features(frames) for frames in product(*of)]
    return {name: float(np.mean([each[name] for each in found])) for name in FEATURES}


def _features(faces: Sequence[Face]) -> dict[str, float]:
    """Of one frame each of straight, left and right."""
    straight, left, right = (face.landmarks for face in faces)
    turns = (turn(left) - turn(straight), turn(straight) - turn(right))
    depths = (depth(straight, left), -depth(straight, right))
    signs = [face.signs for face in faces if face.signs is not None]
    return {
        "turn": sum(turns),
        "turn_less": min(turns),
        "depth": sum(depths),
        "depth_less": min(depths),
        "across": depth(right, left),
        "peaks": float(np.mean([each.peaks for each in signs])) if signs else 0.0,
        "black": float(np.mean([each.black for each in signs])) if signs else 0.0,
    }


def judge(faces: Sequence[Face], steps: Sequence[str]) -> Verdict:
    """Judge one face of each step, in the order in which the steps were asked."""
    step = wrong_step(faces, steps)
    if NEAR in steps or FAR in steps:
        # Only that the face came and went: a picture can as well.
        return Verdict(0.0 if step is None else -9.0, step, step is None)
    score = weighed(features(faces, steps))
    return Verdict(score, step, step is None and score >= 0)


def weighed(found: dict[str, float]) -> float:
    """The model's score; from 0 on it takes frames for those of a head."""
    told = model()
    values = zip(FEATURES, told["mean"], told["scale"], told["weights"], strict=True)
    return float(
        sum(weight * (found[name] - mean) / scale for name, mean, scale, weight in values)
        + told["bias"]
    )


def wrong_step(faces: Sequence[Face], steps: Sequence[str]) -> int | None:
    """Which frame, from 1, does not show what was asked; None: all do."""
    if NEAR in steps or FAR in steps:
        return _wrong_distance(faces, steps)
    turns = [turn(face.landmarks) for face in faces]
    straight = [turned for turned, step in zip(turns, steps, strict=True) if step == STRAIGHT]
    most, least = max(straight) + LEAST_TURN, min(straight) - LEAST_TURN
    for number, (turned, step) in enumerate(zip(turns, steps, strict=True), start=1):
        if (step == LEFT and turned < most) or (step == RIGHT and turned > least):
            return number
    return None


def _wrong_distance(faces: Sequence[Face], steps: Sequence[str]) -> int | None:
    sizes = [float(np.ptp(face.landmarks, axis=0).max()) for face in faces]
    for number in range(2, len(steps) + 1):
        ratio = sizes[number - 1] / max(sizes[number - 2], 1e-6)
        if (ratio if steps[number - 1] == NEAR else 1 / max(ratio, 1e-6)) < LEAST_APPROACH:
            return number
    return None


@cache
def model() -> dict[str, Any]:
    """What `facerecog/liveness.json` holds: mean and scale of the features, weights, bias."""
    return cast(dict[str, Any], json.loads(_MODEL.read_text(encoding="utf-8")))
