"""Students' numbers, as schools give them: letters and digits of any script.

Between them, or behind them, may be spaces, dots, hyphens and underscores. So a number is never a
path (`..`, `a/b`), a formula, an address or a sentence, and can be said in every URL. Numbers that
were given before this rule stay as they are.
"""

from __future__ import annotations

import unicodedata

from attendance.core import texts

LONGEST = 64
BETWEEN = frozenset(" .-_")
# For machines (JSON Schema, ECMA-262 and others): what is beyond ASCII must be letters or digits.
PATTERN = r"^[^\x00-/:-@\[-`{-\x7f][^\x00-\x1f!-,/:-@\[-^`{-\x7f]*$"
# What keyboards for Chinese and Japanese write for ASCII.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def accepted(number: str) -> str:
    """The number in its one form.

    Raises:
        Unacceptable: `student_number`, or as `texts.line`. (Lengths are looked at elsewhere.)
    """
    form = texts.line(number.translate(_WIDE))
    if form and not fits(form):
        raise texts.Unacceptable(
            "student_number",
            "A number begins with a letter or digit, and has letters, digits, spaces, dots, "
            "hyphens and underscores.",
        )
    return form


def normal(number: str) -> str:
    """The one form of a number that was found in a file, whether it fits or not."""
    return texts.cleaned(number.translate(_WIDE))


def forms(number: int | str) -> list[int | str]:
    """Under what a student may be kept who is looked up by this: an own id as it is; a number as
    it is given, since it may be an old one, in the one form, and with 0 to 9 for other digits."""
    if isinstance(number, int):
        return [number]
    form = normal(number)
    return list(dict.fromkeys((number, form, texts.plain_digits(form))))


def fits(number: str) -> bool:
    """Whether a number in its one form could be given today."""
    return bool(number) and _is_of_words(number[0]) and all(map(_is_allowed, number))


def is_old(number: str) -> bool:
    """Whether a number is kept that could not be given today."""
    return not fits(number) or normal(number) != number


def _is_of_words(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "L" or category == "Nd"


def _is_allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in BETWEEN
    return _is_of_words(character) or unicodedata.category(character) in ("Mn", "Mc")
