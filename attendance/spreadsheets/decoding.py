"""In which encoding a text file was written, with how much confidence.

UTF-8 and byte order marks are certain. For the others, every encoding that schools' programs write
is tried, and the one whose letters are those of a language wins: the bytes of `Dvořák` in Central
Europe's encoding have the letters of Czech, read in Western Europe's (`Dvoøák`) those of no
language. Statistics of long texts do not help with a list of thirty names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from attendance.core.errors import TableUnreadable

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WESTERN = "äöüßáàâãåæçéèêëíìîïñóòôõøœúùûý"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњћђџѓќѕ"
# The letters beyond ASCII of each language, in small; the encodings that are tried for it. The
# order decides where several explain a file equally well.
_LANGUAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("äöüß", ("cp1252", "cp850", "mac_roman")),
    ("äöüßéèçàô", ("cp1252", "cp850", "mac_roman")),
    ("àâæçéèêëîïôœùûü", ("cp1252", "cp850", "mac_roman")),
    ("áéíñóúü", ("cp1252", "cp850", "mac_roman")),
    ("àèéìíîòóùú", ("cp1252", "cp850", "mac_roman")),
    ("àáâãçéêíóôõú", ("cp1252", "cp850", "mac_roman")),
    ("åäöæøéü", ("cp1252", "cp850", "mac_roman")),
    ("áäčďéíĺľňóôŕšťúýž", ("cp1250", "iso8859_2", "cp852")),
    ("áčďéěíňóřšťúůýž", ("cp1250", "iso8859_2", "cp852")),
    ("ąćęłńóśźż", ("cp1250", "iso8859_2", "cp852")),
    ("áéíóöőúüű", ("cp1250", "iso8859_2", "cp852")),
    ("čćđšž", ("cp1250", "iso8859_2", "cp852")),
    ("ăâîșşțţ", ("cp1250", "iso8859_2")),
    ("çğıöşüâîû", ("cp1254",)),
    ("áéíðóúýþæö", ("cp1252",)),
    ("āčēģīķļņšūž", ("cp1257",)),
    ("ąčęėįšųūž", ("cp1257",)),
    ("äõöüšž", ("cp1257",)),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", ("cp1251", "koi8_r", "cp866", "iso8859_5")),
    (_CYRILLIC, ("cp1251", "koi8_u", "iso8859_5", "mac_cyrillic")),
    ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", ("cp1253", "iso8859_7")),
    (_WESTERN, ("cp1252", "cp850", "mac_roman")),
)
_SCRIPTS = (("HEBREW", "cp1255"), ("ARABIC", "cp1256"), ("THAI CHARACTER", "cp874"))
_SHIFT_TO_JAPANESE = b"\x1b$"
_EAST_ASIAN = ("euc_kr", "gb2312", "big5", "shift_jis", "euc_jp", "gb18030")
# What an encoding of a client may be called; the first is what most programs write.
ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-32",
    *dict.fromkeys(name for _, names in _LANGUAGES for name in names),
    *(name for _, name in _SCRIPTS),
    *_EAST_ASIAN,
    "iso2022_jp",
)
MOST_GUESSES = 5
SAMPLE = 6_000
_SMALL = {"İ": "ı"}
_FOREIGN, _SYMBOL, _CAPITAL = 1.0, 3.0, 0.7
# An alphabet of thousands explains too much, above all where a letter's second byte may be ASCII.
_EAST_ASIAN_COST = {"gb2312": 0.1, "euc_kr": 0.1, "euc_jp": 0.12}
_WIDE_COST, _SCRIPT_COST = 0.35, 0.15
_RARE = dict.fromkeys(("koi8_r", "koi8_u", "iso8859_5", "mac_cyrillic"), 0.16)
# Of two that explain a file equally well, what Windows writes is the likelier.
_RARE["iso8859_2"] = 0.01
_VOWELS = frozenset("аеёиоуыэюяіїєўαεηιουωάέήίόύώϊϋΐΰ")
# A word without vowels, or with as many consonants one after the other, is none.
_MOST_CONSONANTS = 4
_UNSPEAKABLE = 0.5
# The letters that Western Europe's encoding has where ISO 8859-1 has none, by their bytes there.
_WESTERN_BYTES = {
    ord(letter): byte
    for byte in range(0x80, 0xA0)
    if (letter := bytes([byte]).decode("cp1252", errors="ignore"))
}
_TWICE = 0.8  # sure of text that was encoded twice
_OURS = "student_id"  # a column of what this application exports, which comes back as it was


@dataclass(frozen=True)
class Decoded:
    """A file's text; `encoding` by its name in Python; `confidence` from 0 to 1."""

    text: str
    encoding: str
    confidence: float


def readings(data: bytes, encoding: str | None = None) -> Iterator[Decoded]:
    """The text of a file, and behind it what else it may be, the likeliest first.

    Raises:
        TableUnreadable: it is no text, or not in this encoding.
    """
    if sure := _surely(data, encoding):
        yield sure
    else:
        yield from _guesses(data)


