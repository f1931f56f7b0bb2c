"""CSV and XLSX files as people make them, read into rows of clean text.

Nothing is believed of a file: its encoding, separator, sheet, first row and number formats are
found out, and it is given up beyond sizes that no class has.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from attendance.core import texts
from attendance.core.errors import TableTooLong, TableUnreadable
from attendance.spreadsheets import apart, decoding, excel_numbers
from attendance.spreadsheets.csv_lines import restored
from attendance.spreadsheets.excel_numbers import Spoiled
from attendance.spreadsheets.separating import SEPARATORS, separated

# A row with its number in the file, from 1.
TableRow = tuple[int, list[str]]

MAX_ROWS = 20_000
TOO_LONG = f"The file is too large: at most {MAX_ROWS} rows are read at once."
MAX_COLUMNS = 60
# Of all sheets together, empty ones as well; a workbook may name one sheet a thousand times.
MAX_READ_ROWS = 30_000
# So much of a text is looked at in encodings that are less likely.
SAMPLE, SAMPLE_LINES = 8_000, 40
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
# Of all members together: styles, cells and rows are tags, and each takes time and memory. A CSV
# file has no more cells and lines.
MAX_TAGS = 1_500_000
MAX_MEMBERS = 2_000
PIECE_BYTES = 64 * 1024
# A larger CSV file is cut by a program of its own: one made to be slow takes half a second here.
SMALL_CSV_BYTES = 64 * 1024
# A sheet formatted to its last line has a million of empty rows below the data.
MAX_EMPTY_ROWS = 2_000
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# How Excel's CSV keeps a text of digits: ="00123"
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')
# How Excel is told the separator, in a first line of its own.
_SAID = re.compile(r"sep=(.)\r?\n")


@dataclass(frozen=True)
class Table:
    """A file's rows that hold anything, and how they were read; None where that says nothing, as
    for a workbook. `broken` are rows with a stray quotation mark, by their numbers. Not `whole` are
    the first rows in an encoding that is not the likeliest."""

    rows: list[TableRow]
    encoding: str | None = None
    confidence: float | None = None
    delimiter: str | None = None
    quote: str | None = None
    broken: dict[int, str] = field(default_factory=dict)
    whole: bool = True


def read(
    data: bytes,
    fits: Callable[[list[TableRow]], bool],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Table:
    """The sheet (or reading of a CSV file) that `fits`.

    Args:
        data: the file.
        fits: whether rows are those that are looked for.
        encoding: of a CSV file, one of `decoding.ENCODINGS`; None: it is found out.
        delimiter: between the cells of a CSV file; None: it is found out.

    Raises:
        TableTooLong: it has more than `MAX_ROWS` rows.
        TableUnreadable: not such a file, too large a one, or nothing in it fits; then
            `found_columns` are the words that may be its columns.
    """
    if data.startswith(OLD_EXCEL):
        raise TableUnreadable("This is an old Excel file (.xls). Save it as .xlsx or .csv.")
    is_zip = zipfile.is_zipfile(io.BytesIO(data))
    headers: list[str] = []
    try:
        with closing(_sheets(data) if is_zip else _readings(data, encoding, delimiter)) as tables:
            for table in tables:
                if fits(table.rows):
                    break
                found = next((cells for _, cells in table.rows if sum(map(bool, cells)) > 1), [])
                headers = max(headers, list(filter(None, found)), key=len)
            else:
                raise TableUnreadable(found_columns=headers)
    except TableTooLong:
        raise TableTooLong(TOO_LONG, limit=MAX_ROWS) from None
    if table.whole:
        return table
    again = read(data, fits, encoding=table.encoding, delimiter=table.delimiter)
    return replace(again, confidence=table.confidence)


def clean(value: Any) -> str:
    """A cell's text, of letters that are seen; numbers as Excel shows them."""
    if value is None:
        return ""
    if isinstance(value, dict):
        if "d" in value:
            return Spoiled(value["d"])
        value = excel_numbers.shown(value["n"], value["f"] or "General")
    if isinstance(value, Spoiled):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = texts.cleaned(str(value))
    quoted = _QUOTED_FORMULA.fullmatch(text)
    return quoted[1] if quoted else text


