"""Which photographs are compared with which, against loops over every pair."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from facerecog import trials
from facerecog.divisions import divided, half_of, means, numbered
from facerecog.rates import rates_at, rates_at_fmr, threshold_at
from facerecog.trials import against_templates, every_pair


def photographs(
    people: int = 40, most: int = 6, noise: float = 0.6
) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings (n, 32) of people who have one to ``most`` photographs each, in mixed order."""
    rng = np.random.default_rng(0)
    owner = rng.permutation(np.repeat(np.arange(people), rng.integers(1, most + 1, people)))
    centres = rng.normal(size=(people, 32))
    rows = (centres[owner] + noise * rng.normal(size=(len(owner), 32))).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), owner


def test_every_pair_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, people = photographs()
    genuine, impostor = [], []
    for a, b in itertools.combinations(range(len(people)), 2):
        distance = float(np.linalg.norm(embeddings[a] - embeddings[b]))
        (genuine if people[a] == people[b] else impostor).append(distance)
    for block in (trials.BLOCK, 7):
        monkeypatch.setattr(trials, "BLOCK", block)
        found = every_pair(embeddings, people, up_to=2.0)
        assert np.sort(found.comparisons.genuine) == pytest.approx(np.sort(genuine), abs=1e-4)
        assert found.comparisons.impostor == pytest.approx(np.sort(impostor), abs=1e-4)
        assert found.comparisons.impostors == len(impostor)
        assert found.genuine_histogram.sum() == len(genuine)
        assert found.impostor_histogram.sum() == len(impostor)


def test_rates_of_all_pairs_are_those_of_a_loop() -> None:
    embeddings, people = photographs()
    found = every_pair(embeddings, people).comparisons
    assert len(found.impostor) < found.impostors  # the far ones are only counted
    every = every_pair(embeddings, people, up_to=2.0).comparisons
    for rates in rates_at_fmr(found, [1e-2, 1e-3]):
        threshold = threshold_at(rates.fmr.value + 1e-9, every.impostor).value
        assert rates.threshold.value == threshold
        assert rates.false_matches == (every.impostor <= threshold).sum()
        assert rates.fnmr.value == np.mean(every.genuine > threshold)


