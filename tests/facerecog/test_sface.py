"""SFace, alone and together with FaceNet, by the numbers of benchmarks/golden_sface.py."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facerecog import (
    FaceResult,
    PlatformUnsupported,
    Recognizer,
    RecognizerConfig,
    distances,
    get_embedding_from_bytes,
)
from facerecog.align import PLACES, aligned_face, similarity
from facerecog.models import as_model, embedding_size, joined, weighed, within
from facerecog.samples import NAMES, photo

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def numbers() -> dict[str, np.ndarray]:
    """What onnxruntime made of the file in the wheel."""
    told: dict[str, Any] = json.loads((HERE / "golden_sface.json").read_text())["embeddings"]
    return {name: np.array(numbers, np.float32) for name, numbers in told.items()}


@pytest.fixture(scope="module", params=["exact", "bf16", "int8"])
def sface(request: pytest.FixtureRequest) -> Iterator[Recognizer]:
    """A recognizer with SFace alone, in each precision that this processor computes in."""
    how = {"mode": "exact"} if request.param == "exact" else {"precision": request.param}
    try:
        one = Recognizer(RecognizerConfig(networks="sface", **how))
    except PlatformUnsupported as error:
        pytest.skip(str(error))
    with one:
        yield one


@pytest.fixture(scope="module")
def both() -> Iterator[Recognizer]:
    """A recognizer with both networks."""
    with Recognizer(RecognizerConfig(networks="both")) as one:
        yield one


def aligned(name: str, golden: dict[str, Any], recognizer: Recognizer) -> np.ndarray:
    """A photograph's first face as the golden numbers were made from it."""
    image = recognizer.decode(photo(name).read_bytes())
    return aligned_face(image, np.array(golden["photos"][name]["landmarks"][0]))


def test_the_converted_network_says_what_the_file_in_the_wheel_says(
    sface: Recognizer, golden: dict[str, Any], numbers: dict[str, np.ndarray]
) -> None:
    assert set(numbers) == set(NAMES)
    least = {"f32": 0.9999, "bf16": 0.998, "int8": 0.98}[sface.info["precision"]]
    for name, expected in numbers.items():
        picture = aligned(name, golden, sface)
        alone = sface.embed(aligned=picture[None])[0]
        in_company = sface.embed(aligned=np.repeat(picture[None], 3, axis=0))[2]
        assert alone @ expected >= least
        assert in_company @ expected >= least
        assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)


def test_sface_tells_the_named_people_apart_end_to_end(sface: Recognizer) -> None:
    whole = [name for name in NAMES if "partial" not in name]
    found = {name: sface.embed_image(photo(name).read_bytes()) for name in whole}
    for a, b in itertools.combinations(whole, 2):
        same = "obama" in a and "obama" in b
        assert (distances(found[a], found[b][None])[0] < 1.0) == same


@pytest.mark.parametrize(("networks", "size"), [("both", 640), ("vggface2", 512), ("sface", 128)])
def test_the_choice_of_networks_decides_how_long_an_embedding_is(networks: Any, size: int) -> None:
    with Recognizer(RecognizerConfig(networks=networks)) as one:
        assert one.info["networks"] == one.info["model"] == networks
        assert one.info["embedding_size"] == size
        found = one.analyse(photo("obama2").read_bytes())
        assert found.embedding.shape == (size,)
        assert np.linalg.norm(found.embedding) == pytest.approx(1, abs=1e-5)
        image = one.decode(photo("obama2").read_bytes())
        faces = one.detect_prominent(image)
        assert one.embed_faces(image, faces)[0] @ found.embedding > 0.99
        assert one.embed_faces(image, []).shape == (0, size)


def test_the_function_for_bytes_answers_what_the_default_says(recognizer: Recognizer) -> None:
    found = get_embedding_from_bytes(photo("obama2").read_bytes())
    assert found.shape == (recognizer.info["embedding_size"],)


def test_both_in_one_hold_each_networks_own_embedding(both: Recognizer) -> None:
    data = photo("obama3").read_bytes()
    together = both.embed_image(data)
    for name in ("vggface2", "sface"):
        with Recognizer(RecognizerConfig(networks=name)) as one:
            own = one.embed_image(data)
        cut = as_model(together, "both", name)
        assert cut.shape == own.shape
        assert cut @ own > 0.999


def test_the_joint_distance_is_the_weighted_mean_of_squares() -> None:
    rng = np.random.default_rng(3)
    faces = [rng.normal(size=(2, size)) for size in (512, 128)]
    parts = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in faces]
    own = [float(((rows[0] - rows[1]) ** 2).sum()) for rows in parts]
    whole = joined(parts)
    assert float(((whole[0] - whole[1]) ** 2).sum()) == pytest.approx(0.2 * own[0] + 0.8 * own[1])
    for part, name in zip(parts, ("vggface2", "sface"), strict=True):
        np.testing.assert_allclose(as_model(whole, "both", name), part, atol=1e-6)


def test_embeddings_of_different_networks_do_not_compare() -> None:
    assert within("both", "sface")
    assert within("both", "vggface2")
    for model, wanted in (("sface", "vggface2"), ("vggface2", "both"), ("both", "casia-webface")):
        assert not within(model, wanted)
        with pytest.raises(ValueError, match=wanted):
            as_model(np.zeros(embedding_size(model)), model, wanted)
    assert not within("both", "of-the-future")


