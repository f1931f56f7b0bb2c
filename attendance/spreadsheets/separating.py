"""Text is cut into rows and cells, as CSV programs quote them; a stray quotation mark costs its own
row and no other."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from attendance.core.errors import TableUnreadable

SEPARATORS = (",", ";", "\t", "|")
# A cell of several lines: an address, a remark.
MOST_LINES = 12
MAX_CELL = csv.field_size_limit()
# Rows with stray marks that are told one by one; a file with more of them is something else.
MAX_BROKEN = 2_000

# In Hebrew a mark between two letters is part of an abbreviation.
_GERSHAYIM = re.compile('(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')


@dataclass
class Separated:
    """Rows by their numbers in the file, from 1; `broken` are those with a stray mark."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)
    quoted: bool = False


def separated(text: str, separator: str) -> Separated:
    """Cut the text. Raises `TableUnreadable` where a line is longer, or more rows have stray marks,
    than any list has."""
    found = Separated()
    lines = _lines(text)
    counts = Counter(line.count(separator) for line in lines if line)
    usual = counts.most_common(1)[0][0] if counts else 0
    place = 0
    while place < len(lines):
        line = lines[place]
        if len(line) > MAX_CELL:
            raise TableUnreadable("This is not a CSV file: a line is longer than any cell.")
        if '"' not in line:
            found.rows.append((place + 1, line.split(separator)))
            place += 1
            continue
        found.quoted = True
        taken = _record(lines, place, separator, usual)
        if taken is None:
            found.broken[place + 1] = line
            if len(found.broken) > MAX_BROKEN:
                raise TableUnreadable("Too many rows have a quotation mark without its other half.")
            place += 1
        else:
            record, count = taken
            found.rows.append((place + 1, record))
            place += count
    return found


def _lines(text: str) -> list[str]:
    return re.split("\r\n|\r|\n", text)


def _record(
    lines: list[str], place: int, separator: str, usual: int
) -> tuple[list[str], int] | None:
    """The cells of the record that begins at a line, and how many lines it has."""
    whole = ""
    for count in range(1, MOST_LINES + 1):
        if place + count > len(lines):
            return None
        whole = lines[place] if count == 1 else f"{whole}\n{lines[place + count - 1]}"
        if len(whole) > MAX_CELL:
            return None
        if (whole.count('"') - len(_GERSHAYIM.findall(whole))) % 2:  # each has its other half
            continue
        if _well_formed(separator).fullmatch(whole) is None:
            continue
        cells = list(_cells(whole, separator))
        if count > 1 and _swallows(lines[place : place + count], separator, usual):
            return None
        return cells, count
    return None


@cache
def _well_formed(separator: str) -> re.Pattern[str]:
    mark = re.escape(separator)
    # ="00123" is how Excel keeps a text of digits
    quoted = r'=?"(?:[^"]|"")*"[ \t]*'
    text = rf'(?:[^{mark}\n"]|{_GERSHAYIM.pattern})*'
    bare = rf'(?:[^"{mark}\n]{text}(?:"{text}"{text})*)?'
    cell = f"(?:{quoted}|{bare})"
    return re.compile(f"{cell}(?:{mark}{cell})*")


def _cells(record: str, separator: str) -> Iterator[str]:
    for row in csv.reader(_physical(record), delimiter=separator):
        yield from row


def _physical(record: str) -> list[str]:
    return [f"{line}\n" for line in record.split("\n")]


def _swallows(lines: list[str], separator: str, usual: int) -> bool:
    """Whether a record of several lines is several rows: what two stray marks have between them."""
    return usual > 0 and all(line.count(separator) >= usual for line in lines)
