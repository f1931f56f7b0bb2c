"""The engine beside facenet-pytorch, by the numbers that benchmarks/make_golden.py wrote down."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from facerecog import (
    DEFAULT_THRESHOLD,
    ModelsMissing,
    Recognizer,
    RecognizerConfig,
    distances,
)
from facerecog.boxes import overlaps
from facerecog.pairs import pairs
from facerecog.samples import NAMES, photo

from .conftest import FACES, needs_faces

WHOLE = ("obama", "obama2", "obama3", "biden", "grace_hopper", "astronaut")


def test_the_golden_numbers_cover_every_photograph(golden: dict[str, Any]) -> None:
    assert set(golden["photos"]) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_exact_finds_the_same_boxes_landmarks_and_probabilities(
    exact: Recognizer, golden: dict[str, Any], name: str
) -> None:
    expected = golden["photos"][name]
    found = exact.detect(exact.decode(photo(name).read_bytes()))
    assert len(found) == len(expected["boxes"])
    for face, box, points, probability in zip(
        found, expected["boxes"], expected["landmarks"], expected["probabilities"], strict=True
    ):
        assert overlaps(face.box, np.array([box], np.float32))[0] >= 0.99
        assert np.abs(face.landmarks - np.array(points)).max() <= 1
        assert face.probability == pytest.approx(probability, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_exact_ends_in_the_same_embedding(
    exact: Recognizer, golden: dict[str, Any], name: str
) -> None:
    embedding = exact.embed_image(photo(name).read_bytes())
    assert embedding @ np.array(golden["photos"][name]["embedding"]) >= 0.999


@pytest.mark.parametrize("name", NAMES)
def test_fast_ends_near_the_same_embedding(
    facenet: Recognizer, golden: dict[str, Any], name: str
) -> None:
    embedding = facenet.embed_image(photo(name).read_bytes())
    assert embedding @ np.array(golden["photos"][name]["embedding"]) >= 0.95


@pytest.mark.parametrize("name", NAMES)
def test_both_modes_embed_the_same_crop_alike(
    exact: Recognizer, facenet: Recognizer, golden: dict[str, Any], name: str
) -> None:
    expected = golden["photos"][name]
    image = exact.decode(photo(name).read_bytes())
    crop = exact.crop(image, np.array(expected["boxes"][0], np.float32))
    for one in (exact, facenet):
        alone = one.embed(crop[None])[0]
        in_company = one.embed(np.repeat(crop[None], 3, axis=0))[2]
        assert alone @ np.array(expected["embedding"]) >= 0.999
        assert in_company @ np.array(expected["embedding"]) >= 0.999


@pytest.fixture(scope="module")
def int8() -> Iterator[Recognizer]:
    """A recognizer whose embeddings are computed in eight bits."""
    with Recognizer(RecognizerConfig(precision="int8", networks="vggface2")) as one:
        yield one


def test_int8_stays_near_the_reference_and_decides_alike(
    int8: Recognizer, exact: Recognizer, golden: dict[str, Any]
) -> None:
    assert int8.info["precision"] == "int8"
    embeddings = {}
    for name in NAMES:
        expected = golden["photos"][name]
        image = exact.decode(photo(name).read_bytes())
        crop = exact.crop(image, np.array(expected["boxes"][0], np.float32))
        embeddings[name] = int8.embed(crop[None])[0]
        assert embeddings[name] @ np.array(expected["embedding"]) >= 0.99
    for a, b in itertools.combinations(NAMES, 2):
        same = ("obama" in a) == ("obama" in b) and "obama" in a
        distance = distances(embeddings[a], embeddings[b][None])[0]
        assert (distance <= DEFAULT_THRESHOLD) == same


def test_int8_is_refused_for_weights_that_it_was_not_measured_on() -> None:
    with pytest.raises(ModelsMissing):
        Recognizer(RecognizerConfig(precision="int8", networks="vggface2", weights="casia-webface"))


def test_every_named_pair_is_decided_alike(
    exact: Recognizer, facenet: Recognizer, golden: dict[str, Any]
) -> None:
    def decisions(embeddings: dict[str, np.ndarray]) -> dict[tuple[str, str], bool]:
        return {
            (a, b): bool(distances(embeddings[a], embeddings[b][None])[0] <= DEFAULT_THRESHOLD)
            for a, b in itertools.combinations(NAMES, 2)
        }

    reference = {n: np.array(golden["photos"][n]["embedding"], np.float32) for n in NAMES}
    expected = decisions(reference)
    assert expected[("obama", "obama2")]
    assert not expected[("obama", "biden")]
    for one in (exact, facenet):
        assert decisions({n: one.embed_image(photo(n).read_bytes()) for n in NAMES}) == expected


@needs_faces
def test_both_modes_find_the_six_faces_of_the_group_photograph(
    exact: Recognizer, facenet: Recognizer, golden: dict[str, Any]
) -> None:
    image = exact.decode((FACES / "group_6.jpg").read_bytes())
    expected = np.array(golden["group_6"]["boxes"], np.float32)
    # The reference searched from 20 pixels; from 40 its pyramid is another one.
    for one, min_face, least in (
        (exact, 20, 0.99),
        (exact, 40, 0.8),
        (facenet, 20, 0.8),
        (facenet, 40, 0.8),
    ):
        boxes = np.stack([face.box for face in one.detect(image, min_face)])
        assert len(boxes) == 6
        assert all(overlaps(box, boxes).max() >= least for box in expected)


@needs_faces
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_error_rates_on_lfw_are_not_worse_than_the_reference(
    request: pytest.FixtureRequest, golden: dict[str, Any], mode: str
) -> None:
    one: Recognizer = request.getfixturevalue({"exact": "exact", "fast": "facenet"}[mode])
    photographs = sorted((FACES / "lfw").glob("*/*.jpg"))
    embeddings = []
    for path in photographs:
        image = one.decode(path.read_bytes())
        # As the reference: the largest face, also where the gate would say "several faces".
        largest = one.detect_prominent(image)[0]
        embeddings.append(one.embed(one.crop(image, largest.box)[None])[0])
    found = pairs(np.stack(embeddings), [path.parent.name for path in photographs])
    *fixed, without = golden["lfw"]["rates"]
    for rate in fixed:
        mine = found.at(rate["threshold"])
        assert mine.false_accept_rate <= rate["false_accept_rate"]
        assert mine.false_reject_rate <= rate["false_reject_rate"]
    assert found.without_false_accepts().false_reject_rate <= without["false_reject_rate"]
