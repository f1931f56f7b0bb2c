"""What people type, in one form: names, subjects, sections, reasons, numbers.

A text shows all that it holds. Characters that are not seen but change what is, or end a line, are
refused; composed and decomposed letters become the same (NFC), and so do all kinds of spaces.
"""

from __future__ import annotations

import unicodedata

import idna

# Cc, Cs, Co: nothing that is written. Cf: directions and joiners (see `_joins`). Zl, Zp: ends of
# lines.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Letters and marks without a shape (Unicode's Default_Ignorable_Code_Point).
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# What is left white on paper, beside spaces.
_WHITE = frozenset("\u2800")
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_KEYCAP = "\u20e3"
# Marks on one letter. No language writes as many; without a bound they run over what is around
# them, and to put them in order takes a time that grows with the square of their number.
MAX_MARKS = 10
LONGEST_COMPARED = 254


class Unacceptable(ValueError):
    """A text that cannot be kept: `kind` is the stable name of the mistake."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def line(text: str) -> str:
    """The text as one line: composed letters, single spaces, none around it.

    Raises:
        Unacceptable: `control_character` where it holds what is not seen, or too many marks on
            one letter; `blank_text` where there is something and nothing to be seen.
    """
    stripped = text.strip()
    if stripped.isascii() and stripped.isprintable():
        return " ".join(stripped.split())
    bare = _without_idle_joiners(stripped)
    if _hidden(bare):
        raise Unacceptable("control_character", "Control characters are not allowed.")
    normal = _composed(bare)
    if normal and not any(map(_is_seen, normal)):
        raise Unacceptable("blank_text", "Something that can be seen is needed.")
    return normal


def paragraphs(text: str) -> str:
    r"""The text with its lines, which `\n` ends; each of them is like `line`, but for its spaces.

    Raises:
        Unacceptable: as `line`.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    rows = [_without_idle_joiners(row) for row in unified.split("\n")]
    if any(_hidden(row) for row in rows):
        raise Unacceptable("control_character", "Control characters are not allowed.")
    normal = "\n".join(unicodedata.normalize("NFC", row).rstrip() for row in rows)
    if normal and not any(map(_is_seen, normal)):
        raise Unacceptable("blank_text", "Something that can be seen is needed.")
    return normal


def cleaned(text: str) -> str:
    """The text as `line` has it, without what that refuses: for files, which nobody typed, and
    for what was kept before. What ends a line becomes a space; what cannot be seen is empty."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    one_line = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in text
    )
    bare = _without_idle_joiners(one_line.strip())
    while hidden := _hidden(bare):
        bare = "".join(character for at, character in enumerate(bare) if at not in hidden)
    normal = _composed(bare)
    return normal if any(map(_is_seen, normal)) else ""


def plain_digits(text: str) -> str:
    """The text with 0 to 9 for the digits of every script, as a keyboard may write them."""
    if text.isascii():
        return text
    return "".join(
        character if (digit := unicodedata.decimal(character, None)) is None else str(digit)
        for character in text
    )


def compared(text: str) -> str:
    """A name as it is compared with others of its kind: "Room  12" is "room 12"."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:LONGEST_COMPARED]


def _composed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _hidden(text: str) -> set[int]:
    """Where the characters stand that must not be there."""
    found, marks = set(), 0
    for at, character in enumerate(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if _selects(character):
            is_hidden = not _is_selected(text, at)
        elif character in (_ZWNJ, _ZWJ):
            is_hidden = not _joins(text, at)
        else:
            is_hidden = category in _REFUSED or character in _SHAPELESS or _is_none(character)
        if is_hidden or marks > MAX_MARKS:
            found.add(at)
    return found


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _WHITE


def _is_none(character: str) -> bool:
    """Whether Unicode keeps this code for no character, or for one that will not be seen.

    Unassigned codes are let through otherwise: a phone may know newer letters than this Python.
    """
    code = ord(character)
    if unicodedata.category(character) != "Cn":
        return False
    return (
        0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
        or code == 0x2065
        or 0xFFF0 <= code <= 0xFFF8
        or 0xE0000 <= code <= 0xE0FFF
    )


def _joins(text: str, at: int) -> bool:
    """Whether a joiner is one that its script needs (RFC 5892, A.1 and A.2), or makes one emoji
    of two symbols."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] == _ZWJ and before and after and unicodedata.category(after) == "So":
        return unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    try:
        return bool(idna.valid_contextj(text, at))
    except ValueError:
        return False


def _without_idle_joiners(text: str) -> str:
    """Without the joiners that Arabic letters have between them and that change nothing: people
    type them by habit, and with and without them a word must be the same."""
    if _ZWNJ not in text and _ZWJ not in text:
        return text
    return "".join(
        character
        for at, character in enumerate(text)
        if character not in (_ZWNJ, _ZWJ) or _joins(text, at) or not _is_within_arabic(text, at)
    )


def _is_within_arabic(text: str, at: int) -> bool:
    around = (text[at - 1 : at], text[at + 1 : at + 2])
    return at > 0 and all(side and unicodedata.bidirectional(side) == "AL" for side in around)


def _selects(character: str) -> bool:
    """Whether it is a variation selector: it chooses among the shapes of what is before it."""
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or character in "\u180b\u180c\u180d\u180f"
    )


def _is_selected(text: str, at: int) -> bool:
    """Whether what stands before a variation selector has more than one shape."""
    if at == 0:
        return False
    before, selector = text[at - 1], ord(text[at])
    if 0x180B <= selector <= 0x180F:
        return 0x1800 <= ord(before) <= 0x18AF
    if selector >= 0xE0100 or selector <= 0xFE02:
        return unicodedata.name(before, "").startswith("CJK ") or selector == 0xFE0F
    return unicodedata.category(before) in ("So", "Sm") or text[at + 1 : at + 2] == _KEYCAP
