"""Distances that decide: by the level, or by hand."""

from __future__ import annotations

from typing import Any

import pytest

from attendance.core.settings import Settings
from attendance.faces.thresholds import Thresholds
from facerecog.levels import levels


def thresholds(model: str = "both", **settings: Any) -> Thresholds:
    return Thresholds(Settings.model_construct(**{**_usual(), **settings}), model, "int8")


def _usual() -> dict[str, Any]:
    return {name: field.default for name, field in Settings.model_fields.items()}


@pytest.mark.parametrize("rate", [0.001, 0.0001, 0.00001])
def test_the_level_decides_until_a_distance_is_set_by_hand(rate: float) -> None:
    assert thresholds(face_fmr=rate).own("both") == levels("both", "int8").distance(rate)
    assert thresholds(face_fmr=rate, face_threshold=0.77).own("both") == 0.77


def test_old_templates_of_facenet_are_as_good_as_they_were_until_they_are_replaced() -> None:
    assert thresholds().own("vggface2") == 0.9
    assert thresholds("vggface2").own("vggface2") < 0.9
    assert thresholds().strict("vggface2") < 0.8


def test_a_face_is_taken_more_seldom_in_a_large_school() -> None:
    found = [thresholds().taken("both", templates) for templates in (1, 1000, 10_000)]
    assert found[0] == found[1] > found[2]
    assert thresholds(face_taken_threshold=0.5).taken("both", 1) == 0.5


def test_two_people_hardly_pass_as_one() -> None:
    assert thresholds().same("both") == levels("both", "int8").distance(0.001)
    assert thresholds(face_same_threshold=1.3).same("both") == 1.3


def test_a_search_in_a_large_gallery_wants_a_nearer_face() -> None:
    of = thresholds()
    assert of.names("both", 1.0, 1.15, 30, 30)
    assert not of.names("both", 1.0, 1.05, 5000, 5000)
    assert of.names("both", 0.7, 1.2, 5000, 5000)


def test_the_gap_to_the_second_counts() -> None:
    of = thresholds()
    assert of.names("both", 1.02, 1.25, 300, 300)
    assert not of.names("both", 1.02, 1.03, 300, 300)


def test_one_who_is_alone_is_named_by_the_distance() -> None:
    of = thresholds()
    assert of.names("both", 1.1, None, 1, 1)
    assert not of.names("both", 1.3, None, 1, 1)


def test_two_who_are_both_surely_it_are_unknown() -> None:
    of = thresholds()
    assert not of.names("both", 0.6, 0.65, 30, 30)
    assert of.names("both", 0.6, 0.95, 30, 30)


def test_a_distance_and_a_lead_by_hand_win() -> None:
    assert thresholds(identify_threshold=0.8).names("both", 0.79, 0.9, 5, 5)
    assert not thresholds(identify_threshold=0.8).names("both", 0.79, 0.88, 5, 5)
    assert not thresholds(identify_threshold=0.8).names("both", 0.81, 1.4, 5, 5)
    assert not thresholds(identify_margin=0.5).names("both", 0.7, 1.1, 5, 5)


def test_what_a_distance_means_is_known() -> None:
    of = thresholds(face_threshold=1.05)
    assert of.in_force("face_threshold", 10) == 1.05
    assert of.false_match_rate(1.05) == pytest.approx(6e-5, rel=0.1)
    assert of.in_force("keep_photos", 10) is None
    for name in ("face_taken_threshold", "face_same_threshold", "identify_threshold"):
        distance = of.in_force(name, 10)
        assert distance is not None
        assert 0.9 < distance < 1.3
