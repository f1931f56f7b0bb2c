"""Error rates of comparisons, against numbers computed by hand and against loops."""

from __future__ import annotations

import numpy as np
import pytest

from facerecog.rates import (
    Comparisons,
    Estimate,
    draws,
    interval,
    rates_at,
    rates_at_fmr,
    rule_of_three,
    threshold_at,
)


def four_people(genuine: list[float], impostor: list[float]) -> Comparisons:
    """Two photographs of one person and one of each of three others, or what is given of it."""
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    order = np.argsort(impostor)
    return Comparisons(
        genuine=np.array(genuine, np.float32),
        genuine_of=np.arange(len(genuine)) % 4,
        impostor=np.array(impostor, np.float32)[order],
        impostor_of=np.array(pairs)[order],
        probes=np.ones(4, int),
        references=np.ones(4, int),
        symmetric=True,
    )


def at_random(people: int = 30, seed: int = 1) -> Comparisons:
    """One template and a few probes of each person, all comparisons kept."""
    rng = np.random.default_rng(seed)
    probes = rng.integers(1, 4, people)
    owner = np.repeat(np.arange(people), probes)
    probe, reference = (grid.ravel() for grid in np.meshgrid(owner, np.arange(people)))
    distances = rng.normal(1.3, 0.1, len(probe)).astype(np.float32)
    distances[probe == reference] -= 0.2
    order = np.argsort(distances)
    probe, reference, distances = probe[order], reference[order], distances[order]
    own = probe == reference
    return Comparisons(
        distances[own],
        probe[own],
        distances[~own],
        np.stack([probe[~own], reference[~own]], axis=1),
        probes,
        np.ones(people, int),
    )


def test_rates_at_a_threshold_are_the_parts_on_its_wrong_sides() -> None:
    found = four_people([0.5, 0.7, 0.9, 1.1], [0.8, 0.9, 1.2, 1.3, 1.4, 1.5])
    (rates,) = rates_at(found, [0.9])
    assert (rates.fmr.value, rates.fnmr.value) == (2 / 6, 1 / 4)  # 0.9 itself is accepted
    assert (rates.false_matches, rates.impostors) == (2, 6)
    assert (rates.false_non_matches, rates.genuine) == (1, 4)


def test_the_threshold_of_a_rate_is_the_largest_that_keeps_to_it() -> None:
    distances = np.array([0.8, 0.9, 1.2, 1.3], np.float32)
    for rate, last in ((0.25, 0.8), (0.5, 0.9), (0.49, 0.8), (0.75, 1.2)):
        threshold = threshold_at(rate, distances).value
        assert np.mean(distances <= threshold) <= rate
        assert np.mean(distances <= np.nextafter(np.float32(threshold), np.float32(2))) > rate
        assert (distances <= threshold).sum() == (distances <= np.float32(last)).sum()


def test_a_rate_below_one_comparison_puts_the_threshold_under_the_nearest() -> None:
    distances = np.array([1.0, 1.1], np.float32)
    threshold = threshold_at(1e-4, distances).value
    assert threshold < 1.0
    assert threshold == pytest.approx(1.0)


def test_of_equal_distances_either_all_are_accepted_or_none() -> None:
    distances = np.array([0.9, 0.9, 0.9, 1.4], np.float32)
    assert np.mean(distances <= threshold_at(0.5, distances).value) == 0
    assert np.mean(distances <= threshold_at(0.75, distances).value) == 0.75


def test_a_product_that_is_rounded_down_does_not_lose_an_error() -> None:
    distances = np.arange(100, dtype=np.float32)
    assert 0.29 * 100 < 29
    assert np.sum(distances <= threshold_at(0.29, distances).value) == 29


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        threshold_at(rate, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="needed"):
        threshold_at(0.1, np.empty(0, np.float32))


def test_the_interval_of_a_threshold_holds_the_true_one_in_most_samples() -> None:
    rng = np.random.default_rng(3)
    true = -2.3263  # a hundredth of a normal distribution lies below
    held = 0
    for _ in range(200):
        found = threshold_at(0.01, rng.normal(size=5000).astype(np.float32))
        assert found.low < found.value < found.high
        held += found.low <= true <= found.high
    assert 0.9 <= held / 200 <= 0.99


