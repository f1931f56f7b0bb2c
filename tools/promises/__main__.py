"""Compare what two revisions promise: calls, error codes, events and settings.

    python -m tools.promises REVISION              that one and the last commit
    python -m tools.promises REVISION OTHER        two of them
    python -m tools.promises REVISION --words      titles and descriptions of calls too

A change of the house must not change what clients, scripts and configurations rely on. Each
revision is unpacked into a folder and asked in a process of its own. `-` is gone, `+` is new, `~`
has changed. The exit status is 1 if anything differs, so that a release can look at each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tools.promises.differences import differences
from tools.promises.reading import readable

ROOT = Path(__file__).resolve().parent.parent.parent
PROBE = Path(__file__).with_name("probe.py")


def promised(revision: str) -> dict[str, Any]:
    """What a revision promises, as `probe.py` finds it.

    Raises:
        ValueError: there is no such revision, or it cannot be asked with the packages in .venv.
    """
    with tempfile.TemporaryDirectory(prefix="promises-") as name:
        folder = Path(name)
        archive = folder / "revision.tar"
        made = subprocess.run(
            ["git", "-C", str(ROOT), "archive", "-o", str(archive), revision],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ValueError(f"git cannot unpack {revision}: {made.stderr.strip()}")
        tree = folder / "tree"
        with tarfile.open(archive) as packed:
            packed.extractall(tree, filter="data")
        asked = subprocess.run(
            [sys.executable, str(PROBE), str(tree)],
            cwd=tree,
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode:
            raise ValueError(f"{revision} cannot be asked:\n{asked.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(asked.stdout)
        return found


def main() -> int:
    """Print the differences; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m tools.promises")
    parser.add_argument("before", help="a revision, as git names it")
    parser.add_argument("after", nargs="?", default="HEAD")
    parser.add_argument("--words", action="store_true", help="titles and descriptions too")
    asked = parser.parse_args()
    try:
        before, after = (
            readable(promised(revision), words=asked.words)
            for revision in (asked.before, asked.after)
        )
    except ValueError as error:
        parser.error(str(error))
    count = 0
    for part in before:
        found = differences(before[part], after[part])
        print(f"{part}: {len(before[part])} facts before, {len(after[part])} after", end="")
        print(f", {len(found)} differ" if found else ", all the same")
        for line in found:
            print(f"  {line}")
        count += len(found)
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
