"""Security levels: distances that follow from how many strangers may pass."""

from __future__ import annotations

import numpy as np
import pytest

from facerecog.leveling import Comparisons, table
from facerecog.levels import GAP_WEIGHT, levels, measured, usual_distance
from facerecog.matching import DEFAULT_THRESHOLD
from facerecog.models import CHOICES

PRECISIONS = ("int8", "bf16", "f32")


def people(count: int, photographs: int, size: int = 24, spread: float = 0.1) -> tuple:
    """Embeddings of invented people: probes (n, size), templates (n, size), names (n,)."""
    rng = np.random.default_rng(11)
    centres = np.repeat(rng.normal(size=(count, size)), photographs, axis=0)

    def seen() -> np.ndarray:
        rows = centres + rng.normal(size=centres.shape) * spread
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    return seen(), seen(), np.repeat(np.arange(count), photographs)


@pytest.mark.parametrize("model", CHOICES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_stricter_levels_mean_smaller_distances_and_back(model: str, precision: str) -> None:
    of = levels(model, precision)
    rates = (1e-2, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6)
    distances = [of.distance(rate) for rate in rates]
    assert distances == sorted(distances, reverse=True)
    for rate, distance in zip(rates, distances, strict=True):
        assert of.fmr(distance) == pytest.approx(rate, rel=1e-6)
    assert of.fmr(2.0) <= 1


def test_the_networks_together_are_weighed_as_they_were_measured() -> None:
    assert levels("both", "int8").distance(1e-4) == pytest.approx(1.062, abs=0.01)
    assert levels("both", "int8").distance(1e-5) == pytest.approx(1.01, abs=0.015)


def test_what_the_tables_promise_stands_in_them_with_confidence() -> None:
    table = measured()
    assert table["origin"]
    for model in CHOICES:
        for entry in table["models"][model].values():
            assert entry["people"] > 1000
            for half in ("errors", "other_half"):
                for row in entry[half]:
                    for name in ("fnmr", "fmr"):
                        value, low, high = row[name]
                        assert low <= value <= high
    both = table["models"]["both"]["int8"]["errors"]
    assert next(row for row in both if row["fmr_wanted"] == 1e-5)["fnmr"][0] <= 0.03
    alone = table["models"]["vggface2"]["int8"]["errors"]
    for mine, facenet in zip(both, alone, strict=True):
        assert mine["fnmr"][0] < facenet["fnmr"][0]


def test_a_larger_gallery_wants_a_nearer_face() -> None:
    of = levels("both", "int8")
    found = [of.search_distance(0.01, n, n) for n in (1, 30, 1000, 20_000)]
    assert found == sorted(found, reverse=True)
    assert found[0] == of.distance(0.01)
    assert of.search_distance(0.001, 100, 100) < of.search_distance(0.01, 100, 100)


def test_a_clear_gap_to_the_second_allows_more_and_a_narrow_one_less() -> None:
    of = levels("both", "int8")
    alone = of.search_distance(0.01, 300, 300)
    narrow, wide = (of.search_distance(0.01, 300, 300, gap) for gap in (0.0, 0.4))
    assert narrow < alone < wide
    assert wide - narrow == pytest.approx(GAP_WEIGHT * 0.4)


def test_an_unknown_model_has_no_level() -> None:
    with pytest.raises(KeyError):
        levels("of-the-future", "int8")


def test_rates_are_counted_over_pairs_of_the_same_and_of_different_people() -> None:
    near, far = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    rows = np.stack([near, near, far, far]).astype(np.float32)
    found = Comparisons(rows, rows, np.array(["a", "a", "b", "b"]))
    assert found.mated.sum() == 4
    assert (~found.same).sum() == 8
    errors = found.errors(1.0, np.random.default_rng(0))
    assert errors["fnmr"][0] == errors["fmr"][0] == 0
    assert found.errors(1.5, np.random.default_rng(0))["fmr"][0] == 1


def test_a_table_accepts_as_many_strangers_as_it_says() -> None:
    probes, templates, names = people(150, 3)
    made = table(templates, probes, names)
    distance = np.sqrt(2 - 2 * probes @ templates.T)
    other = distance[names[:, None] != names[None]]
    for rate, at in made["distances"]:
        assert np.mean(other <= at) == pytest.approx(rate, abs=2 / len(other) + rate * 0.05)
    assert [n for n, _ in made["leads"]["0.01"]] == [2, 3, 5, 10, 30, 100]
    for row in made["other_half"]:
        assert row["fnmr"][1] <= row["fnmr"][0] <= row["fnmr"][2]


def test_the_threshold_for_distance_and_gap_names_as_many_strangers_as_asked() -> None:
    probes, templates, names = people(400, 1)
    made = table(templates, probes, names)
    lead = dict(made["leads"]["0.01"])[30]
    allowed = dict(made["distances"])
    rng = np.random.default_rng(12)
    distance = np.sqrt(2 - 2 * probes @ templates.T)
    rates, rows = sorted(allowed), [allowed[rate] for rate in sorted(allowed)]
    alone = float(np.interp(np.log10(0.01 / 30), np.log10(rates), rows))
    named = []
    for _ in range(60):
        order = rng.permutation(400)
        two = np.sort(distance[np.ix_(order[30:], order[:30])], axis=1)[:, :2]
        named.append(two[:, 0] - GAP_WEIGHT * (two[:, 1] - two[:, 0]) <= alone - lead)
    assert np.mean(named) == pytest.approx(0.01, abs=0.006)


def test_a_model_that_was_not_measured_has_the_usual_distance_of_old() -> None:
    assert usual_distance("casia-webface", "bf16") == DEFAULT_THRESHOLD
    assert usual_distance("both", "int8") == levels("both", "int8").distance(1e-4)
