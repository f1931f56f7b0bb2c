"""The queue on paper behaves as queues do, and as the server that was measured."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from tests.load import simulate
from tests.load.simulate import Times

STEADY = Times("x", 0.02, 0.0001, [])


def outcome(arrivals: list[float], cores: int) -> simulate.Outcome:
    return simulate.simulate(arrivals, cores, STEADY, random.Random(1))


def test_who_is_alone_waits_for_nobody() -> None:
    found = outcome([0.0, 1.0, 2.0], 2)
    assert found.seconds == pytest.approx([0.02] * 3, rel=0.01)
    assert found.refused == 0


def test_those_who_come_at_once_wait_in_line_and_nobody_is_lost() -> None:
    found = outcome([0.0] * 40, 2)
    assert found.last == pytest.approx(0.4, rel=0.01)
    assert found.percentile(1) == pytest.approx(0.4, rel=0.01)
    assert found.load == pytest.approx(1, rel=0.01)


def test_a_full_queue_refuses_and_they_come_again() -> None:
    found = outcome([0.0] * 100, 2)
    assert found.refused == 100 - simulate.QUEUE
    assert len(found.seconds) == 100
    assert found.percentile(1) > simulate.RESEND_SECONDS


def test_more_cores_are_never_slower() -> None:
    arrivals = simulate.arriving(2000, simulate.at_the_hour(20), random.Random(1))
    p95 = [outcome(arrivals, cores).percentile(0.95) for cores in (2, 4, 8)]
    assert p95 == sorted(p95, reverse=True)


def test_most_come_after_a_quarter_of_the_time() -> None:
    arrivals = simulate.arriving(10_000, simulate.at_the_hour(100), random.Random(1))
    minutes = Counter(int(moment // 10) for moment in arrivals)
    assert max(minutes, key=lambda each: minutes[each]) in (1, 2, 3)
    assert len(arrivals) == 10_000
    assert 0 <= arrivals[0] <= arrivals[-1] <= 100


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_queue_comes_to_what_was_measured(number: int) -> None:
    """Marks a second and the middle within a fifth where several clients press."""
    run = json.loads(simulate.RESULTS.read_text("utf-8"))["runs"][number]
    times = simulate.measured(run)
    full = max(run["rounds"], key=lambda each: each["clients"])
    found = simulate.closed(full["clients"], full["marks"], times, random.Random(1))
    assert len(found.seconds) / found.last == pytest.approx(full["marks_per_second"], rel=0.2)
    assert 1000 * found.percentile(0.5) == pytest.approx(full["p50_ms"], rel=0.2)


def test_its_assumptions_are_said() -> None:
    said = " ".join(simulate.assumptions(40_000, 0.5, 300, STEADY))
    for word in ("40,000", "50%", "300 s", "lognormal", "503", "not measured at this size"):
        assert word in said
