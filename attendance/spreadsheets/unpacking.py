"""A program of its own that reads a workbook, with little time and memory, for `apart`.

Takes the file on standard input and writes a line of JSON for each sheet: its rows, each a number
in the file and the cells. Started by its path, so that it loads openpyxl and nothing of the
application, has none of its keys, and takes nothing down when a file is more than it can bear.
"""

import contextlib
import io
import itertools
import json
import sys
from datetime import datetime
from typing import Any

MEMORY_BYTES = 700 * 1024 * 1024
CPU_SECONDS = 15
TOO_LARGE, BROKEN, TOO_LONG = 3, 4, 5
# Larger numbers may have lost digits.
PLAIN = 10**11


def limit() -> None:
    """Let this process have so much memory and time and no more, where the system can say so."""
    with contextlib.suppress(ImportError):  # Windows: the parent's time limit alone
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def plain(cell: Any) -> Any:
    """A cell's value as JSON has it: a number with its format as `{"n": 7, "f": "000"}`, a moment
    as `{"d": "2026-03-04"}`."""
    value = cell.value
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)):
        form = cell.number_format
        return (
            value if form in (None, "General") and abs(value) < PLAIN else {"n": value, "f": form}
        )
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return {"d": str(value.date())}
    return {"d": str(value)}


def main(columns: int, most_rows: int, most_empty: int) -> int:
    """Write the sheets, each up to so many empty rows; returns the exit status."""
    data = sys.stdin.buffer.read()
    limit()
    import openpyxl

    numbers = itertools.count(1)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # which some programs write wrong
            rows: list[tuple[int, list[Any]]] = []
            for place, cells in enumerate(sheet.iter_rows(max_col=columns), 1):
                if next(numbers) > most_rows:
                    return TOO_LONG
                if any(cell.value is not None for cell in cells):
                    rows.append((place, [plain(cell) for cell in cells]))
                elif place - (rows[-1][0] if rows else 0) > most_empty:
                    break
            sys.stdout.write(json.dumps(rows) + "\n")
    except MemoryError:
        return TOO_LARGE
    except Exception:
        # openpyxl passes on whatever its zip and XML readers meet in a broken file
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
