"""One face that dominates, good enough to judge: the domain errors and their order."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from facerecog import (
    FaceNotFound,
    FaceRecogError,
    FaceTooSmall,
    Recognizer,
    SeveralFaces,
    TooBlurry,
    TooDark,
    distances,
)
from facerecog.crop import LIGHT_TARGET, lightened, measure
from facerecog.samples import NAMES, photo

from .conftest import FACES, encoded, needs_faces, opened, side_by_side


def face_of(name: str, side: int = 400) -> Image.Image:
    """The middle of a portrait, mostly face, of a given width."""
    box = {"obama": (250, 0, 730, 560), "biden": (330, 80, 810, 640)}[name]
    return opened(name).crop(box).resize((side, side * 560 // 480))


@pytest.mark.parametrize("name", NAMES)
def test_portraits_pass_every_gate(recognizer: Recognizer, name: str) -> None:
    result = recognizer.analyse(photo(name).read_bytes())
    assert result.embedding.shape == (recognizer.info["embedding_size"],)
    assert result.embedding.dtype == np.float32
    assert np.linalg.norm(result.embedding) == pytest.approx(1, abs=1e-5)
    assert result.landmarks.shape == (5, 2)
    assert 0 < result.quality.quality <= 1
    x1, y1, x2, y2 = result.box
    width, height = opened(name).size
    assert 0 <= x1 < x2 <= width
    assert 0 <= y1 < y2 <= height
    assert result.quality.size == int(min(x2 - x1, y2 - y1))


def test_a_face_is_found_and_judged_without_its_embedding(recognizer: Recognizer) -> None:
    data = photo("obama").read_bytes()
    found, whole = recognizer.find(data), recognizer.analyse(data)
    assert (found.box == whole.box).all()
    assert (found.landmarks == whole.landmarks).all()
    assert (found.probability, found.quality) == (whole.probability, whole.quality)
    with pytest.raises(SeveralFaces):
        recognizer.find(encoded(side_by_side(face_of("obama"), face_of("biden"))))


@pytest.mark.parametrize("mode", ["exact", "recognizer"])
def test_the_smallest_face_that_matters_is_said_at_each_search(
    request: pytest.FixtureRequest, mode: str
) -> None:
    one: Recognizer = request.getfixturevalue(mode)
    scene = Image.new("RGB", (900, 700), (120, 130, 140))
    scene.paste(face_of("obama", 420), (40, 100))
    scene.paste(face_of("biden", 130), (720, 60))
    image = np.asarray(scene)

    def found(min_face: float | None) -> int:
        return sum(face.probability > 0.9 for face in one.detect(image, min_face))

    assert (found(None), found(40), found(200), found(2000)) == (2, 2, 1, 0)
    for nonsense in (0, -40, float("nan")):
        with pytest.raises(ValueError, match="12 pixels or more"):
            one.detect(image, nonsense)


@needs_faces
def test_lfw_photographs_pass_the_gates_unless_two_faces_are_alike_in_size(
    recognizer: Recognizer,
) -> None:
    refused = {}
    for path in sorted((FACES / "lfw").glob("*/*.jpg")):
        try:
            recognizer.analyse(path.read_bytes())
        except FaceRecogError as error:
            refused[path.stem] = error.code
    assert set(refused.values()) <= {"several_faces"}
    assert len(refused) <= 2


def test_no_face_is_found_in_a_picture_without_one(recognizer: Recognizer) -> None:
    gradient = np.linspace(0, 255, 640 * 480, dtype=np.uint8).reshape(480, 640, 1).repeat(3, 2)
    for picture in (gradient, np.zeros((480, 640, 3), np.uint8), np.full((9, 5, 3), 128, np.uint8)):
        with pytest.raises(FaceNotFound):
            recognizer.analyse(encoded(picture, "PNG"))


def test_two_equal_faces_are_several(recognizer: Recognizer) -> None:
    both = side_by_side(face_of("obama"), face_of("biden"))
    with pytest.raises(SeveralFaces):
        recognizer.analyse(encoded(both, quality=95))


def test_a_much_smaller_face_in_the_background_does_not_matter(recognizer: Recognizer) -> None:
    scene = Image.new("RGB", (900, 700), (120, 130, 140))
    scene.paste(face_of("obama", 420), (40, 100))
    scene.paste(face_of("biden", 130), (720, 60))
    image = np.asarray(scene)
    assert len([face for face in recognizer.detect(image) if face.probability > 0.9]) == 2
    result = recognizer.analyse(encoded(scene, quality=95))
    template = recognizer.embed_image(photo("obama").read_bytes())
    assert distances(result.embedding, template[None])[0] < 0.9


@needs_faces
def test_a_group_photograph_holds_several_faces(recognizer: Recognizer) -> None:
    with pytest.raises(SeveralFaces):
        recognizer.analyse((FACES / "group_6.jpg").read_bytes())


def test_a_tiny_face_is_too_small(recognizer: Recognizer) -> None:
    scene = Image.new("RGB", (640, 480), (120, 130, 140))
    scene.paste(face_of("obama", 60), (300, 200))
    with pytest.raises(FaceTooSmall):
        recognizer.analyse(encoded(scene, quality=95))


@pytest.mark.parametrize("name", ["obama", "biden", "grace_hopper", "astronaut"])
def test_a_blurred_face_is_too_blurry(recognizer: Recognizer, name: str) -> None:
    sharp = recognizer.analyse(photo(name).read_bytes())
    side = sharp.quality.size
    image = cv2.GaussianBlur(np.asarray(opened(name)), (0, 0), side * 7 / 160)
    with pytest.raises(TooBlurry):
        recognizer.analyse(encoded(image, "PNG"))


@pytest.mark.parametrize("name", ["obama", "biden", "grace_hopper", "astronaut"])
def test_a_face_in_the_dark_is_too_dark_and_not_called_blurred(
    recognizer: Recognizer, name: str
) -> None:
    bright = recognizer.analyse(photo(name).read_bytes()).quality.brightness
    image = (np.asarray(opened(name)) * (16 / bright)).astype(np.uint8)
    with pytest.raises(TooDark):
        recognizer.analyse(encoded(image, "PNG"))


def test_several_faces_are_reported_before_blur_and_darkness(recognizer: Recognizer) -> None:
    both = np.asarray(side_by_side(face_of("obama"), face_of("biden")))
    dim = (both * 0.15).astype(np.uint8)
    with pytest.raises(SeveralFaces):
        recognizer.analyse(encoded(dim, "PNG"))


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.25])
def test_sharpness_does_not_depend_on_light(recognizer: Recognizer, factor: float) -> None:
    image = np.asarray(opened("biden"))
    crop = recognizer.crop(image, recognizer.detect_prominent(image)[0].box)
    full, dim = measure(crop, 100), measure((crop * factor).astype(np.uint8), 100)
    assert dim.sharpness == pytest.approx(full.sharpness, rel=0.15)
    assert dim.brightness == pytest.approx(full.brightness * factor, abs=1)


def test_a_dim_face_is_lifted_and_a_bright_one_left_alone(recognizer: Recognizer) -> None:
    image = np.asarray(opened("biden"))
    crop = recognizer.crop(image, recognizer.detect_prominent(image)[0].box)
    assert lightened(crop, measure(crop, 100).brightness) is crop
    dim = (crop * 0.3).astype(np.uint8)
    lifted = measure(lightened(dim, measure(dim, 100).brightness), 100).brightness
    assert lifted == pytest.approx(LIGHT_TARGET, abs=3)


def test_a_dim_photograph_is_still_the_same_person(recognizer: Recognizer) -> None:
    image = (np.asarray(opened("biden")) * 0.25).astype(np.uint8)
    bright = recognizer.embed_image(photo("biden").read_bytes())
    dim = recognizer.embed_image(encoded(image, "PNG"))
    assert distances(bright, dim[None])[0] < 0.6