def _surely(data: bytes, encoding: str | None) -> Decoded | None:
    if encoding is not None:
        return _as_said(data, encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _as_said(data, name)
    if _SHIFT_TO_JAPANESE in data and (text := _text(data, "iso2022_jp")):
        return Decoded(text, "iso2022_jp", 1.0)
    if text := _text(data, "utf-8"):
        once = _once(text)
        return Decoded(text, "utf-8", 1.0) if once is None else Decoded(once, "utf-8", _TWICE)
    if data[:400].count(0) * 3 > len(data[:400]):
        for name in ("utf-16-le", "utf-16-be"):
            if (text := _text(data, name)) and text[:200].isprintable() is not None:
                return Decoded(text, "utf-16", 0.9)
    return None


def _as_said(data: bytes, encoding: str) -> Decoded:
    text = _text(data, "utf-8-sig" if encoding == "utf-8" else encoding)
    if text is None:
        raise TableUnreadable(f"The file is not in the encoding {encoding}.")
    return Decoded(text, encoding, 1.0)


def _text(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return None
    return None if "\0" in text else text


def _once(text: str) -> str | None:
    """What a text was before a program took its UTF-8 for Western Europe's and wrote that as UTF-8
    ("ZoÃ«"); None where nothing speaks for that, and for files of our own."""
    if _OURS in text[:SAMPLE]:
        return None
    try:
        once = text.translate(_WESTERN_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    return None if once == text else once


def _guesses(data: bytes) -> Iterator[Decoded]:
    if b"\0" in data:
        raise TableUnreadable("This is neither a CSV nor an XLSX file.")
    sample = _lines_beyond_ascii(data)
    judged = _costs(sample)
    seen: set[str] = set()
    for cost, _, name in judged:
        best = sample.decode(name, errors="replace")
        text = None if best in seen else _text(data, name)
        if text is None:
            continue
        seen.add(best)
        others = (
            other
            for other, _, another in judged
            if sample.decode(another, errors="replace") != best
        )
        margin = max(0.0, min(next(others, 1.0) - cost, 1.0))
        confidence = max(0.0, 1 - cost) * (0.5 + margin / 2)
        yield Decoded(text, name, round(confidence, 2))
        if len(seen) == MOST_GUESSES:
            return
    if not seen:
        raise TableUnreadable("This is neither a CSV nor an XLSX file.")


def _lines_beyond_ascii(data: bytes) -> bytes:
    lines: list[bytes] = []
    size = 0
    for line in data.splitlines():
        if not line.isascii():
            lines.append(line[:SAMPLE])
            size += len(line)
            if size > SAMPLE:
                break
    return b"\n".join(lines)


def _costs(sample: bytes) -> list[tuple[float, int, str]]:
    """For each encoding that can be, what it leaves unexplained of a letter on average, and the
    place of the language that explains most; the best first."""
    found: dict[str, tuple[float, int]] = {}
    texts: dict[str, str | None] = {}
    for place, (letters, names) in enumerate(_LANGUAGES):
        for name in names:
            if name not in texts:
                texts[name] = _text(sample, name)
            text = texts[name]
            if text is not None:
                judged = (_cost(text, frozenset(letters)) + _RARE.get(name, 0.0), place)
                found[name] = min(found.get(name, judged), judged)
    others: list[tuple[str, tuple[str, ...], float]] = [
        (name, (script,), _SCRIPT_COST) for script, name in _SCRIPTS
    ]
    for name in _EAST_ASIAN:
        of_it: tuple[str, ...] = (
            ("HANGUL",) if name == "euc_kr" else ("CJK UNIFIED", "HIRAGANA", "KATAKANA")
        )
        others.append((name, of_it, _EAST_ASIAN_COST.get(name, _WIDE_COST)))
    for place, (name, scripts, base) in enumerate(others, start=len(_LANGUAGES)):
        if text := _text(sample, name):
            found[name] = (base + _cost_of_script(text, scripts), place)
    return sorted((cost, place, name) for name, (cost, place) in found.items())


def _cost(text: str, letters: frozenset[str]) -> float:
    costs: list[float] = []
    before = " "
    for character in text:
        if not character.isascii():
            costs.append(_cost_of(character, before, letters))
        elif character.isupper() and before.islower() and not before.isascii():
            costs.append(_CAPITAL)
        before = character
    average = sum(costs) / max(1, sum(not character.isascii() for character in text))
    return average + (_unspeakable(text) if letters & _VOWELS else _crowded(text))


def _unspeakable(text: str) -> float:
    """What there is to pay for words that nobody could say."""
    words = [
        word for word in re.split(r"[\s;,|]+", text.lower()) if not word.isascii() and len(word) > 2
    ]
    wrong = 0
    for word in words:
        shape = "".join("v" if character in _VOWELS else "c" for character in word)
        wrong += "v" not in shape or "c" * _MOST_CONSONANTS in shape
    named = [
        word for word in re.split(r"[\s;,|]+", text) if word[:1].isalpha() and not word[0].isascii()
    ]
    small = sum(word[0].islower() for word in named) / max(1, len(named))
    return (0.3 if small == 1 else 0.0) + _UNSPEAKABLE * wrong / max(1, len(words))


def _crowded(text: str) -> float:
    """What there is to pay for words of Latin letters most of which have accents."""
    words = [word for word in re.split(r"[\s;,|]+", text) if len(word) > 2 and not word.isascii()]
    wrong = sum(
        sum(not character.isascii() for character in word) * 2 > len(word) for word in words
    )
    return _UNSPEAKABLE * wrong / max(1, len(words))


def _cost_of(character: str, before: str, letters: frozenset[str]) -> float:
    if not character.isalpha():
        return 0.0 if character in "–—‘’“”„\u00a0…" else _SYMBOL
    cost = 0.0 if _SMALL.get(character, character.lower()) in letters else _FOREIGN
    if character.isupper() and before.islower():
        cost += _CAPITAL
    return cost


def _cost_of_script(text: str, scripts: tuple[str, ...]) -> float:
    others = [character for character in text if not character.isascii()]
    wrong = sum(not unicodedata.name(character, "").startswith(scripts) for character in others)
    words = [word for word in re.split(r"[\s;,|]+", text) if not word.isascii()]
    mixed = sum(re.search("[A-Za-z]", word) is not None for word in words)
    return wrong / max(1, len(others)) + mixed / max(1, len(words))