def test_the_nearest_comparisons_give_the_same_as_all() -> None:
    every = at_random()
    part = len(every.impostor) // 3
    nearest = Comparisons(
        every.genuine,
        every.genuine_of,
        every.impostor[:part],
        every.impostor_of[:part],
        every.probes,
        every.references,
        reach=float(every.impostor[part - 1]),
    )
    assert nearest.impostors == len(every.impostor)
    assert rates_at_fmr(nearest, [0.1, 0.01]) == rates_at_fmr(every, [0.1, 0.01])
    assert rates_at(nearest, [1.0, 1.1]) == rates_at(every, [1.0, 1.1])
    with pytest.raises(ValueError, match="more of the nearest"):
        rates_at_fmr(nearest, [0.5])
    with pytest.raises(ValueError, match="more of the nearest"):
        rates_at(nearest, [1.5])


def test_the_intervals_are_those_of_a_loop_over_drawn_people() -> None:
    found = at_random(people=12)
    fmr = 0.05
    (rates,) = rates_at_fmr(found, [fmr], replicates=40, seed=7)
    thresholds, fmrs, fnmrs = [], [], []
    for drawn in draws(12, 40, 7):
        impostor, genuine = [], []
        for distance, (a, b) in zip(found.impostor, found.impostor_of, strict=True):
            impostor += [distance] * int(drawn[a] * drawn[b])
        for distance, a in zip(found.genuine, found.genuine_of, strict=True):
            genuine += [distance] * int(drawn[a])
        threshold = threshold_at(fmr, np.array(impostor)).value
        thresholds.append(threshold)
        fmrs.append(np.mean(np.array(impostor) <= np.float32(rates.threshold.value)))
        fnmrs.append(np.mean(np.array(genuine) > np.float32(threshold)))
    for estimate, values in (
        (rates.threshold, thresholds),
        (rates.fmr, fmrs),
        (rates.fnmr, fnmrs),
    ):
        assert (estimate.low, estimate.high) == pytest.approx(interval(values), abs=1e-6)


def test_people_who_are_hard_to_recognise_widen_the_interval() -> None:
    """All photographs of one person in ten are refused: ten people tell it, not 400 photographs."""
    alike = Comparisons(
        np.concatenate([np.full(40, 1.5), np.full(360, 0.5)]).astype(np.float32),
        np.repeat(np.arange(10), 40),
        np.ones(1, np.float32),
        np.array([[0, 1]]),
        np.eye(10, dtype=int)[0],
        np.eye(10, dtype=int)[1],
    )
    (rates,) = rates_at(alike, [1.0])
    assert rates.fnmr.value == 0.1
    assert rates.fnmr.low == 0
    assert rates.fnmr.high >= 0.25  # drawing comparisons would say 0.13


def test_without_an_error_the_rule_of_three_gives_the_upper_end() -> None:
    found = four_people([0.5, 0.7, 0.9, 1.1], [1.2, 1.2, 1.2, 1.3, 1.4, 1.5])
    (rates,) = rates_at(found, [1.15])
    assert rates.fnmr == Estimate(0.0, 0.0, 3 / 4)  # four people
    assert rates.fmr == Estimate(0.0, 0.0, 1.0)  # two pairs without a person in common
    assert [rule_of_three(n) for n in (0, 2, 300)] == [1.0, 1.0, 0.01]


def test_two_copies_of_one_drawn_person_are_not_compared_with_each_other() -> None:
    found = four_people([0.5], [0.8, 0.9, 1.2, 1.3, 1.4, 1.5])
    assert found.impostors == 6
    assert found.weight(np.array([2, 2, 0, 0])) == 4
    assert found.weight(np.array([4, 0, 0, 0])) == 0


def test_nobody_to_compare_gives_no_rate_and_no_error() -> None:
    empty = Comparisons(
        np.empty(0, np.float32),
        np.empty(0, int),
        np.empty(0, np.float32),
        np.empty((0, 2), int),
        np.ones(1, int),
        np.ones(1, int),
        True,
    )
    (rates,) = rates_at(empty, [0.9])
    assert np.isnan([rates.fmr.value, rates.fnmr.value, rates.fmr.high, rates.fnmr.high]).all()
    with pytest.raises(ValueError, match="needed"):
        rates_at_fmr(empty)
