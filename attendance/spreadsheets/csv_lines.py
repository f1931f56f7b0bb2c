"""Tables as CSV (RFC 4180) that Excel opens right."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

CSV_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"
# A cell that starts like this is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutralised(value: Any) -> str:
    """The cell's text; one that a spreadsheet would compute gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def csv_lines(table: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """The table as CSV, a line at a time: BOM, CRLF, quotes where needed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    yield BOM
    for cells in table:
        writer.writerow([neutralised(cell) for cell in cells])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
