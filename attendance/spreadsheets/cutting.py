"""A program of its own that cuts a large CSV file, with little time and memory, for `apart`.

Takes the file on standard input, and as arguments its encoding and separator, where they are known
("" where not). Writes a line of JSON for each reading of it: the fields of `reading.Table`, or why
it is refused. Started by its path, so that it loads a few modules and not the whole application.
"""

import json
import sys
import types
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def without_contents(package: str) -> types.ModuleType:
    """A package whose modules can be imported, without what its `__init__` loads: the whole
    application, or the networks."""
    made = types.ModuleType(package)
    made.__path__ = [str(ROOT / package)]
    sys.modules[package] = made
    return made


def main(encoding: str, delimiter: str) -> int:
    """Write the readings; returns the exit status."""
    without_contents("attendance")
    faces = without_contents("facerecog")
    from facerecog import errors

    vars(faces).update(vars(errors))
    from attendance.core.errors import TableUnreadable
    from attendance.spreadsheets import reading, unpacking

    data = sys.stdin.buffer.read()
    unpacking.limit()
    try:
        for table in reading.separations(data, encoding or None, delimiter or None):
            sys.stdout.write(json.dumps(asdict(table)) + "\n")
            sys.stdout.flush()
    except TableUnreadable as refused:
        sys.stdout.write(json.dumps({"refused": refused.detail, "code": refused.code}) + "\n")
    except MemoryError:
        return unpacking.TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
