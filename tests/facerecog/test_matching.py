"""Distances, templates and galleries, with plain numbers."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from facerecog import (
    DEFAULT_COSINE_THRESHOLD,
    DEFAULT_THRESHOLD,
    Gallery,
    distances,
    matching,
    shortlist,
    template_distance,
)
from facerecog.pairs import pairs
from facerecog.shortlist import Shortlist


def unit(count: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, 512)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_euclidean_and_cosine_are_what_their_formulas_say() -> None:
    probe, templates = unit(1)[0], unit(7, seed=1)
    euclidean = np.linalg.norm(templates - probe, axis=1)
    assert distances(probe, templates) == pytest.approx(euclidean, abs=1e-5)
    assert distances(probe, templates, "cosine") == pytest.approx(euclidean**2 / 2, abs=1e-5)


def test_the_two_thresholds_decide_alike() -> None:
    assert pytest.approx(DEFAULT_THRESHOLD**2 / 2) == DEFAULT_COSINE_THRESHOLD


def test_a_probe_is_at_distance_zero_from_itself_and_never_nan() -> None:
    probe = unit(1)[0]
    assert distances(probe, np.stack([probe, -probe])) == pytest.approx([0, 2], abs=1e-3)


def test_the_distance_to_a_person_is_the_least_over_the_templates() -> None:
    probe, templates = unit(1)[0], unit(5, seed=1)
    assert template_distance(probe, templates) == distances(probe, templates).min()


@pytest.mark.parametrize(
    ("probe", "templates"),
    [
        (np.zeros((1, 512)), np.zeros((2, 512))),
        (np.zeros(512), np.zeros(512)),
        (np.zeros(512), np.zeros((2, 128))),
    ],
)
def test_shapes_that_do_not_fit_are_refused(probe: np.ndarray, templates: np.ndarray) -> None:
    with pytest.raises(ValueError, match="probe"):
        distances(probe, templates)


def test_an_unknown_metric_and_a_person_without_templates_are_refused() -> None:
    with pytest.raises(ValueError, match="metric"):
        distances(unit(1)[0], unit(2), "manhattan")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ValueError, match="without templates"):
        template_distance(unit(1)[0], np.empty((0, 512), np.float32))


@pytest.mark.parametrize("shortlist_from", [0, 10**9], ids=["short list", "all"])
def test_a_search_gives_distinct_people_nearest_first(shortlist_from: int) -> None:
    gallery = Gallery(shortlist_from)
    templates = {f"s{n}": unit(1 + n % 5, seed=n) for n in range(40)}
    for key, rows in templates.items():
        gallery.add(key, rows)
    probe = unit(1, seed=99)[0]
    expected = sorted((template_distance(probe, rows), key) for key, rows in templates.items())
    found = gallery.search(probe, k=5)
    assert [match.key for match in found] == [key for _, key in expected[:5]]
    assert [m.distance for m in found] == pytest.approx([d for d, _ in expected[:5]], abs=1e-3)


def test_a_persons_own_template_is_found_first() -> None:
    gallery = Gallery()
    for number in range(200):
        gallery.add(number, unit(2, seed=number))
    match = gallery.search(unit(2, seed=123)[1])[0]
    assert match.key == 123
    assert match.distance < 1e-3


def test_adding_replaces_and_removing_forgets() -> None:
    gallery = Gallery()
    gallery.add("a", unit(3, seed=1))
    gallery.add("a", unit(1, seed=2))
    gallery.add("b", unit(1, seed=3))
    assert len(gallery) == 2
    assert gallery.search(unit(1, seed=1)[0])[0].distance > 0.5
    gallery.remove("a")
    gallery.remove("never there")
    assert "a" not in gallery
    assert "b" in gallery
    assert [match.key for match in gallery.search(unit(1)[0])] == ["b"]
    gallery.remove("b")
    assert gallery.search(unit(1)[0]) == []


def test_a_large_gallery_finds_everybody_and_what_has_changed_since_it_was_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    class Counted(Shortlist):
        def __init__(self, matrix: np.ndarray) -> None:
            made.append(len(matrix))
            super().__init__(matrix)

    monkeypatch.setattr(matching, "Shortlist", Counted)
    everybody = unit(3_000)
    gallery = Gallery(shortlist_from=2_000)
    for number, row in enumerate(everybody):
        gallery.add(number, row[None])
    own = [gallery.search(row)[0] for row in everybody[::30]]
    assert [match.key for match in own] == list(range(0, 3_000, 30))
    assert max(match.distance for match in own) < 1e-3
    new = unit(2, seed=7)
    gallery.add("new", new)
    gallery.add(5, unit(1, seed=8))
    gallery.remove(6)
    assert gallery.search(new[1])[0].key == "new"
    assert gallery.search(unit(1, seed=8)[0])[0].key == 5
    assert gallery.search(everybody[5])[0].distance > 0.5
    assert 6 not in {match.key for match in gallery.search(everybody[6], k=10)}
    assert made == [3_000]
    for number in range(100):
        gallery.remove(number)
    assert gallery.search(everybody[200])[0].key == 200
    assert made == [3_000, 2_902]  # two of the new one
    monkeypatch.setattr(matching, "PATCHED_SECONDS", 0.0)
    gallery.remove(200)
    assert gallery.search(everybody[200])[0].distance > 0.5
    assert made == [3_000, 2_902, 2_901]


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_cores_that_share_a_search_find_what_one_finds(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortlist, "LANE_ROWS", 700)
    monkeypatch.setattr(shortlist, "available_cores", lambda: cores)
    everybody = unit(2_500)
    shared = Shortlist(everybody)
    monkeypatch.setattr(shortlist, "available_cores", lambda: 1)
    alone = Shortlist(everybody)
    for probe in (*everybody[::500], everybody[-1], *unit(3, seed=9)):
        rows = shared.rows(probe)
        assert len(rows) == len(set(rows.tolist())) == shortlist.COUNT
        scores = [everybody[found] @ probe for found in (rows, alone.rows(probe))]
        assert scores[0].max() == pytest.approx(scores[1].max())
    assert len(Shortlist(everybody[:50]).rows(everybody[0])) == 50


def test_a_search_among_some_sees_only_these() -> None:
    gallery = Gallery()
    for number in range(10):
        gallery.add(number, unit(1, seed=number))
    probe = unit(1, seed=4)[0]
    assert gallery.search(probe)[0].key == 4
    assert {match.key for match in gallery.search_among(probe, [1, 2, 77], k=5)} == {1, 2}
    assert gallery.search_among(probe, []) == []


def test_a_template_of_the_wrong_shape_is_refused() -> None:
    gallery = Gallery()
    gallery.add("a", unit(1))
    for wrong in (np.empty((0, 512), np.float32), np.zeros((1, 128), np.float32)):
        with pytest.raises(ValueError, match="templates"):
            gallery.add("b", wrong)


def test_threads_may_search_while_others_add_and_remove() -> None:
    gallery = Gallery(shortlist_from=90)
    for number in range(100):
        gallery.add(number, unit(1, seed=number))
    errors: list[BaseException] = []

    def change(base: int) -> None:
        try:
            for number in range(base, base + 60):
                gallery.add(number, unit(1, seed=number))
                gallery.remove(number)
        except BaseException as error:
            errors.append(error)

    def search() -> None:
        try:
            for number in range(60):
                assert gallery.search(unit(1, seed=number)[0])[0].key == number
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=change, args=(1000 * n,)) for n in range(1, 4)]
    threads += [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(gallery) == 100


def test_error_rates_are_counted_over_all_pairs() -> None:
    axes = np.eye(512, dtype=np.float32)
    found = pairs(np.stack([axes[0], axes[0], axes[1]]), ["a", "a", "b"])
    assert (len(found.same), len(found.different)) == (1, 2)
    assert found.at(0.9).false_reject_rate == 0
    assert found.at(1.5).false_accept_rate == 1
    assert found.without_false_accepts().false_accept_rate == 0
    with pytest.raises(ValueError, match="name"):
        pairs(axes[:2], ["a"])
