"""The fast detector: the same three networks, arranged for one large face or a known size.

What differs from the reference: the pyramid is packed on one canvas, pictures are scaled by
halvings and a bilinear step, of PNet's map only local maxima go on, and RNet and ONet run in
batches of fixed sizes. A selfie is searched for large faces first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from . import boxes as bx
from .mtcnn import (
    CELL,
    ONET_SIZE,
    PROPOSAL,
    REFINEMENT,
    RNET_SIZE,
    STRIDE,
    Detection,
    Network,
    finish,
    probability,
)
from .pyramid import Halvings, Layout, layout

COARSE = 6
"""A selfie's face is first looked for from a sixth of the frame's shorter side."""
SURE = 0.9
"""Probability of a coarse detection that ends the search."""
WHOLE = 0.93
"""Part of a box that must lie in the frame; a face that is cut off is searched at all sizes."""
BAND_STEP = 3
"""Half octaves by which the search goes on to smaller faces when none was found."""
_PROPOSAL_LOGIT = float(np.log(PROPOSAL / (1 - PROPOSAL)))
_KEPT_LAYOUTS = 32
_NEIGHBOURS = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class _Proposer:
    """PNet compiled for one canvas, and what each cell of its map stands for."""

    layout: Layout
    pnet: Network
    outside: np.ndarray
    row: np.ndarray
    column: np.ndarray
    level: np.ndarray


class FastDetector:
    """MTCNN for fixed shapes; safe to use from many threads."""

    def __init__(
        self,
        pnet_for: Callable[[int, int], Network],
        rnet: Mapping[int, Network],
        onet: Mapping[int, Network],
        min_face: int,
        dominance: float,
    ) -> None:
        """Take networks for uint8 pictures.

        ``pnet_for(height, width)`` compiles PNet for a canvas; ``rnet`` and ``onet`` are by batch
        size. ``dominance``: a face with this many times another's area makes the other irrelevant.
        """
        self._pnet_for = pnet_for
        self._rnet, self._onet = rnet, onet
        self._min_face = min_face
        self._side_ratio = dominance**0.5
        self._proposers: OrderedDict[tuple[int, int], _Proposer] = OrderedDict()
        self._lock = threading.Lock()

    def detect(self, image: np.ndarray, min_face: float) -> list[Detection]:
        """Return all faces of an image (h, w, 3) uint8 RGB from this size on, the largest first."""
        return self._search(Halvings(image), min_face)

    def detect_prominent(self, image: np.ndarray) -> list[Detection]:
        """Return at least the largest face and all whose size could compete with it."""
        frame = Halvings(image)
        shorter = min(frame.width, frame.height)
        band = 0
        while True:
            smallest = shorter / COARSE / 2 ** (band / 2)
            if smallest <= self._min_face:
                return self._search(frame, self._min_face)
            found = self._search(frame, smallest)
            if not found or found[0].probability < SURE:
                band += BAND_STEP
                continue
            box = bx.clipped(found[0].box[None], frame.width, frame.height)[0]
            area = float(bx.areas(box[None])[0])
            if area < WHOLE * found[0].area:
                return self._search(frame, self._min_face)
            rival = area**0.5 / self._side_ratio  # PNet sees faces in squares
            if rival >= smallest:
                return found
            band += max(1, int(np.ceil(2 * np.log2(smallest / rival))))

    def prepare(self, width: int, height: int) -> None:
        """Compile what a selfie of this shape needs, so that the first one does not wait."""
        self._proposer(width, height, min(width, height) / COARSE)

    def _search(self, frame: Halvings, min_face: float) -> list[Detection]:
        boxes = self._propose(frame, min_face)
        faces, boxes = _in_batches(self._rnet, frame, boxes, RNET_SIZE)
        if not len(boxes):
            return []
        score = probability(faces[:, 0])
        passed = score > REFINEMENT
        boxes, score, faces = boxes[passed], score[passed], faces[passed]
        kept = suppressed(boxes, score, 0.7)
        boxes = bx.squared(bx.refined(boxes[kept], faces[kept, 1:5]))
        faces, boxes = _in_batches(self._onet, frame, boxes, ONET_SIZE)
        return finish(boxes, faces, vote=True) if len(boxes) else []

    def _propose(self, frame: Halvings, min_face: float) -> np.ndarray:
        proposer = self._proposer(frame.width, frame.height, min_face)
        if not proposer.layout.levels:
            return np.empty((0, 4), np.float32)
        faces = proposer.pnet(proposer.layout.paint(frame))[0]
        rows, columns = proposer.outside.shape
        logits = faces[0, :rows, :columns]
        logits[proposer.outside] = -np.inf
        highest = cv2.dilate(logits, _NEIGHBOURS)
        row, column = np.nonzero((logits >= _PROPOSAL_LOGIT) & (logits == highest))
        score = logits[row, column]
        corner = np.stack([proposer.column[row, column], proposer.row[row, column]], axis=1)
        sizes = np.array([(level.width, level.height) for level in proposer.layout.levels])
        scale = (sizes / (frame.width, frame.height))[proposer.level[row, column]]
        near, far = (corner * STRIDE + 1) / scale, (corner * STRIDE + CELL) / scale
        boxes = np.concatenate([near, far], axis=1, dtype=np.float32)
        kept = suppressed(boxes, score, 0.7)
        boxes = boxes[kept]
        regression = faces[1:5, row[kept], column[kept]].T
        return bx.squared(boxes + regression * np.tile(boxes[:, 2:] - boxes[:, :2], 2))

    def _proposer(self, width: int, height: int, min_face: float) -> _Proposer:
        key = (round(width * CELL / min_face), round(height * CELL / min_face))
        with self._lock:
            if key not in self._proposers:
                plan = layout(*key)
                level, row, column = plan.cells()
                pnet = self._pnet_for(plan.height, plan.width)
                self._proposers[key] = _Proposer(plan, pnet, level < 0, row, column, level)
                if len(self._proposers) > _KEPT_LAYOUTS:
                    self._proposers.popitem(last=False)
            self._proposers.move_to_end(key)
            return self._proposers[key]


def suppressed(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    """Non-maximum suppression by OpenCV: return the indices of kept boxes, best first."""
    if not len(boxes):
        return np.empty(0, np.intp)
    sides = boxes[:, 2:] - boxes[:, :2]
    rectangles = np.concatenate([boxes[:, :2], sides], axis=1, dtype=np.float64)
    positive = scores - scores.min() + 1  # NMSBoxes wants scores above its threshold of 0
    kept = cv2.dnn.NMSBoxes(rectangles, positive, 0, threshold)  # type: ignore[arg-type]  # an array is taken too, and quicker
    return np.asarray(kept, np.intp).reshape(-1)


def _in_batches(
    networks: Mapping[int, Network], frame: Halvings, boxes: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Run a network on windows of boxes (n, 4); return its answers and the boxes not empty."""
    answers, kept = [], []
    start = 0
    for batch in batches_for(len(boxes), tuple(sorted(networks))):
        part = boxes[start : start + batch]
        crops = np.zeros((batch, size, size, 3), np.uint8)
        valid = frame.windows(part, crops)
        answers.append(networks[batch](crops)[: len(part)][valid])
        kept.append(part[valid])
        start += batch
    if not answers:
        return np.empty((0, 15), np.float32), boxes[:0]
    return np.concatenate(answers), np.concatenate(kept)


@lru_cache(256)
def batches_for(count: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Split ``count`` windows into batches of these sizes, ascending; the last may be filled up.

    A call costs about as much as one window more.
    """
    largest = sizes[-1]
    if count > largest:
        full = (count - 1) // largest
        return (largest,) * full + batches_for(count - full * largest, sizes)
    if count <= 0:
        return ()
    enough = min(size for size in sizes if size >= count)
    less = max((size for size in sizes if size < count), default=enough)
    several = (less, *batches_for(count - less, sizes))
    return (enough,) if enough < sum(several) + len(several) else several
