"""The exact detector: facenet-pytorch's MTCNN, step by step, in float32.

Zhang et al. 2016, "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional
Networks" (https://arxiv.org/abs/1604.02878): PNet proposes boxes on an image pyramid, RNet refuses
most of them, ONet refines the rest and finds five landmarks. Thresholds and the pyramid factor are
facenet-pytorch's defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from . import boxes as bx

PROPOSAL, REFINEMENT, OUTPUT = 0.6, 0.7, 0.7  # least probability after PNet, RNet, ONet
PYRAMID_FACTOR = 0.709  # about √½: each level has half the pixels of the one before
CELL, STRIDE = 12, 2  # PNet sees 12 × 12 pixels, at every second one
RNET_SIZE, ONET_SIZE = 24, 48
VOTE_OVERLAP = 0.6  # least intersection over union of a box that has a say in another

Network = Callable[[np.ndarray], np.ndarray]
"""Takes (n, h, w, 3) float32, 0 to 255; returns what ``convert.mtcnn`` describes."""


@dataclass(frozen=True)
class Detection:
    """One face, in pixels of the upright photograph."""

    box: np.ndarray
    """(4,) float32: x1, y1, x2, y2; may reach beyond the frame."""
    probability: float
    landmarks: np.ndarray
    """(5, 2) float32: the eyes (the left one in the picture first), nose, mouth corners; x, y."""

    @property
    def area(self) -> float:
        """Area of the box in square pixels."""
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))

    def scaled(self, factor: float) -> Detection:
        """Return the same face in a picture ``factor`` times as large."""
        by = np.float32(factor)
        return Detection(self.box * by, self.probability, self.landmarks * by)


def probability(logit: np.ndarray) -> np.ndarray:
    """Two-class softmax as a function of the difference of the logits."""
    return 1 / (1 + np.exp(-logit))


def pyramid_scales(height: int, width: int, min_face: float) -> list[float]:
    """Return the scales of the pyramid, the largest picture (smallest faces) first."""
    scale = CELL / min_face
    shorter = min(height, width) * scale
    scales = []
    while shorter >= CELL:
        scales.append(scale)
        scale *= PYRAMID_FACTOR
        shorter *= PYRAMID_FACTOR
    return scales


class AreaSampler:
    """Resamples windows of one image by averaging, as ``torch.nn.functional.interpolate`` "area".

    A sum over any rectangle is four look-ups in the integral image, and exact: the sums are whole
    numbers, modulo 2³² like their differences.
    """

    def __init__(self, image: np.ndarray) -> None:
        """Take (h, w, 3) uint8."""
        self.height, self.width = image.shape[:2]
        self._sums = cv2.integral(image, sdepth=cv2.CV_32S).view(np.uint32)

    def resample(
        self, x: int, y: int, width: int, height: int, out_width: int, out_height: int
    ) -> np.ndarray:
        """Return (out_height, out_width, 3) float32 of the window whose corner is (x, y)."""
        top, bottom = _bins(height, out_height)
        left, right = _bins(width, out_width)
        upper, lower = self._sums[y + top], self._sums[y + bottom]
        sums = lower[:, x + right] - lower[:, x + left] - upper[:, x + right] + upper[:, x + left]
        count = (bottom - top)[:, None] * (right - left)[None, :]
        return sums.astype(np.float32) / count[..., None].astype(np.float32)

    def windows(self, boxes: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Cut the boxes out, clipped to the frame, each resampled to size × size.

        Returns (m, size, size, 3) float32 and the indices (m,) of the boxes that are not empty.
        """
        corners = np.trunc(boxes[:, :4]).astype(np.int64)
        x, y = np.maximum(corners[:, 0], 1), np.maximum(corners[:, 1], 1)
        right = np.minimum(corners[:, 2], self.width)
        bottom = np.minimum(corners[:, 3], self.height)
        valid = np.flatnonzero((right > x - 1) & (bottom > y - 1))
        crops = [
            self.resample(x[i] - 1, y[i] - 1, right[i] - x[i] + 1, bottom[i] - y[i] + 1, size, size)
            for i in valid
        ]
        empty = np.empty((0, size, size, 3), np.float32)
        return (np.stack(crops) if crops else empty), valid


