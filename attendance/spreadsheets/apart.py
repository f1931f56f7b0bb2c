"""Workbooks are read by a program of its own, one at a time, within limits of time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attendance.core.errors import TableUnreadable, Unavailable
from attendance.spreadsheets import unpacking

PROGRAM = Path(unpacking.__file__)
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
    if not _waiting.acquire(blocking=False):
        raise Unavailable("Other files are being read. Try again in a moment.")
    try:
        if not _reading.acquire(timeout=PATIENCE_SECONDS):
            raise Unavailable("Other files are being read. Try again in a moment.")
        try:
            told = _run(data, columns, rows, empty)
        finally:
            _reading.release()
    finally:
        _waiting.release()
    for line in told.splitlines():
        yield json.loads(line)


def _run(data: bytes, *limits: int) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), *map(str, limits)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TableUnreadable("The workbook is too large.") from None
    if done.returncode == unpacking.BROKEN:
        raise TableUnreadable("The workbook cannot be read. Save it anew as .xlsx.")
    if done.returncode != 0:  # out of memory, or ended by its limit of time
        raise TableUnreadable("The workbook is too large.")
    return done.stdout
