"""Arithmetic on boxes: (n, 4) float32, each row x1, y1, x2, y2 in pixels.

The names and the rounding follow facenet-pytorch's detect_face.py, whose results the exact mode
reproduces; MTCNN's own conventions (a box's far edge is inclusive) come from there as well.
"""

from __future__ import annotations

import numpy as np


def non_maximum_suppression(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    """Return the indices of kept boxes, best first, as torchvision's ``nms`` in float32.

    A box goes when its intersection over union with a better one exceeds ``threshold``.
    """
    order = np.argsort(-scores, kind="stable")
    x1, y1, x2, y2 = boxes[order].T
    area = (x2 - x1) * (y2 - y1)
    alive = np.ones(len(order), bool)
    kept = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        kept.append(order[i])
        rest = slice(i + 1, None)
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        intersection = np.maximum(width, 0) * np.maximum(height, 0)
        overlap = intersection / (area[i] + area[rest] - intersection)
        alive[rest] &= ~(overlap > threshold)
    return np.array(kept, np.intp)


def suppress_contained(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    """Suppress by intersection over the smaller box ("Min"); return kept indices, best first."""
    x1, y1, x2, y2 = boxes.T
    area = (x2 - x1 + 1) * (y2 - y1 + 1)
    order = np.argsort(scores)
    kept = []
    while order.size:
        i, rest = order[-1], order[:-1]
        kept.append(i)
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest]) + 1
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest]) + 1
        intersection = np.maximum(width, 0) * np.maximum(height, 0)
        order = rest[intersection / np.minimum(area[i], area[rest]) <= threshold]
    return np.array(kept, np.intp)


def squared(boxes: np.ndarray) -> np.ndarray:
    """Grow the shorter side of each box about its centre until the box is square."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    side = np.maximum(width, height)
    x = boxes[:, 0] + width * np.float32(0.5) - side * np.float32(0.5)
    y = boxes[:, 1] + height * np.float32(0.5) - side * np.float32(0.5)
    return np.stack([x, y, x + side, y + side], axis=1)


def refined(boxes: np.ndarray, regression: np.ndarray) -> np.ndarray:
    """Move each edge by its regression (n, 4), in parts of the box's width and height."""
    width, height = boxes[:, 2] - boxes[:, 0] + 1, boxes[:, 3] - boxes[:, 1] + 1
    return boxes + regression * np.stack([width, height, width, height], axis=1)


def clipped(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Cut the boxes off at the edges of the frame."""
    return np.clip(boxes, 0, np.array([width, height, width, height], np.float32))


def areas(boxes: np.ndarray) -> np.ndarray:
    """Return the area (n,) of each box in square pixels."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def overlaps(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the intersection over union (n,) of a box (4,) with boxes (n, 4)."""
    near, far = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    intersection = np.maximum(far - near, 0).prod(axis=1)
    return intersection / (areas(box[None]) + areas(boxes) - intersection)