def test_photographs_of_many_requests_get_the_embeddings_that_each_gets_alone(
    both: Recognizer,
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    pictures = [photo(name).read_bytes() for name in ("obama", "obama2", "obama3", "biden")] * 2
    alone = [both.embed_image(picture) for picture in pictures[:4]] * 2
    with ThreadPoolExecutor(8) as pool:
        found: list[FaceResult] = list(pool.map(both.analyse, pictures))
    for result, expected in zip(found, alone, strict=True):
        assert result.embedding @ expected > 0.998


def test_what_a_network_wants_is_asked_for(both: Recognizer) -> None:
    crops, upright = np.zeros((1, 160, 160, 3), np.uint8), np.zeros((1, 112, 112, 3), np.uint8)
    assert both.embed(crops, upright).shape == (1, 640)
    for given in ((crops, None), (None, upright), (upright, crops), (crops[:0], upright)):
        with pytest.raises(ValueError, match=r"crops|aligned"):
            both.embed(*given)


def test_a_known_similarity_is_found_again() -> None:
    angle, scale, move = 0.4, 1.7, np.array([12.0, -5.0])
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = np.random.default_rng(5).normal(size=(5, 2)) * 30
    found = similarity(points, points @ turn.T + move)
    np.testing.assert_allclose(found, np.column_stack([turn, move]), atol=1e-9)


def test_no_other_similarity_comes_nearer_to_the_places() -> None:
    points = PLACES * 2 + np.random.default_rng(6).normal(size=PLACES.shape) * 6

    def error(transform: np.ndarray) -> float:
        moved = points @ transform[:, :2].T + transform[:, 2]
        return float(((moved - PLACES) ** 2).sum())

    best = similarity(points)
    assert best[0, 0] == pytest.approx(best[1, 1])
    assert best[0, 1] == pytest.approx(-best[1, 0])
    for turn, stretch in itertools.product((-0.02, 0, 0.02), (0.98, 1, 1.02)):
        other = best.copy()
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        other[:, :2] = stretch * spin @ best[:, :2]
        assert error(other) >= error(best)


def test_a_mirrored_set_of_points_is_turned_and_never_flipped() -> None:
    mirrored = PLACES * (-1, 1)
    found = similarity(mirrored)
    assert np.linalg.det(found[:, :2]) > 0


def test_points_in_one_place_are_no_reason_to_fail() -> None:
    found = similarity(np.full((5, 2), 40.0))
    assert np.isfinite(found).all()
    assert aligned_face(np.zeros((80, 80, 3), np.uint8), np.full((5, 2), 40.0)).shape == (
        112,
    ) * 2 + (3,)


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_a_larger_picture_gives_the_same_aligned_face(factor: int) -> None:
    import cv2

    soft = np.random.default_rng(7).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    image = cv2.resize(soft, (200, 200), interpolation=cv2.INTER_CUBIC)
    landmarks = PLACES * 1.2 + (30, 20)
    large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    # a pixel's middle is at x, that of the larger picture at factor · (x + ½) − ½
    found = aligned_face(large, (landmarks + 0.5) * factor - 0.5)
    difference = np.abs(found.astype(int) - aligned_face(image, landmarks).astype(int))
    assert difference.mean() < 2


def test_the_torch_engine_has_facenet_only_and_says_so() -> None:
    with pytest.raises(PlatformUnsupported, match="FACE_NETWORKS") as caught:
        Recognizer(RecognizerConfig(engine="torch", networks="both"))
    assert "\n" not in str(caught.value)


def test_a_template_is_the_mean_with_the_mirror_image(both: Recognizer) -> None:
    data = photo("astronaut").read_bytes()
    probe, template = both.analyse(data).embedding, both.enrol(data).embedding
    image = both.decode(data)
    (face,) = both.detect_prominent(image)[:1]
    crop, upright = both.crop(image, face.box), both.align(image, face.landmarks)
    pair = both.embed(np.stack([crop, crop[:, ::-1]]), np.stack([upright, upright[:, ::-1]]))
    for name in ("vggface2", "sface"):
        own = as_model(pair, "both", name)
        mean = own.sum(axis=0) / np.linalg.norm(own.sum(axis=0))
        assert as_model(template, "both", name) @ mean > 0.995
    assert np.linalg.norm(template) == pytest.approx(1, abs=1e-5)
    assert 0.9 < probe @ template < 0.9999


def test_an_evaluation_compares_what_a_mark_compares(both: Recognizer) -> None:
    data = photo("astronaut").read_bytes()
    probe, template = both.probe_and_template(data)
    assert probe @ both.analyse(data).embedding > 0.9999
    assert template @ both.enrol(data).embedding > 0.9999
    assert probe @ template < 0.9999


def test_a_template_of_an_earlier_weight_is_weighed_as_those_of_today(both: Recognizer) -> None:
    today = both.enrol(photo("astronaut").read_bytes()).embedding
    parts = [as_model(today, "both", name) for name in ("vggface2", "sface")]
    earlier = np.concatenate([parts[0] * 0.3**0.5, parts[1] * 0.7**0.5])
    assert np.linalg.norm(earlier - today) > 0.1
    assert weighed(earlier, "both") == pytest.approx(today, abs=1e-6)
    assert weighed(today, "both") == pytest.approx(today, abs=1e-6)
    assert weighed(parts[1], "sface") is parts[1]
    assert weighed(earlier[:100], "both").shape == (100,)  # of unknown making: compared with nobody
