"""What a server and its process of the networks tell each other."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facerecog import FaceRecogError, FaceResult, Quality, RecognizerBusy, RecognizerConfig, wire


def another(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return Path("elsewhere") if isinstance(value, Path) else f"another {value}"


def test_an_order_is_a_line_of_json_that_keeps_every_field() -> None:
    usual = RecognizerConfig()
    config = RecognizerConfig(
        **{field.name: another(getattr(usual, field.name)) for field in fields(usual)}
    )
    address = str(Path("folder", "socket"))
    line = wire.order(config, address)
    assert json.loads(line)["address"] == address
    assert line.index(b"\n") == len(line) - 1
    assert wire.ordered(line) == (config, address)


def test_a_face_arrives_as_it_was_found() -> None:
    embedding = np.random.default_rng(1).standard_normal(512).astype(np.float32)
    found = FaceResult(
        np.array([1.5, 2, 3, 4], np.float32),
        np.arange(10, dtype=np.float32).reshape(5, 2),
        0.97,
        Quality(0.5, 80.0, 120.0, 90),
        embedding,
    )
    arrived = wire.face(wire.answer(found))
    assert isinstance(arrived, FaceResult)
    assert arrived.embedding.tobytes() == embedding.tobytes()
    assert arrived.box.tolist() == found.box.tolist()
    assert arrived.landmarks.tolist() == found.landmarks.tolist()
    assert (arrived.probability, arrived.quality) == (found.probability, found.quality)


@pytest.mark.parametrize("kind", FaceRecogError.__subclasses__())
def test_an_error_arrives_as_its_own_kind(kind: type[FaceRecogError]) -> None:
    error = RecognizerBusy("full", 7) if kind is RecognizerBusy else kind("why")
    with pytest.raises(kind) as raised:
        wire.face(wire.failure(error))
    assert str(raised.value) == str(error)
    assert getattr(raised.value, "retry_after", None) == getattr(error, "retry_after", None)


def test_an_error_that_nobody_expected_is_not_taken_for_one_of_a_photograph() -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        wire.face(wire.failure(MemoryError("out of memory")))
