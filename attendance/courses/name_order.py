"""Which part of a whole name is the family's, as a column of a list writes names. No I/O."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from attendance.courses.column_names import order_of

# So many of a column's names are written in one way, if it is how the column writes them.
MOST = 0.8
# What stands behind a comma and is no given name.
_BEHIND = (
    *("jr", "sr", "ii", "iii", "iv", "v", "phd", "md", "ma", "ba", "bsc", "msc", "mba"),
    *("esq", "dr", "prof", "dipl", "ing"),
)


@dataclass(frozen=True)
class Whole:
    """How a column writes whole names: with commas ("Lee, Ann"), with the family's in capitals
    ("LEE Ann", "Ann LEE"), or the family's first as the header says ("Nazwisko i imię")."""

    commas: bool = False
    capitals: bool = False
    family_first: bool = False

    def parted(self, name: str) -> tuple[str, str] | None:
        """Given and family name; None where the name does not tell which is which."""
        if self.commas and (parts := _at_comma(name)):
            return parts
        if self.capitals and (parts := _by_capitals(name)):
            return parts
        words = name.split()
        if self.family_first and len(words) == 2:  # of three nobody knows where the family's ends
            return words[1], words[0]
        return None


def judged(header: str, names: Sequence[str], *, sortable: bool) -> Whole:
    """How this column writes names, by its header and by what stands in it.

    Args:
        names: all that is in the column.
        sortable: whether a column of this header has "Lee, Ann" wherever there is a comma.
    """
    filled = [name for name in names if name]
    enough = MOST * max(1, len(filled))
    family_first = order_of(header) == "family"
    commas = sum(_at_comma(name) is not None for name in filled)
    capitals = sum(_by_capitals(name) is not None for name in filled)
    return Whole(
        commas=sortable or family_first or commas >= enough,
        capitals=capitals >= enough,
        family_first=family_first,
    )


def called(given: str, family: str, *, family_first: bool) -> str:
    """A person's name of its parts, in the order in which it is said."""
    if given and family and _is_east_asian(given + family):
        return family + given
    parts = (family, given) if family_first else (given, family)
    return " ".join(part for part in parts if part)


def _at_comma(name: str) -> tuple[str, str] | None:
    family, comma, given = (part.strip() for part in name.partition(","))
    if not (comma and family and given) or "," in given:
        return None
    if given.casefold().replace(".", "").split()[0] in _BEHIND:
        return None
    return given, family


def _by_capitals(name: str) -> tuple[str, str] | None:
    words = name.split()
    loud = [_is_loud(word) for word in words]
    if all(loud) or not any(loud):
        return None
    count = sum(loud)
    if all(loud[:count]):
        return " ".join(words[count:]), " ".join(words[:count])
    if all(loud[-count:]):
        return " ".join(words[:-count]), " ".join(words[-count:])
    return None


def _is_loud(word: str) -> bool:
    return word.isupper() and sum(map(str.isalpha, word)) > 1


def _is_east_asian(text: str) -> bool:
    return all(
        unicodedata.name(character, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))
        for character in text
    )
