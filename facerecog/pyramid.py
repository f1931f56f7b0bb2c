"""Pictures at several sizes, made quickly: halvings, a packed image pyramid, windows of boxes.

Halving by 2 × 2 averages is exact and cheap. The last step of less than two, from the nearest
larger half, averages over fractional windows as the reference does where the result is small: by a
bilinear step to twice the size and one more halving, in a third of the time of OpenCV's
``INTER_AREA``. It is only bilinear where that would cost more than the network that follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .mtcnn import CELL, PYRAMID_FACTOR, STRIDE

_BUCKET, _LARGE_BUCKET = 16, 32  # canvas sides are multiples, so that similar frames share a
_LARGE = 256  # compiled network; canvases with a longer side than this take the larger step
_AREA_PIXELS = 20_000  # levels up to this size are averaged, larger ones interpolated


class Halvings:
    """An image (h, w, 3) uint8 and its halves, quarters, eighths …, each made when first used."""

    def __init__(self, image: np.ndarray) -> None:
        self._images = [image]
        self._last_octave = max(0, int(np.log2(max(1, min(image.shape[:2]) / 2))))

    @property
    def height(self) -> int:
        """Height of the image itself, pixels."""
        return int(self._images[0].shape[0])

    @property
    def width(self) -> int:
        """Width of the image itself, pixels."""
        return int(self._images[0].shape[1])

    def at(self, octave: int) -> np.ndarray:
        """Return the image made smaller by 2 to the ``octave``."""
        while len(self._images) <= octave:
            last = self._images[-1]
            half = (last.shape[1] // 2, last.shape[0] // 2)
            even = last[: half[1] * 2, : half[0] * 2]
            self._images.append(cv2.resize(even, half, interpolation=cv2.INTER_AREA))
        return self._images[octave]

    def octave_for(self, ratio: float) -> int:
        """Return the octave from which a reduction by ``ratio`` takes less than a halving more."""
        return min(self._last_octave, int(np.log2(max(ratio, 1))))

    def windows(self, boxes: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Cut out boxes (n, 4), clipped to the frame, into ``out`` (≥ n, size, size, 3) uint8.

        Returns a mask (n,) of the boxes that are not empty; the place of an empty one holds
        anything.
        """
        size = out.shape[1]
        edges = np.trunc(boxes).astype(int)
        edges[:, :2] = np.maximum(edges[:, :2] - 1, 0)  # MTCNN counts pixels from 1
        edges[:, 2] = np.minimum(edges[:, 2], self.width)
        edges[:, 3] = np.minimum(edges[:, 3], self.height)
        sides = edges[:, 2:] - edges[:, :2]
        valid = (sides > 0).all(axis=1)
        octaves = np.log2(np.maximum(sides.min(axis=1) / size, 1)).astype(int)
        octaves = np.minimum(octaves, self._last_octave)
        edges >>= octaves[:, None]
        edges[:, 2:] = np.maximum(edges[:, 2:], edges[:, :2] + 1)
        doubled = np.empty((len(boxes), 2 * size, 2 * size, 3), np.uint8)
        for twice, octave, (x1, y1, x2, y2), wanted in zip(
            doubled, octaves.tolist(), edges.tolist(), valid.tolist(), strict=True
        ):
            if wanted:
                cv2.resize(self.at(octave)[y1:y2, x1:x2], (2 * size, 2 * size), dst=twice)
        _halved(doubled, out[: len(boxes)])
        return valid


def _halved(pictures: np.ndarray, out: np.ndarray) -> None:
    """Write pictures (n, 2h, 2w, 3) uint8, averaged over 2 × 2 pixels, to ``out`` (n, h, w, 3)."""
    count, height, width, _ = out.shape
    rows = pictures.reshape(count * 2 * height, 2 * width, 3)
    cv2.resize(
        rows,
        (width, count * height),
        dst=out.reshape(count * height, width, 3),
        interpolation=cv2.INTER_AREA,
    )


@dataclass(frozen=True)
class Level:
    """One level of the pyramid: its size and its place on the canvas, in pixels."""

    width: int
    height: int
    x: int
    y: int


@dataclass(frozen=True)
class Layout:
    """All levels of a pyramid side by side on one canvas, so that PNet runs once."""

    width: int
    height: int
    levels: tuple[Level, ...]

    def paint(self, image: Halvings) -> np.ndarray:
        """Return the canvas (1, height, width, 3) uint8 with every level drawn."""
        canvas = np.empty((1, self.height, self.width, 3), np.uint8)
        for level in self.levels:
            source = image.at(image.octave_for(image.height / level.height))
            place = canvas[0, level.y : level.y + level.height, level.x : level.x + level.width]
            size = (level.width, level.height)
            if level.width * level.height <= _AREA_PIXELS:
                twice = cv2.resize(source, (2 * level.width, 2 * level.height))
                cv2.resize(twice, size, dst=place, interpolation=cv2.INTER_AREA)
            else:
                cv2.resize(source, size, dst=place)
        return canvas

    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Describe the map that PNet makes of the canvas, each (h', w').

        Returns each cell's level, or -1 where it sees more than one level, and the cell's row and
        column in its level.
        """
        rows = (self.height - CELL) // STRIDE + 1
        columns = (self.width - CELL) // STRIDE + 1
        owner = np.full((rows, columns), -1, np.int32)
        row, column = np.indices(owner.shape, np.int32)
        for number, level in enumerate(self.levels):
            top, left = level.y // STRIDE, level.x // STRIDE
            bottom = top + (level.height - CELL) // STRIDE + 1
            right = left + (level.width - CELL) // STRIDE + 1
            place = (slice(top, bottom), slice(left, right))
            owner[place] = number
            row[place] -= top
            column[place] -= left
        return owner, row, column


def layout(width: int, height: int) -> Layout:
    """Lay out the pyramid whose largest level is width × height pixels."""
    sizes = []
    scale = 1.0
    while min(width, height) * scale >= CELL:
        sizes.append((round(width * scale), round(height * scale)))
        scale *= PYRAMID_FACTOR
    if not sizes:
        return Layout(CELL, CELL, ())
    first, second = sizes[0][0], sizes[min(1, len(sizes) - 1)][0]
    widths = {_bucket(first), _bucket(_even(first) + second)}
    return min((_packed(sizes, row) for row in widths), key=lambda plan: plan.width * plan.height)


def _packed(sizes: list[tuple[int, int]], row: int) -> Layout:
    """Put each level where its top is highest on a canvas ``row`` pixels wide.

    ``heights`` is how far down each column of two pixels is taken (a skyline).
    """
    heights = np.zeros(row // STRIDE, np.int64)
    levels = []
    for width, height in sizes:
        columns = _even(width) // STRIDE
        tops = np.lib.stride_tricks.sliding_window_view(heights, columns).max(axis=1)
        left = int(np.argmin(tops))
        levels.append(Level(width, height, left * STRIDE, int(tops[left])))
        heights[left : left + columns] = tops[left] + _even(height)
    return Layout(row, _bucket(int(heights.max())), tuple(levels))


def _even(size: int) -> int:
    return -(-size // STRIDE) * STRIDE


def _bucket(size: int) -> int:
    step = _BUCKET if size <= _LARGE else _LARGE_BUCKET
    return -(-size // step) * step
