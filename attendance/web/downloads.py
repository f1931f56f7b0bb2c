"""Tables for spreadsheets: RFC 4180 CSV that Excel opens right."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from attendance.core.clock import iso
from database import Row

BOM = "\ufeff"
PIECE_BYTES = 64 * 1024
# What other programs read: these seven, in this order.
SESSION_COLUMNS = ("student_id", "name", "email", "status", "method", "marked_at", "distance")
DETAIL_COLUMNS = ("remark", "session_started_at", "session_ended_at")
# A cell that starts like this is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutralised(value: Any) -> str:
    """The cell's text; one that a spreadsheet would compute gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def session_table(
    listed: Iterable[Row], started_at: datetime, ended_at: datetime | None, *, details: bool
) -> Iterator[tuple[Any, ...]]:
    """Header and one row per student of a session; with `details`, three more columns."""
    columns = SESSION_COLUMNS + (DETAIL_COLUMNS if details else ())
    yield columns
    session = {"session_started_at": iso(started_at), "session_ended_at": iso(ended_at)}
    for row in listed:
        shown = {**row, **session, "marked_at": iso(row["marked_at"])}
        yield tuple(shown[column] for column in columns)


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


def spooled(chunks: Iterable[str]) -> IO[bytes]:
    """The text in a temporary file, to be sent from there.

    So a slow client holds no database connection, and what fails fails before the answer begins.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever sends it closes it
    for chunk in chunks:
        file.write(chunk.encode())
    return file


def size_of(file: IO[bytes]) -> int:
    """How many bytes the file has."""
    return file.seek(0, os.SEEK_END)


def read_and_closed(file: IO[bytes]) -> Iterator[bytes]:
    """The file from its beginning, piece by piece; closed at the end, or when nobody reads on."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece
