"""A class made of public photographs: faces pasted into a room, each of which moves by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from facerecog import Recognizer
from facerecog.samples import photo

SIZE = (960, 540)


@dataclass(frozen=True)
class Seat:
    """Where somebody sits, and how."""

    who: str
    """A public photograph, by its name, or the path of another."""
    x: int
    y: int
    side: int = 110
    """Of the face's box, pixels."""
    sway: float = 0.1
    """By how much of its side the face moves; 0: a picture on the wall."""
    mirrored: bool = False


@cache
def head(recognizer: Recognizer, who: str, side: int) -> tuple[np.ndarray, np.ndarray]:
    """A head (h, w, 3) BGR whose face is `side` pixels large, and its soft outline (h, w, 1)."""
    image = cv2.imread(who if Path(who).suffix else str(photo(who)))
    assert image is not None
    face = recognizer.detect(np.ascontiguousarray(image[:, :, ::-1]))[0].box
    scale = side / float(min(face[2:] - face[:2]))
    middle = (face[:2] + face[2:]) / 2
    size = int(2.0 * side)
    move = np.array(
        [
            [scale, 0, size / 2 - scale * middle[0]],
            [0, scale, size / 2 - scale * middle[1]],
        ]
    )
    if scale < 1:
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale)
    cut = cv2.warpAffine(image, move, (size, size), borderMode=cv2.BORDER_REPLICATE)
    outline = np.zeros((size, size), np.float32)
    cv2.ellipse(outline, (size // 2, size // 2), (size // 3, size // 2 - 4), 0, 0, 360, 1.0, -1)
    return cut, cv2.GaussianBlur(outline, (0, 0), size / 40)[..., None]


def room(width: int, height: int) -> np.ndarray:
    """An empty room (height, width, 3) BGR."""
    shade = np.linspace(150, 90, height, dtype=np.float32)[:, None, None]
    wall = np.broadcast_to(shade, (height, width, 3)).copy()
    wall[height * 2 // 3 :] *= np.array([0.7, 0.8, 0.9], np.float32)
    return wall


def picture(
    recognizer: Recognizer,
    seats: Sequence[Seat],
    number: int,
    size: tuple[int, int] = SIZE,
    noise: float = 2.0,
) -> np.ndarray:
    """The frame of this number, (h, w, 3) uint8 BGR."""
    frame = room(*size)
    for place, seat in enumerate(seats):
        cut, outline = head(recognizer, seat.who, seat.side)
        if seat.mirrored:
            cut = cut[:, ::-1]
        phase = number * 0.7 + place
        x = seat.x + round(seat.sway * seat.side * np.sin(phase))
        y = seat.y + round(seat.sway * seat.side * 0.6 * np.cos(phase * 0.8))
        top, left = y - cut.shape[0] // 2, x - cut.shape[1] // 2
        rows = slice(max(0, -top), min(cut.shape[0], size[1] - top))
        columns = slice(max(0, -left), min(cut.shape[1], size[0] - left))
        part = frame[top + rows.start : top + rows.stop, left + columns.start : left + columns.stop]
        seen = outline[rows, columns]
        part[:] = part * (1 - seen) + cut[rows, columns] * seen
    grain = np.random.default_rng(number).normal(0, noise, frame.shape)
    noisy: np.ndarray = np.clip(frame + grain, 0, 255).astype(np.uint8)
    return noisy


def frame(recognizer: Recognizer, seats: Sequence[Seat], number: int) -> bytes:
    """The same as a JPEG, as a camera's page sends it."""
    done, coded = cv2.imencode(".jpg", picture(recognizer, seats, number))
    assert done
    return coded.tobytes()


def seats(people: Mapping[str, float] | Sequence[str]) -> list[Seat]:
    """People side by side; a mapping says how much each moves."""
    sway = people if isinstance(people, Mapping) else dict.fromkeys(people, 0.1)
    step = SIZE[0] // (len(sway) + 1)
    return [
        Seat(who, step * (place + 1), SIZE[1] // 2, sway=by)
        for place, (who, by) in enumerate(sway.items())
    ]
