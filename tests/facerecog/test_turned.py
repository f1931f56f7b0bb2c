"""Pictures that lie on their side or their head, without a word of it in their EXIF."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facerecog import Detection, Recognizer
from facerecog.samples import photo

from .conftest import encoded, opened


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("name", ["grace_hopper", "obama", "astronaut"])
def test_a_picture_that_lies_on_its_side_or_its_head_is_found(
    recognizer: Recognizer, name: str, degrees: int
) -> None:
    upright = opened(name)
    found = recognizer.analyse(encoded(upright, quality=95))
    turned = recognizer.analyse(encoded(upright.rotate(degrees, expand=True), quality=95))
    assert np.linalg.norm(found.embedding - turned.embedding) < 0.35
    # what is told of the face is of the picture as the face stands upright in it
    assert np.abs(found.box - turned.box).max() < 0.1 * (found.box[2] - found.box[0])
    left_eye, right_eye = turned.landmarks[:2]
    assert left_eye[0] < right_eye[0]


def test_a_large_picture_on_its_side_is_found_from_its_finer_pixels(recognizer: Recognizer) -> None:
    upright = opened("grace_hopper")
    large = Image.new("RGB", (2048, 2400), (90, 90, 90))
    large.paste(upright, (700, 900))
    found = recognizer.analyse(encoded(large, quality=95))
    turned = recognizer.analyse(encoded(large.rotate(90, expand=True), quality=95))
    assert np.linalg.norm(found.embedding - turned.embedding) < 0.35
    assert np.abs(found.box - turned.box).max() < 0.1 * (found.box[2] - found.box[0])


def test_a_picture_that_stands_upright_is_searched_once(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = []
    search = recognizer._engine.detect_prominent
    monkeypatch.setattr(
        recognizer._engine,
        "detect_prominent",
        lambda image: searched.append(image.shape) or search(image),
    )
    for name in ("grace_hopper", "obama", "biden", "astronaut"):
        recognizer.analyse(photo(name).read_bytes())
    assert len(searched) == 4


@pytest.mark.parametrize(
    ("as_it_is", "turned", "turns"),
    [(0.9928, 0.9974, 0), (0.9928, 0.9962, 0), (0.9928, 0.9995, 1), (0.9, 0.99, 0), (0.0, 0.99, 1)],
)
def test_a_face_that_is_found_as_it_stands_is_turned_only_for_a_much_surer_one(
    recognizer: Recognizer,
    monkeypatch: pytest.MonkeyPatch,
    as_it_is: float,
    turned: float,
    turns: int,
) -> None:
    """The first two were upright portraits, which lay on their side or their head afterwards."""

    def found(image: np.ndarray) -> list[Detection]:
        probability = as_it_is if image.shape[1] > image.shape[0] else turned
        face = Detection(np.array([10, 10, 90, 90], np.float32), probability, np.zeros((5, 2)))
        return [face] if probability else []

    monkeypatch.setattr(recognizer._engine, "detect_prominent", found)
    picture = np.full((100, 120, 3), 200, np.uint8)
    assert recognizer._upright_faces(picture)[2] == turns
