"""All faces of one frame of a camera, or of a photograph of a class.

Detection looks at every face; the embedding, which takes the longest, only at those for which the
asker has no use of an earlier one (:class:`Wanted`). Who follows faces from frame to frame is
:mod:`facerecog.tracks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np

from . import boxes as bx
from .config import RecognizerConfig
from .crop import Quality, lightened, measure
from .decode import decode, read_header, reduction
from .mtcnn import Detection

LONGEST_SIDE = 4100
"""A picture of more pixels on its longer side is searched at half its size, or a quarter."""
MIN_PROBABILITY = 0.95
"""Of a face among many: at this cut the faces of 18 annotated photographs are counted right."""
SETTLED_OVERLAP = 0.4
"""Least intersection over union of a face with a settled box that stands for it."""
BETTER = 1.5
"""How many times better than a settled face's best frame a frame must be to be embedded."""
CROP_SIDE = 112
CROP_QUALITY = 85


class Networks(Protocol):
    """What is needed of a :class:`facerecog.Recognizer`."""

    config: RecognizerConfig

    @property
    def aligns(self) -> bool:
        """Whether :meth:`embed` wants ``aligned``."""

    def detect(self, image: np.ndarray, min_face: float | None = None) -> list[Detection]:
        """Find all faces of an image."""

    def crop(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Cut a face out."""

    def align(self, image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
        """Turn a face upright."""

    def embed(self, crops: np.ndarray | None, aligned: np.ndarray | None) -> np.ndarray:
        """Embed n faces."""


@dataclass(frozen=True)
class Settled:
    """Where a face is expected that needs no embedding, and the quality of its best frame."""

    box: tuple[float, float, float, float]
    """x1, y1, x2, y2 as parts of the frame's width and height."""
    quality: float


@dataclass(frozen=True)
class Wanted:
    """What is asked of a frame."""

    min_face: int = 24
    """The smallest face that is looked for, pixels."""
    min_embedded: int = 28
    """The smallest that is embedded, pixels of the shorter side; smaller ones say too little."""
    most_embedded: int = 8
    """How many faces are embedded at most, the largest first; 0: only boxes are wanted."""
    settled: Sequence[Settled] = field(default_factory=tuple)
    crops: bool = False
    """Whether a small picture of each embedded face is wanted."""


@dataclass(frozen=True)
class Seen:
    """One face of a frame."""

    box: np.ndarray
    """(4,) float32: x1, y1, x2, y2 as parts of the upright frame's width and height, 0 to 1."""
    landmarks: np.ndarray
    """(5, 2) float32: eyes, nose, mouth corners, in pixels of the upright frame."""
    side: float
    """Shorter side of the box in pixels."""
    probability: float
    quality: Quality | None
    """None: not looked at more closely."""
    embedding: np.ndarray | None
    """(size,) float32 of unit length; None: not wanted, or too small."""
    crop: bytes
    """A JPEG of CROP_SIDE pixels, or empty."""


@dataclass(frozen=True)
class Frame:
    """What a frame shows: the faces, the largest first, and its size in pixels."""

    width: int
    height: int
    faces: list[Seen]


def look(recognizer: Networks, data: bytes, wanted: Wanted) -> Frame:
    """Find all faces of a picture, and embed those that are wanted.

    Raises:
        ImageUnreadable, ImageTooLarge: it is no picture, or one that costs too much.
    """
    image = _decoded(recognizer, data)
    height, width = image.shape[:2]
    found = [
        face
        for face in recognizer.detect(image, wanted.min_face)
        if face.probability >= MIN_PROBABILITY
    ]
    inside = [bx.clipped(face.box[None], width, height)[0] for face in found]
    scale = np.array([width, height, width, height], np.float32)
    parts = [box / scale for box in inside]
    sides = [float(min(box[2:] - box[:2])) for box in inside]
    crops: dict[int, np.ndarray] = {}
    qualities: dict[int, Quality] = {}
    for place, (face, side) in enumerate(zip(found, sides, strict=True)):
        if len(crops) >= wanted.most_embedded or side < wanted.min_embedded:
            continue
        crop = recognizer.crop(image, face.box)
        quality = measure(crop, int(side))
        if _is_settled(parts[place], quality, wanted.settled):
            continue
        crops[place], qualities[place] = crop, quality
    embeddings = _embedded(recognizer, image, found, crops, qualities)
    faces = [
        Seen(
            box=parts[place],
            landmarks=face.landmarks.astype(np.float32),
            side=sides[place],
            probability=face.probability,
            quality=qualities.get(place),
            embedding=embeddings.get(place),
            crop=_jpeg(crops[place]) if wanted.crops and place in crops else b"",
        )
        for place, face in enumerate(found)
    ]
    return Frame(width, height, faces)


def _decoded(recognizer: Networks, data: bytes) -> np.ndarray:
    header = read_header(data, recognizer.config.limits)
    longer = max(header.width, header.height)
    least = LONGEST_SIDE / 2  # a reduction leaves at least half of what may be searched
    return decode(header, reduction(longer, least) if longer > LONGEST_SIDE else 1)


def _is_settled(box: np.ndarray, quality: Quality, settled: Sequence[Settled]) -> bool:
    if not settled:
        return False
    overlaps = bx.overlaps(box, np.array([each.box for each in settled], np.float32))
    nearest = int(overlaps.argmax())
    return bool(
        overlaps[nearest] >= SETTLED_OVERLAP
        and quality.quality <= BETTER * settled[nearest].quality
    )


def _embedded(
    recognizer: Networks,
    image: np.ndarray,
    found: Sequence[Detection],
    crops: dict[int, np.ndarray],
    qualities: dict[int, Quality],
) -> dict[int, np.ndarray]:
    """The embedding of each face of which there is a crop, by its place."""
    if not crops:
        return {}
    light = {place: qualities[place].brightness for place in crops}
    seen = np.stack([lightened(crop, light[place]) for place, crop in crops.items()])
    aligned = None
    if recognizer.aligns:
        aligned = np.stack(
            [
                lightened(recognizer.align(image, found[place].landmarks), light[place])
                for place in crops
            ]
        )
    return dict(zip(crops, recognizer.embed(seen, aligned), strict=True))


def _jpeg(crop: np.ndarray) -> bytes:
    small = cv2.resize(crop, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)
    bgr = np.ascontiguousarray(small[:, :, ::-1])
    done, coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, CROP_QUALITY])
    return coded.tobytes() if done else b""
