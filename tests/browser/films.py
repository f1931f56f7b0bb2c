"""What Chromium's camera shows in the tests: public photographs, classes, heads that turn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from facerecog import Recognizer
from facerecog.samples import photo
from tests import classroom
from tests.turning import SIDE, Portrait

CAMERA_SIZE = (640, 480)
CAMERA_RATE = 5
FRAMES_PER_PICTURE = 8
FRAMES_PER_STEP = 5
CLASS_FRAMES = 40


def portrait(recognizer: Recognizer, name: str) -> np.ndarray:
    """A public photograph as a phone held at arm's length sees the person: (h, w, 3) BGR."""
    image = cv2.imread(str(photo(name)))
    assert image is not None
    face = recognizer.detect(np.ascontiguousarray(image[:, :, ::-1]))[0].box
    height = int(2.6 * (face[3] - face[1]))
    width = height * CAMERA_SIZE[0] // CAMERA_SIZE[1]
    middle = (float(face[0] + face[2]) / 2, float(face[1] + face[3]) / 2)
    move = np.array([[1, 0, width / 2 - middle[0]], [0, 1, height / 2 - middle[1]]])
    return cv2.warpAffine(image, move, (width, height), borderMode=cv2.BORDER_REPLICATE)


def camera_film(path: Path, shown: str, recognizer: Recognizer) -> Path:
    """What Chromium's fake camera shows in an endless loop (.y4m).

    Args:
        path: where to write it.
        shown: public photographs by name, joined by `+`, each for one and a half seconds; or the
            path of a picture file; or `nobody`; or `class:` and names, who sit side by side and
            move; or `turned:` or `tilted:`, a name, and the steps that the head or the picture
            goes through, as in `turned:obama:straight+left+right`.
    """
    kind, _, what = shown.partition(":")
    if kind == "class":
        return _film_of_a_class(path, what.split("+"), recognizer)
    if kind in ("turned", "tilted"):
        return _film_of_steps(path, kind, what, recognizer)
    width, height = CAMERA_SIZE
    film = [_head(width, height)]
    for name in shown.split("+"):
        frame = np.full((height, width, 3), 127, np.uint8)
        if name != "nobody":
            of_file = name.endswith(".png")
            image = cv2.imread(name) if of_file else portrait(recognizer, name)
            assert image is not None
            scale = min(width / image.shape[1], height / image.shape[0])
            small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
            frame[top : top + small.shape[0], left : left + small.shape[1]] = small
        planes = cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes()
        film += FRAMES_PER_PICTURE * [b"FRAME\n" + planes]
    path.write_bytes(b"".join(film))
    return path


def _film_of_a_class(path: Path, people: list[str], recognizer: Recognizer) -> Path:
    width, height = classroom.SIZE
    film = [_head(width, height)]
    for number in range(CLASS_FRAMES):
        frame = classroom.picture(recognizer, classroom.seats(people), number)
        film.append(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes())
    path.write_bytes(b"".join(film))
    return path


def _film_of_steps(path: Path, kind: str, what: str, recognizer: Recognizer) -> Path:
    """One person who turns, or whose picture is tilted, from step to step, without end."""
    name, _, steps = what.partition(":")
    person = Portrait(recognizer, name)
    shown = person.turned if kind == "turned" else person.tilted
    film = [_head(SIDE, SIDE)]
    for number, step in enumerate(steps.split("+")):
        for frame in range(FRAMES_PER_STEP):
            seed = number * FRAMES_PER_STEP + frame
            pixels = cv2.imdecode(np.frombuffer(shown(step, seed=seed), np.uint8), cv2.IMREAD_COLOR)
            film.append(b"FRAME\n" + cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420).tobytes())
    path.write_bytes(b"".join(film))
    return path


def _head(width: int, height: int) -> bytes:
    return f"YUV4MPEG2 W{width} H{height} F{CAMERA_RATE}:1 Ip A1:1 C420mpeg2\n".encode()
