"""Tables as CSV (RFC 4180) that Excel opens right."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

CSV_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
# What begins a cell in some spreadsheet, whatever the comma says, quotes or not.
_PARTS = re.compile("([;|\t\r\n])")
# What begins a formula (OWASP, CSV injection), also as keyboards for Chinese and Japanese write it;
# before it, what spreadsheets pass over: spaces, quotes, what is not seen, and our apostrophes.
_FORMULA = re.compile(
    "[\\s\"'\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
    "[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)


def neutralised(value: Any) -> str:
    """The cell's text, with an apostrophe before whatever a spreadsheet would compute.

    `restored` takes exactly these apostrophes away again.
    """
    text = "" if value is None else str(value)
    if not isinstance(value, str):
        return text
    return "".join(f"'{part}" if _FORMULA.match(part) else part for part in _PARTS.split(text))


def restored(text: str) -> str:
    """The text that was `neutralised`."""
    return "".join(
        part[1:] if part.startswith("'") and _FORMULA.match(part) else part
        for part in _PARTS.split(text)
    )


@dataclass(frozen=True)
class Style:
    """How a CSV file is written; unchanged, as RFC 4180 has it, with a mark of its encoding.

    Where a semicolon separates, spreadsheets expect a comma in numbers, and make dates of others.
    """

    separator: str = "comma"
    bom: bool = True

    def shown(self, cell: Any) -> str:
        """The cell's text."""
        if self.separator == "semicolon" and isinstance(cell, float):
            return str(cell).replace(".", ",")
        return neutralised(cell)


RFC_4180 = Style()


def csv_lines(table: Iterable[tuple[Any, ...]], style: Style = RFC_4180) -> Iterator[str]:
    """The table as CSV, a line at a time: CRLF, quotes where needed."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATORS[style.separator], lineterminator="\r\n")
    if style.bom:
        yield BOM
    for cells in table:
        writer.writerow([style.shown(cell) for cell in cells])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
