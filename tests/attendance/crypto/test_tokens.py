"""Random secrets by their hash, and signed values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.crypto.tokens import NotGenuine, Signer, hashed, new_secret

SIGNER = Signer(b"k" * 32, "one purpose")
VALUES = st.lists(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
)


@given(values=VALUES)
def test_signed_values_are_read_again(values: list[object]) -> None:
    assert SIGNER.read(SIGNER.sign(values)) == values


@given(text=st.text(max_size=60))
def test_no_other_text_is_read(text: str) -> None:
    with pytest.raises(NotGenuine):
        SIGNER.read(text)


@given(values=VALUES, data=st.data())
def test_every_character_counts(values: list[object], data: st.DataObject) -> None:
    text = SIGNER.sign(values)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda one: one != text[position]))
    for changed in (
        text[:position] + other + text[position + 1 :],
        text[:position] + other + text[position:],
        text[:position] + text[position + 1 :],
    ):
        if changed != text:
            with pytest.raises(NotGenuine):
                SIGNER.read(changed)


def test_another_key_or_purpose_reads_nothing() -> None:
    text = SIGNER.sign([1])
    for other in (Signer(b"x" * 32, "one purpose"), Signer(b"k" * 32, "another")):
        with pytest.raises(NotGenuine):
            other.read(text)


def test_secrets_differ_and_are_hashed_with_sha256() -> None:
    """FIPS 180-4: the example of one block."""
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == 43
    assert hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
