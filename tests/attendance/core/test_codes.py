"""Codes that a person types: what they look like, and that each is free."""

from __future__ import annotations

import pytest

from attendance.core import codes
from attendance.core.errors import Unavailable
from database import UniqueViolation


def test_codes_use_no_character_that_looks_like_another() -> None:
    for twins in ("0O", "1IL", "5S", "8B", "2Z", "UV"):
        assert len(set(twins) & set(codes.ALPHABET)) == 0, twins
    assert len({codes.new_code() for _ in range(200)}) == 200


def test_codes_are_drawn_until_one_is_free() -> None:
    tried: list[str] = []

    def store(code: str) -> str:
        tried.append(code)
        if len(tried) < 3:
            raise UniqueViolation("taken")
        return code

    assert codes.drawn(store) == tried[-1]
    assert len(set(tried)) == 3


def test_drawing_ends_where_every_code_is_taken() -> None:
    tried: list[str] = []

    def store(code: str) -> None:
        tried.append(code)
        raise UniqueViolation("taken")

    with pytest.raises(Unavailable):
        codes.drawn(store)
    assert len(tried) == codes.DRAWS
