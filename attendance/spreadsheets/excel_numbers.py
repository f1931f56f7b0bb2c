"""What Excel shows of a cell that holds a number: 123 in the format 00000 is 00123."""

from __future__ import annotations

import re
from typing import Any

# Beyond this Excel has lost digits: it keeps fifteen.
LARGEST = 10**15
_PADDED = re.compile(r'\\(?P<escaped>.)|"(?P<text>[^"]*)"|(?P<zeros>0+)|(?P<plain>[-/. ()A-Za-z])')
# Text stays; a colour, a language and a space as wide as some character go.
_ASIDE = re.compile(r'(?P<text>\\.|"[^"]*")|\[(?:\$-[0-9A-F]+|[A-Z]+ ?\d*)\]|_.', re.IGNORECASE)


class Spoiled(str):
    """A cell's text that is not what somebody typed: a date or a rounded number was made of it."""

    __slots__ = ()


def shown(value: Any, number_format: str) -> str:
    """The text of a number in a format; General and all that is not known: its digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return str(value)
    if abs(value) >= LARGEST:
        return Spoiled(f"{value:.5E}")
    return _padded(value, number_format.split(";")[0]) or str(value)


def _padded(value: int, number_format: str) -> str | None:
    """The digits put into a format that is nothing but zeros and fixed text between them."""
    number_format = _ASIDE.sub(lambda part: part["text"] or "", number_format)
    parts = list(_PADDED.finditer(number_format))
    zeros = sum(len(part["zeros"] or "") for part in parts)
    covered = sum(len(part[0]) for part in parts)
    if zeros == 0 or value < 0 or covered != len(number_format) or "." in _plain(parts):
        return None
    digits = str(value).zfill(zeros)
    # what has more digits than zeros shows the more before the first
    places = len(digits) - zeros
    text, used = "", 0
    for part in parts:
        if part["zeros"]:
            count = len(part["zeros"]) + (places if used == 0 else 0)
            text += digits[used : used + count]
            used += count
        else:
            text += part["escaped"] or part["text"] or part["plain"] or ""
    return text


def _plain(parts: list[re.Match[str]]) -> str:
    return "".join(part["plain"] or "" for part in parts)
