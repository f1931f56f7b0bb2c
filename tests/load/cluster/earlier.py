"""The version before this one that has another schema, taken out of the project's history."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

from attendance.core.settings import PROJECT

VERSIONS = "database/migrations/versions"


def newest_migrations() -> list[str]:
    """The files of the present migrations, in order."""
    return sorted(path.name for path in (PROJECT / VERSIONS).glob("[0-9]*.py"))


def revision() -> str:
    """The last commit that has all migrations but the newest one.

    Ends the program where the history does not go back so far (a shallow clone)."""
    wanted = newest_migrations()[:-1]
    for commit in _git("log", "--format=%H", "--", VERSIONS).split():
        for each in (commit, f"{commit}~1"):
            listed = _git("ls-tree", "--name-only", f"{each}:{VERSIONS}", check=False).split()
            if sorted(name for name in listed if name[0].isdigit()) == wanted:
                return each
    sys.exit("no earlier version with another schema is in this copy's history")


def unpacked(folder: Path) -> Path:
    """The earlier version's files, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = folder / "earlier.tar"
    _git("archive", "--format=tar", f"--output={packed}", revision())
    with tarfile.open(packed) as tar:
        tar.extractall(folder, filter="data")
    packed.unlink()
    return folder


def _git(*words: str, check: bool = True) -> str:
    done = subprocess.run(
        ["git", "-C", str(PROJECT), *words], capture_output=True, text=True, check=check
    )
    return done.stdout
