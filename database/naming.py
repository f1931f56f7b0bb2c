"""How names are put in order and found: the same on every database, since Python makes the keys.

Each student has two columns that are made of the others. `sort_key` is compared by code point
everywhere: the name without capitals, accents and joiners, the family name first where it is known,
and at its end the name itself, so that no two names are equal that are written differently.
`search_key` holds all that a search looks through. `attendance/static/js/common/search.js` folds
in the same way; a test compares the two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

SORT_LENGTH, SEARCH_LENGTH = 500, 1000
_LONGEST_FOLDED = 280
# Accents, points and vowel signs that may be left out in writing, the stretcher of Arabic letters,
# and what joins letters or keeps them apart. Vowels of Indic and Thai words are none of them.
_IDLE = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u0b3c"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u20d0-\u20f0\ufe20-\ufe2f'`\u00b4\u02b9-\u02bf\u2018"
    "\u2019\u05f3\u05f4]"
)
# Letters that no decomposition makes plain, and letters of which keyboards have two.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "ħ": "h", "ı": "i", "ŋ": "n", "ə": "e", "ς": "σ", "\u066e": "\u0628",
        "\u0671": "\u0627", "\u0643": "\u06a9", "\u0649": "\u06cc", "\u064a": "\u06cc",
        "\u0629": "\u0647", "\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647",
    }
)  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# Letters whose code point is not their place in the alphabet, each with the letter before it.
_AFTER = {
    "\u067e": "\u0628", "\u0679": "\u062a", "\u0686": "\u062c", "\u0688": "\u062f",
    "\u0691": "\u0631", "\u0698": "\u0632", "\u06a4": "\u0641", "\u06af": "\u06a9",
    "\u06ba": "\u0646", "є": "е", "і": "и", "ј": "и", "ґ": "г", "ђ": "д", "љ": "л", "њ": "н",
    "ћ": "т", "џ": "ч", "ѕ": "з",
}  # fmt: skip
# Behind every letter of the alphabets of `_AFTER`.
_LAST = "\uffee"
# A letter of its own, although folding makes an и of it.
_SHORT_I = "\ufff0"
# Kaf and yeh, as `_LETTERS` writes them, at their places in the alphabet.
_PLACES = str.maketrans(
    {
        **{letter: before + _LAST for letter, before in _AFTER.items() if before != "\u06a9"},
        _SHORT_I: "и" + 2 * _LAST,
        "\u06a9": "\u0643",
        "\u06af": "\u0643" + _LAST,
        "\u06cc": "\u064a",
    }
)
_APART = re.compile(r"[\s\-\u2010-\u2015_.,;/()]+")


def folded(text: str) -> str:
    """The text without what a searcher may leave out: "José", "STRAẞE" → "jose", "strasse"."""
    bare = _IDLE.sub("", unicodedata.normalize("NFKD", text)).casefold()
    # what small letters and NFKD leave of each other (İ)
    letters = _IDLE.sub("", unicodedata.normalize("NFKD", bare)).translate(_LETTERS)
    if not letters.isascii():
        letters = "".join(map(_plain, letters))
    return unicodedata.normalize("NFC", letters)


def _plain(letter: str) -> str:
    """A digit of any script as 0 to 9, katakana as hiragana; anything else as it is."""
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    return chr(ord(letter) - 0x60) if "\u30a1" <= letter <= "\u30f6" else letter


def sort_key(name: str, family_name: str | None = None) -> str:
    """By what this name is put in order; `family_name` is a part of it, if it is known."""
    parts = [name]
    if family_name:
        parts = [family_name, without(name, family_name)]
    # A name of signs alone has a letterless key, which must not begin with a tab: where a database
    # fills up with spaces before it compares, that would stand before the empty text.
    primary = "\t".join(filter(None, map(_in_order, parts)))[:_LONGEST_FOLDED] or "!"
    return f"{primary}\t\t{name}"[:SORT_LENGTH]


def _in_order(text: str) -> str:
    lettered = unicodedata.normalize("NFC", text).replace("й", _SHORT_I).replace("Й", _SHORT_I)
    return _APART.sub(" ", folded(lettered)).strip().translate(_PLACES)


def search_key(*texts: str | None) -> str:
    """What a search looks through: each text folded, and with umlauts written out ("mueller")."""
    found: list[str] = []
    for text in filter(None, texts):
        written_out = unicodedata.normalize("NFC", text.lower()).translate(_UMLAUTS)
        for form in (folded(text), folded(written_out)):
            if form not in found:
                found.append(form)
    return "\n".join(found)[:SEARCH_LENGTH]


def words(text: str) -> list[str]:
    """The words of a search, each of which must be somewhere in a `search_key`."""
    return folded(text).split()


def without(name: str, family_name: str) -> str:
    """The rest of a name that begins or ends with the family name; else all of it."""
    if name.endswith(family_name):
        return name.removesuffix(family_name).strip()
    return name.removeprefix(family_name).strip()


def still(name: str, family_name: str | None) -> str | None:
    """The family name, if the name (which may have changed) still begins or ends with it."""
    if not family_name:
        return None
    alike = name == family_name or without(name, family_name) != name
    return family_name if alike else None


def keys(row: Mapping[str, Any]) -> dict[str, Any]:
    """`family_name`, `sort_key` and `search_key` of a student's row."""
    family_name = still(row["name"], row.get("family_name"))
    return {
        "family_name": family_name,
        "sort_key": sort_key(row["name"], family_name),
        "search_key": search_key(
            row["name"], row["student_id"], row.get("email"), row.get("username")
        ),
    }
