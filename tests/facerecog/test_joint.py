"""Photographs of one moment become one probe."""

from __future__ import annotations

import numpy as np

from facerecog import FaceResult, Quality, apart, combined


def face(angle: float, quality: float = 0.5) -> FaceResult:
    embedding = np.zeros(512, np.float32)
    embedding[:2] = np.cos(angle), np.sin(angle)
    return FaceResult(
        box=np.zeros(4, np.float32),
        landmarks=np.zeros((5, 2), np.float32),
        probability=1.0,
        quality=Quality(quality=quality, sharpness=1.0, brightness=120.0, size=160),
        embedding=embedding,
    )


def test_one_face_stays_as_it_is() -> None:
    only = face(0.3)
    assert combined([only]) is only


def test_faces_of_one_quality_meet_in_the_middle_at_unit_length() -> None:
    found = combined([face(0.0), face(0.4)])
    assert np.allclose(found.embedding[:2], [np.cos(0.2), np.sin(0.2)], atol=1e-6)
    assert found.embedding.dtype == np.float32
    assert abs(float(np.linalg.norm(found.embedding)) - 1) < 1e-6


def test_a_clearer_face_counts_for_more_and_tells_the_rest() -> None:
    clear, poor = face(0.0, quality=0.9), face(0.4, quality=0.1)
    found = combined([poor, clear])
    assert found.quality is clear.quality
    assert np.arctan2(found.embedding[1], found.embedding[0]) < 0.05


def test_faces_without_any_quality_still_make_a_probe() -> None:
    assert np.isfinite(combined([face(0.0, quality=0.0), face(0.4, quality=0.0)]).embedding).all()


def test_the_first_face_too_far_from_one_before_it_is_named() -> None:
    near, far = face(0.0), face(1.5)
    assert apart([near], 1.0) is None
    assert apart([near, face(0.1), face(0.2)], 1.0) is None
    assert apart([near, face(0.1), far], 1.0) == 2
    assert apart([near, far, near], 1.0) == 1
