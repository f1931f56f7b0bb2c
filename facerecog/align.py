"""Turning a face upright by its landmarks, as SFace wants it.

The five landmarks are moved onto fixed places by the similarity transform (rotation, one scale,
translation) with the least squared error, in closed form: Umeyama 1991, "Least-squares estimation
of transformation parameters between two point patterns" (IEEE TPAMI 13(4), equations 34 to 43).
The places are those of ArcFace (Deng et al. 2019, https://arxiv.org/abs/1801.07698), with which
SFace (Zhong et al. 2021, https://arxiv.org/abs/2205.12010) was trained and OpenCV's
``FaceRecognizerSF::alignCrop`` works.
"""

from __future__ import annotations

import cv2
import numpy as np

ALIGNED_SIZE = 112  # pixels, the side of SFace's input
PLACES = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ],
    np.float64,
)
"""Where the eyes, the nose and the corners of the mouth come to lie: x, y, in MTCNN's order."""


def similarity(points: np.ndarray, places: np.ndarray = PLACES) -> np.ndarray:
    """Return the similarity transform (2, 3) float64 that moves points (n, 2) onto places (n, 2).

    Points that all lie in one place are moved onto the middle of the places.
    """
    points = np.asarray(points, np.float64)
    from_middle, to_middle = points.mean(axis=0), places.mean(axis=0)
    source, target = points - from_middle, places - to_middle
    left, strength, right = np.linalg.svd(target.T @ source)
    sign = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    spread = float((source**2).sum())
    scale = float((strength * sign).sum()) / spread if spread else 1.0
    turn = scale * (left * sign) @ right
    return np.column_stack([turn, to_middle - turn @ from_middle])


def aligned_face(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Cut a face out of (h, w, 3) uint8 by its landmarks (5, 2), as (112, 112, 3) uint8.

    Faces more than twice as large are halved first, so that each pixel counts.
    """
    transform = similarity(landmarks)
    image, transform = _halved(image, transform)
    return cv2.warpAffine(image, transform, (ALIGNED_SIZE, ALIGNED_SIZE), flags=cv2.INTER_LINEAR)


def _halved(image: np.ndarray, transform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut out what is seen and halve it until less than a halving is left, transform with it."""
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    if not scale or scale > 0.5:
        return image, transform
    corners = np.array([(x, y) for x in (0, ALIGNED_SIZE) for y in (0, ALIGNED_SIZE)], np.float64)
    turn = transform[:, :2]
    seen = (corners - transform[:, 2]) @ np.linalg.inv(turn).T
    low = np.clip(np.floor(seen.min(axis=0)).astype(int) - 2, 0, None)
    high = np.ceil(seen.max(axis=0)).astype(int) + 2
    window = image[low[1] : high[1], low[0] : high[0]]
    moved = np.column_stack([turn, transform[:, 2] + turn @ low])
    while scale <= 0.5 and min(window.shape[:2]) >= 2:
        height, width = window.shape[0] // 2, window.shape[1] // 2
        even = window[: height * 2, : width * 2]
        window = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        # a pixel's middle is at x, that of the two from which it came at 2x + ½
        moved = np.column_stack([moved[:, :2] * 2, moved[:, 2] + moved[:, :2] @ (0.5, 0.5)])
        scale *= 2
    return (window, moved) if min(window.shape[:2]) else (image, transform)