def _bins(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each of ``count`` averaging windows over ``size`` pixels begins and ends."""
    index = np.arange(count)
    return index * size // count, -(-(index + 1) * size // count)


class ExactDetector:
    """MTCNN over the full pyramid; equal to facenet-pytorch up to float32 rounding."""

    def __init__(self, pnet: Network, rnet: Network, onet: Network) -> None:
        self._pnet, self._rnet, self._onet = pnet, rnet, onet

    def detect(self, image: np.ndarray, min_face: float) -> list[Detection]:
        """Return all faces of an image (h, w, 3) uint8 RGB from this size on, the largest first."""
        sampler = AreaSampler(image)
        boxes = self._refine(sampler, self._propose(sampler, min_face))
        return self._output(sampler, boxes)

    def _propose(self, sampler: AreaSampler, min_face: float) -> np.ndarray:
        height, width = sampler.height, sampler.width
        found = []
        for scale in pyramid_scales(height, width, min_face):
            out_height, out_width = int(height * scale + 1), int(width * scale + 1)
            level = sampler.resample(0, 0, width, height, out_width, out_height)
            found.append(_proposals(self._pnet(level[None])[0], scale))
        boxes = np.concatenate(found) if found else np.empty((0, 9), np.float32)
        boxes = boxes[bx.non_maximum_suppression(boxes[:, :4], boxes[:, 4], 0.7)]
        sides = np.tile(boxes[:, 2:4] - boxes[:, 0:2], 2)
        return bx.squared(boxes[:, :4] + boxes[:, 5:9] * sides)

    def _refine(self, sampler: AreaSampler, boxes: np.ndarray) -> np.ndarray:
        crops, valid = sampler.windows(boxes, RNET_SIZE)
        if not len(crops):
            return boxes[:0]
        faces = self._rnet(crops)
        score = probability(faces[:, 0])
        passed = score > REFINEMENT
        boxes, score, regression = boxes[valid][passed], score[passed], faces[passed, 1:5]
        kept = bx.non_maximum_suppression(boxes, score, 0.7)
        return bx.squared(bx.refined(boxes[kept], regression[kept]))

    def _output(self, sampler: AreaSampler, boxes: np.ndarray) -> list[Detection]:
        crops, valid = sampler.windows(boxes, ONET_SIZE)
        if not len(crops):
            return []
        return finish(boxes[valid], self._onet(crops))


def _proposals(faces: np.ndarray, scale: float) -> np.ndarray:
    """Turn PNet's maps (5, h, w) into (n, 9): box, probability, regression."""
    score = probability(faces[0])
    row, column = np.nonzero(score >= PROPOSAL)
    scale32 = np.float32(scale)
    corner = np.stack([column, row], axis=1).astype(np.float32) * STRIDE
    near, far = np.floor((corner + 1) / scale32), np.floor((corner + CELL) / scale32)
    score = score[row, column]
    kept = bx.non_maximum_suppression(np.concatenate([near, far], axis=1), score, 0.5)
    regression = faces[1:5, row, column].T
    return np.concatenate([near, far, score[:, None], regression], axis=1)[kept]


def finish(boxes: np.ndarray, faces: np.ndarray, vote: bool = False) -> list[Detection]:
    """Turn ONet's answer (n, 15) for squared boxes (n, 4) into detections, the largest first.

    With ``vote`` a face's box and landmarks are the average over all boxes that it suppresses,
    weighted by probability (box voting, Gidaris and Komodakis 2015), which takes out half of
    MTCNN's jitter; without, they are those of the most probable box, as in the reference.
    """
    score = probability(faces[:, 0])
    passed = score > OUTPUT
    boxes, score, faces = boxes[passed], score[passed], faces[passed]
    side = boxes[:, 2:4] - boxes[:, :2] + 1
    points = faces[:, 5:15].reshape(-1, 2, 5).swapaxes(1, 2)
    points = points * side[:, None] + boxes[:, None, :2] - 1
    boxes = bx.refined(boxes, faces[:, 1:5])
    found = []
    for i in bx.suppress_contained(boxes, score, 0.7):
        weight = score * (bx.overlaps(boxes[i], boxes) >= VOTE_OVERLAP) if vote else score * 0
        weight[i] = score[i]
        weight /= weight.sum()
        found.append(Detection(weight @ boxes, float(score[i]), np.tensordot(weight, points, 1)))
    return sorted(found, key=lambda face: -face.area)
