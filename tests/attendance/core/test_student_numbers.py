"""Students' numbers: an alphabet that every URL and every script can say."""

from __future__ import annotations

import re

import pytest

from attendance.core import student_numbers, texts

GOOD = [
    *(
        "1",
        "001",
        "S-1",
        "2026.07.1",
        "CS 2026 001",
        "a_b",
        "R-0A1B",
        "Ä7",
        "学号12",
        "٣٤",
        "हिन्दी1",
    ),
    *("7-", "x" * 64),
]
BAD = [
    *(".", "..", "-1", "_a", ".a", "/VIC", "a/b", "a\\b", "a%2e", "a?b", "a#b", "a;b", "a=b", "=1"),
    *(
        "+1",
        "@a",
        "a@b",
        "a'b",
        "'1",
        'a"b',
        "a,b",
        "a&b",
        "a<b",
        "a:b",
        "a*b",
        "a|b",
        "½",
        "Ⅳ",
        "a²",
    ),
    *("a–b", "a😀", "\u0301a"),
]


@pytest.mark.parametrize("number", GOOD)
def test_letters_and_digits_of_any_script_are_a_number(number: str) -> None:
    assert student_numbers.accepted(number) == number
    assert not student_numbers.is_old(number)
    assert re.fullmatch(student_numbers.PATTERN, number)


@pytest.mark.parametrize("number", BAD)
def test_what_a_path_or_a_spreadsheet_takes_for_something_else_is_not(number: str) -> None:
    with pytest.raises(texts.Unacceptable) as refused:
        student_numbers.accepted(number)
    assert refused.value.kind == "student_number"
    assert student_numbers.is_old(number)
    assert not number.isascii() or not re.fullmatch(student_numbers.PATTERN, number)


@pytest.mark.parametrize(
    ("typed", "kept"), [("  1  2 ", "1 2"), ("Ｓ－１", "S-1"), ("Zoe\u0308", "Zoë")]
)
def test_what_looks_alike_is_the_same_number(typed: str, kept: str) -> None:
    assert student_numbers.accepted(typed) == kept
    assert student_numbers.normal(typed) == kept
    assert kept in student_numbers.forms(typed)


@pytest.mark.parametrize("number", ["1\u200b2", "1\u202e2", "1\n2"])
def test_what_is_not_seen_is_in_no_number(number: str) -> None:
    with pytest.raises(texts.Unacceptable) as refused:
        student_numbers.accepted(number)
    assert refused.value.kind == "control_character"
