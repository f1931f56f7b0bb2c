"""CSV and XLSX files as people make them, read into rows of clean text.

Nothing is believed of a file: its encoding, separator, sheet, first row and number formats are
found out, and it is given up beyond sizes that no class has.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from attendance.core import texts
from attendance.core.errors import TableUnreadable
from attendance.spreadsheets import apart
from attendance.spreadsheets.csv_lines import restored

# A row with its number in the file, from 1.
TableRow = tuple[int, list[str]]

MAX_ROWS = 20_000
MAX_COLUMNS = 60
# Of all sheets together, empty ones as well; a workbook may name one sheet a thousand times.
MAX_READ_ROWS = 30_000
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
# Of all members together: styles, cells and rows are tags, and each takes time and memory.
MAX_TAGS = 1_500_000
MAX_MEMBERS = 2_000
PIECE_BYTES = 64 * 1024
# A sheet formatted to its last line has a million of empty rows below the data.
MAX_EMPTY_ROWS = 2_000
SEPARATORS = (",", ";", "\t", "|")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# How Excel's CSV keeps a text of digits: ="00123"
_QUOTED_FORMULA = re.compile(r'="([^"]*)"')


def read(data: bytes, fits: Callable[[list[TableRow]], bool]) -> list[TableRow]:
    """The rows that hold anything, of the sheet (or reading of a CSV file) that `fits`.

    Raises:
        TableUnreadable: not such a file, too large a one, or nothing in it fits.
    """
    if data.startswith(OLD_EXCEL):
        raise TableUnreadable("This is an old Excel file (.xls). Save it as .xlsx or .csv.")
    is_zip = zipfile.is_zipfile(io.BytesIO(data))
    for rows in _sheets(data) if is_zip else _separations(data):
        if fits(rows):
            return rows
    raise TableUnreadable


def clean(value: Any) -> str:
    """A cell's text, of letters that are seen; whole numbers without a fraction."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
    text = texts.cleaned(str(value))
    quoted = _QUOTED_FORMULA.fullmatch(text)
    return quoted[1] if quoted else text


def _separations(data: bytes) -> Iterator[list[TableRow]]:
    text = _decoded(data)
    for separator in SEPARATORS:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            # what this application has exported comes back as it was
            yield _kept((number, map(restored, row)) for number, row in enumerate(rows, start=1))
        except csv.Error as error:
            raise TableUnreadable(f"This is not a CSV file: {error}.") from None


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableUnreadable("This is neither a CSV nor an XLSX file.")


def _sheets(data: bytes) -> Iterator[list[TableRow]]:
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
        yield _kept(sheet)


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
                    raise TableUnreadable("The workbook is too large.")
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
        if len(kept) > MAX_ROWS:
            raise TableUnreadable(f"The file has more than {MAX_ROWS} rows.")
    return kept
