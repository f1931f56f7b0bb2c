"""Workbooks, large CSV files and calendars are read by programs of their own, one at a time, within
limits of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from attendance.core.errors import TableTooLong, TableUnreadable, Unavailable
from attendance.spreadsheets import unpacking

WORKBOOKS = Path(unpacking.__file__)
CSV = WORKBOOKS.with_name("cutting.py")
SECONDS = 30.0
# Whoever comes while so many wait is asked to come again.
MOST_WAITING = 4
PATIENCE_SECONDS = 20.0

_reading = threading.Lock()
_waiting = threading.BoundedSemaphore(MOST_WAITING)

Sheet = list[tuple[int, list[Any]]]


def sheets(data: bytes, *, columns: int, rows: int, empty: int) -> Iterator[Sheet]:
    """The sheets of a workbook: rows that hold anything, each with its number from 1.

    Args:
        columns: cells of a row that are looked at.
        rows: rows that all sheets together may have, empty ones as well.
        empty: empty rows after which a sheet is over.

    Raises:
        TableUnreadable: it is broken, or takes more than the limits.
        Unavailable: too many workbooks are being read.
    """
    yield from told(WORKBOOKS, data, str(columns), str(rows), str(empty))


def readings(
    data: bytes, encoding: str | None, delimiter: str | None
) -> Generator[dict[str, Any], None, None]:
    """The readings of a CSV file, each the fields of `reading.Table`; arguments as of
    `reading.read`. Where the first ones are enough, the others are not made.

    Raises:
        TableUnreadable: it is no table, or takes more than the limits.
        Unavailable: too many files are being read.
    """
    with closing(told(CSV, data, encoding or "", delimiter or "")) as lines:
        for line in lines:
            if "refused" in line:
                is_long = line["code"] == TableTooLong.code
                raise (TableTooLong if is_long else TableUnreadable)(line["refused"])
            yield line


def told(program: Path, data: bytes, *arguments: str) -> Generator[Any, None, None]:
    """What a program says of the file, line by line of JSON.

    Raises:
        TableUnreadable: it ended with another status than 0, or took more than the limits.
        Unavailable: too many files are being read.
    """
    if not _waiting.acquire(blocking=False):
        raise Unavailable("Other files are being read. Try again in a moment.")
    try:
        if not _reading.acquire(timeout=PATIENCE_SECONDS):
            raise Unavailable("Other files are being read. Try again in a moment.")
        try:
            yield from _run(program, data, arguments)
        finally:
            _reading.release()
    finally:
        _waiting.release()


def _run(program: Path, data: bytes, arguments: Sequence[str]) -> Iterator[Any]:
    command = [sys.executable, "-I", str(program), *arguments]
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        with subprocess.Popen(
            command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as running:
            late = threading.Timer(SECONDS, running.kill)
            late.start()
            try:
                assert running.stdout is not None
                for line in running.stdout:
                    if line.endswith(b"\n"):
                        yield json.loads(line)
                status = running.wait()
            finally:
                late.cancel()
                running.kill()  # where nobody wants the rest
    if status == unpacking.BROKEN:
        raise TableUnreadable("The workbook cannot be read. Save it anew as .xlsx.")
    if status == unpacking.TOO_LONG:
        raise TableTooLong
    if status != 0:  # out of memory, or ended by its limit of time
        raise TableUnreadable("The file is too large.")
