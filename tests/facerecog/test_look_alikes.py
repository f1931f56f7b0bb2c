"""Who is so like somebody else that a threshold does not tell them apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from facerecog import alike, look_alikes
from tests.facerecog.test_trials import photographs


def test_look_alikes_are_those_of_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, people = photographs(noise=1.0)
    templates = {f"P{person}": embeddings[people == person] for person in np.unique(people)}
    expected = []
    for one, other in itertools.combinations(templates, 2):
        least = min(float(np.linalg.norm(a - b)) for a in templates[one] for b in templates[other])
        if least <= 1.0:
            expected.append((least, one, other))
    assert len(expected) > 10
    for block in (look_alikes.BLOCK, 7):
        monkeypatch.setattr(look_alikes, "BLOCK", block)
        found = alike(templates, 1.0)
        assert [(pair.one, pair.other) for pair in found] == [pair[1:] for pair in sorted(expected)]
        assert [pair.distance for pair in found] == pytest.approx(
            [pair[0] for pair in sorted(expected)], abs=1e-4
        )


def test_one_person_has_no_look_alike_however_many_templates() -> None:
    embeddings, _ = photographs()
    assert alike({}, 2.0) == []
    assert alike({"one": embeddings[:5]}, 2.0) == []
