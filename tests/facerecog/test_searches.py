"""Open-set identification, against numbers computed by hand and against loops."""

from __future__ import annotations

import numpy as np
import pytest

from facerecog.divisions import divided
from facerecog.rates import Estimate, draws, interval
from facerecog.searches import (
    Searches,
    by_distance,
    by_distance_and_gap,
    rates_at_fpir,
    rates_of,
    search,
)
from tests.facerecog.test_trials import photographs


def searches(
    mated: list[tuple[float, float, bool]], strangers: list[tuple[float, float]]
) -> Searches:
    """Searches given as (first, second, whether the first is right); each of another person."""
    count = len(mated) + len(strangers)
    return Searches(
        np.array([one[0] for one in [*mated, *strangers]], np.float32),
        np.array([one[1] for one in [*mated, *strangers]], np.float32),
        np.arange(count) < len(mated),
        np.array([*(one[2] for one in mated), *(False for _ in strangers)]),
        np.arange(count),
        count,
    )


def test_a_search_is_missed_when_it_is_too_far_or_names_somebody_else() -> None:
    found = searches(
        [(0.5, 1.2, True), (0.7, 1.2, True), (0.6, 1.2, False), (1.1, 1.2, True)],
        [(0.8, 1.2), (0.9, 1.2), (1.0, 1.2), (1.1, 1.2)],
    )
    (rates,) = rates_at_fpir(found, [0.25])
    assert rates.threshold.value == pytest.approx(0.9)
    assert (rates.fpir.value, rates.false_positives, rates.strangers) == (0.25, 1, 4)
    # One has a wrong name, one is farther than 0.9.
    assert (rates.fnir.value, rates.false_negatives, rates.mated) == (0.5, 2, 4)


def test_the_gap_to_the_second_person_lets_a_far_but_lonely_face_be_found() -> None:
    found = searches(
        [(0.5, 1.3, True), (0.95, 1.45, True)],
        [(0.9, 0.95), (0.92, 0.96), (1.0, 1.05), (1.1, 1.2)],
    )
    (alone,) = rates_at_fpir(found, [0.1], by_distance)
    (together,) = rates_at_fpir(found, [0.1], by_distance_and_gap(0.5))
    assert (alone.fnir.value, together.fnir.value) == (0.5, 0.0)
    score = by_distance_and_gap(0.5)(np.float32([0.9]), np.float32([1.1]))
    assert score == pytest.approx([0.8])


def test_a_rule_in_force_is_judged_by_its_answers() -> None:
    found = searches(
        [(0.5, 1.2, True), (0.7, 0.75, True), (0.6, 1.2, False)], [(0.7, 1.2), (0.79, 0.81)]
    )
    accepted = (found.first <= 0.8) & (found.second - found.first >= 0.1)
    rates = rates_of(found, accepted)
    assert (rates.fpir.value, rates.fnir.value) == (0.5, pytest.approx(2 / 3))
    assert np.isnan(rates.threshold.value)
    nobody = rates_of(found, np.zeros(5, bool))
    assert nobody.fpir == Estimate(0.0, 0.0, 1.0)  # two strangers tell nothing


@pytest.mark.parametrize(("templates", "frames"), [(1, 1), (3, 1), (2, 2)])
def test_searches_are_those_of_a_loop(templates: int, frames: int) -> None:
    embeddings, people = photographs()
    found = search(embeddings, people, gallery=10, templates=templates, frames=frames)
    chosen = divided(people, templates=templates, frames=frames)
    drawn = np.random.default_rng(0).permutation(len(chosen.enrolled))[:10]
    for place, (rows, owner) in enumerate(zip(chosen.probes, chosen.probe_of, strict=True)):
        probe = embeddings[rows].mean(axis=0)
        probe /= np.linalg.norm(probe)
        distances = sorted(
            (
                min(
                    float(np.linalg.norm(probe - embeddings[row])) for row in chosen.templates[one]
                ),
                chosen.enrolled[one],
            )
            for one in drawn
        )
        assert found.first[place] == pytest.approx(distances[0][0], abs=1e-4)
        assert found.second[place] == pytest.approx(distances[1][0], abs=1e-4)
        assert found.mated[place] == (owner in chosen.enrolled[drawn])
        assert found.right[place] == (distances[0][1] == owner)


def test_the_intervals_are_those_of_a_loop_over_drawn_people() -> None:
    embeddings, people = photographs(noise=1.0)
    found = search(embeddings, people, gallery=15, draws=2)
    (rates,) = rates_at_fpir(found, [0.1], replicates=30)
    missed, named = [], []
    for drawn in draws(found.people, 30, 0):
        times = drawn[found.probe_of]
        strangers = np.sort(np.repeat(found.first[~found.mated], times[~found.mated]))
        limit = strangers[int(0.1 * len(strangers))]  # the first that is one too many
        own = np.repeat(found.mated & ~(found.right & (found.first < limit)), times)
        missed.append(own.sum() / np.repeat(found.mated, times).sum())
        named.append(np.mean(strangers <= np.float32(rates.threshold.value)))
    assert (rates.fnir.low, rates.fnir.high) == pytest.approx(interval(missed))
    assert (rates.fpir.low, rates.fpir.high) == pytest.approx(interval(named))


def test_a_larger_gallery_gives_more_strangers_a_name() -> None:
    embeddings, people = photographs(people=120)
    at = {
        size: float(np.mean(found.first[~found.mated] <= 0.9))
        for size in (5, 50)
        for found in [search(embeddings, people, gallery=size, draws=3)]
    }
    assert at[50] > 2 * at[5] > 0


def test_a_gallery_that_cannot_be_made_is_said() -> None:
    embeddings, people = photographs()
    with pytest.raises(ValueError, match="people have 2 photographs, 1000 are needed"):
        search(embeddings, people, gallery=1000)
    every = np.repeat(np.arange(4), 3)
    with pytest.raises(ValueError, match="stranger"):
        search(embeddings[:12], every, gallery=4)