def _readings(
    data: bytes, encoding: str | None, delimiter: str | None
) -> Generator[Table, None, None]:
    if len(data) <= SMALL_CSV_BYTES:
        yield from separations(data, encoding, delimiter)
        return
    with closing(apart.readings(data, encoding, delimiter)) as told:
        for line in told:
            broken = {int(number): row for number, row in line.pop("broken").items()}
            rows = [(number, cells) for number, cells in line.pop("rows")]
            yield Table(rows, broken=broken, **line)


def separations(data: bytes, encoding: str | None, delimiter: str | None) -> Iterator[Table]:
    """The readings of a CSV file, by its encoding where that is a guess, and by what may stand
    between its cells; arguments as of `read`.

    Raises:
        TableUnreadable: not such a file, or too large a one.
    """
    for place, found in enumerate(decoding.readings(data, encoding)):
        yield from _cut(found, delimiter, whole=place == 0)


def _cut(found: decoding.Decoded, delimiter: str | None, *, whole: bool) -> Iterator[Table]:
    text = found.text.removeprefix("\ufeff")
    if not whole:
        text = "\n".join(text[:SAMPLE].splitlines()[:SAMPLE_LINES])
    said = _SAID.match(text)
    if delimiter is not None:
        separators: tuple[str, ...] = (delimiter,)
    elif said:
        separators = tuple(dict.fromkeys((said[1], *SEPARATORS)))
    else:
        separators = SEPARATORS
    for separator in separators:
        if text.count(separator) + text.count("\n") + text.count("\r") > MAX_TAGS:
            raise TableTooLong(TOO_LONG)
        cut = separated(text, separator)
        # what this application has exported comes back as it was
        rows = _kept((number, map(restored, cells)) for number, cells in cut.rows)
        yield Table(
            rows,
            found.encoding,
            found.confidence,
            separator,
            '"' if cut.quoted else None,
            cut.broken,
            whole,
        )


def _sheets(data: bytes) -> Generator[Table, None, None]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_bounded(archive)
    except TableUnreadable:
        raise
    except Exception as error:
        # zipfile and zlib have many ways to say that a member is broken
        raise TableUnreadable("The workbook cannot be read. Save it anew as .xlsx.") from error
    limits = {"columns": MAX_COLUMNS, "rows": MAX_READ_ROWS, "empty": MAX_EMPTY_ROWS}
    for sheet in apart.sheets(data, **limits):
        yield Table(_kept(sheet))


def _require_bounded(archive: zipfile.ZipFile) -> None:
    """Unpack every member piece by piece, keeping nothing, before anything is made of it.

    Raises:
        TableUnreadable: more members, bytes or tags than a school's list has, or entities.
    """
    members = archive.infolist()
    unpacked, tags = sum(member.file_size for member in members), 0
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES:
        raise TableUnreadable("The workbook is too large.")
    for member in members:
        with archive.open(member) as file:
            end = b""
            while piece := file.read(PIECE_BYTES):
                tags += piece.count(b"<")
                if tags > MAX_TAGS:
                    raise TableTooLong(TOO_LONG)
                if b"<!DOCTYPE" in end + piece:
                    raise TableUnreadable("The workbook has a document type, as none has.")
                end = piece[-8:]


def _kept(rows: Iterable[tuple[int, Iterable[Any]]]) -> list[TableRow]:
    kept: list[TableRow] = []
    last = 0
    for number, cells in rows:
        if number - last > MAX_EMPTY_ROWS:
            break
        texts = [clean(cell) for _, cell in zip(range(MAX_COLUMNS), cells, strict=False)]
        if any(texts):
            kept.append((number, texts))
            last = number
        if len(kept) > MAX_ROWS + 1:  # the column names are one
            raise TableTooLong(TOO_LONG)
    return kept