def test_a_comparison_names_the_person_of_the_probe_and_of_the_reference() -> None:
    embeddings, people = photographs(people=6, most=3)
    found = every_pair(embeddings, people, up_to=2.0).comparisons
    counted = np.zeros((6, 6), int)
    np.add.at(counted, (found.impostor_of[:, 0], found.impostor_of[:, 1]), 1)
    sizes = np.bincount(people)
    both_ways = counted + counted.T
    assert (both_ways == np.outer(sizes, sizes) - np.diag(sizes**2)).all()
    assert (np.bincount(found.genuine_of, minlength=6) == sizes * (sizes - 1) // 2).all()


@pytest.mark.parametrize(("templates", "frames"), [(1, 1), (3, 1), (5, 1), (2, 3)])
def test_a_probe_is_as_far_from_a_person_as_from_the_nearest_template(
    templates: int, frames: int
) -> None:
    embeddings, people = photographs()
    found = against_templates(embeddings, people, templates=templates, frames=frames, up_to=2.0)
    chosen = divided(people, templates=templates, frames=frames)
    genuine, impostor = [], []
    for rows, owner in zip(chosen.probes, chosen.probe_of, strict=True):
        probe = embeddings[rows].mean(axis=0)
        probe /= np.linalg.norm(probe)
        for person, own in zip(chosen.enrolled, chosen.templates, strict=True):
            least = min(float(np.linalg.norm(probe - embeddings[row])) for row in own)
            (genuine if person == owner else impostor).append(least)
    assert np.sort(found.comparisons.genuine) == pytest.approx(np.sort(genuine), abs=1e-4)
    assert found.comparisons.impostor == pytest.approx(np.sort(impostor), abs=1e-4)
    assert found.comparisons.impostors == len(impostor)


def test_no_photograph_is_both_template_and_probe() -> None:
    _, people = photographs()
    chosen = divided(people, templates=2, frames=2, seed=5)
    used = np.concatenate([chosen.templates.ravel(), chosen.probes.ravel()])
    assert len(np.unique(used)) == len(used)
    assert (people[chosen.templates] == chosen.enrolled[:, None]).all()
    assert (people[chosen.probes] == chosen.probe_of[:, None]).all()
    few = np.flatnonzero(np.bincount(people) < 4)
    assert not np.isin(few, chosen.enrolled).any()
    assert np.isin(np.flatnonzero(np.bincount(people) >= 4), chosen.enrolled).all()


def test_another_seed_chooses_other_templates() -> None:
    _, people = photographs()
    first, again, other = (divided(people, templates=2, seed=seed).templates for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_several_draws_count_together_and_know_how_many_they_are() -> None:
    embeddings, people = photographs()
    found = against_templates(embeddings, people, templates=2, draws=3, up_to=2.0).comparisons
    once = against_templates(embeddings, people, templates=2, up_to=2.0).comparisons
    assert found.impostors == 3 * once.impostors == len(found.impostor)
    assert len(found.genuine) == 3 * len(once.genuine)
    assert np.isin(once.genuine, found.genuine).all()


def test_trials_of_the_same_people_can_be_asked_for() -> None:
    embeddings, people = photographs()
    few, many = (
        against_templates(embeddings, people, templates=count, at_least=6).comparisons
        for count in (1, 5)
    )
    assert (few.references == many.references).all()
    assert few.references.sum() == (np.bincount(people) >= 6).sum() > 0
    assert set(few.genuine_of) == set(many.genuine_of)


def test_more_templates_and_more_frames_make_fewer_errors() -> None:
    embeddings, people = photographs(people=200, most=12)
    errors = {}
    for templates, frames in ((1, 1), (4, 1), (1, 3)):
        trial = against_templates(embeddings, people, templates=templates, frames=frames)
        (rates,) = rates_at_fmr(trial.comparisons, [1e-3], replicates=1)
        errors[templates, frames] = rates.fnmr.value
    assert errors[1, 1] > 2 * errors[4, 1]
    assert errors[1, 1] > 2 * errors[1, 3]


def test_a_mean_of_frames_has_unit_length() -> None:
    embeddings, _ = photographs()
    probes = means(embeddings, np.array([[0, 1, 2], [3, 4, 5]]))
    assert np.linalg.norm(probes, axis=1) == pytest.approx(1)


def test_nobody_with_enough_photographs_is_said() -> None:
    embeddings, people = photographs(most=2)
    with pytest.raises(ValueError, match="nobody has 6 photographs"):
        against_templates(embeddings, people, templates=5)
    with pytest.raises(ValueError, match="the person"):
        every_pair(embeddings, people[1:])


def test_people_are_halved_by_their_names_alone() -> None:
    names = [f"Person_{number}" for number in range(1000)]
    fit = [name for name in names if half_of(name) == "fit"]
    assert 450 < len(fit) < 550
    assert [name for name in reversed(names) if half_of(name) == "fit"] == fit[::-1]
    assert half_of("Person_0") == half_of("Person_0")
    assert {half_of(name) for name in names} == {"fit", "report"}


def test_names_are_numbered_by_the_alphabet() -> None:
    assert numbered(["b", "a", "c", "a"]).tolist() == [1, 0, 2, 0]
    assert numbered([]).tolist() == []


def test_a_share_of_two_halves_never_holds_one_person_twice() -> None:
    embeddings, people = photographs()
    kept = np.array([half_of(str(person)) == "fit" for person in people])
    fit, report = set(people[kept]), set(people[~kept])
    assert fit
    assert report
    assert not fit & report
    (rates,) = rates_at(every_pair(embeddings[kept], numbered(people[kept])).comparisons, [0.5])
    assert rates.impostors < every_pair(embeddings, people).comparisons.impostors


@pytest.mark.parametrize("block", [trials.BLOCK, 7])
def test_every_probe_is_compared_with_the_template_of_every_other_photograph(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(trials, "BLOCK", block)
    probes, people = photographs(people=12, most=4)
    templates = probes + np.random.default_rng(1).normal(size=probes.shape).astype(np.float32) / 9
    templates /= np.linalg.norm(templates, axis=1, keepdims=True)
    genuine, impostor = [], []
    for a, b in itertools.permutations(range(len(people)), 2):
        distance = float(np.linalg.norm(probes[a] - templates[b]))
        (genuine if people[a] == people[b] else impostor).append(distance)
    found = every_pair(probes, people, templates=templates, up_to=2.0).comparisons
    assert np.sort(found.genuine) == pytest.approx(np.sort(genuine), abs=1e-4)
    assert found.impostor == pytest.approx(np.sort(impostor), abs=1e-4)
    assert found.impostors == len(impostor)


def test_templates_that_differ_from_probes_are_what_a_person_is_known_by() -> None:
    probes, people = photographs()
    templates = np.roll(probes, 1, axis=1)
    found = against_templates(probes, people, templates=1, references=templates, up_to=2.0)
    chosen = divided(people, templates=1)
    impostor = [
        float(np.linalg.norm(probes[row] - templates[own]))
        for (row,), owner in zip(chosen.probes, chosen.probe_of, strict=True)
        for person, (own,) in zip(chosen.enrolled, chosen.templates, strict=True)
        if person != owner
    ]
    assert found.comparisons.impostor == pytest.approx(np.sort(impostor), abs=1e-4)
