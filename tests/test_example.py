"""The worked example of the docs works: it is done, as it is written, in a copy of the project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attendance.core.settings import PROJECT, Settings
from facerecog.samples import photos_dir

PAGE = PROJECT / "docs" / "example.md"
COPIED = (
    "app.py",
    "attendance",
    "benchmarks",
    "database",
    "deploy",
    "docs",
    "facerecog",
    "pyproject.toml",
    "tests",
    "tools",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "out")
# A path on a line of its own and the block after it, or a block of commands.
BLOCK = re.compile(r"^(?:`([^`\n]+)`\n\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_worked_example_can_be_followed_from_top_to_bottom(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    _copy(copy)
    for path, kind, text in _steps(PAGE.read_text("utf-8"), copy):
        if kind == "sh":
            for line in text.splitlines():
                _run(copy, line)
        elif kind == "diff":
            _change(copy / path, text)
        else:
            assert not (copy / path).exists(), f"{path} is there already"
            (copy / path).write_text(text, "utf-8")


def test_an_example_that_does_not_fit_the_code_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_text("a = 1\nb = 2\nb = 2\n", "utf-8")
    _change(path, " a = 1\n-b = 2\n+b = 3\n")
    assert path.read_text("utf-8") == "a = 1\nb = 3\nb = 2\n"
    for gone in (" a = 1\n+c = 4\n b = 2\n", "+twice\n a = 1\n+twice\n c = 5\n"):
        with pytest.raises(AssertionError):
            _change(path, gone)


def _steps(page: str, copy: Path) -> Iterator[tuple[str, str, str]]:
    """The blocks in their order, with the numbers of the migrations filled in."""
    versions = (copy / "database" / "migrations" / "versions").glob("[0-9]*.py")
    newest = max(path.name[:4] for path in versions)
    for path, kind, text in BLOCK.findall(page):
        filled = [
            part.replace("NNNN", f"{int(newest) + 1:04}").replace("MMMM", newest)
            for part in (path, text)
        ]
        yield filled[0], kind, filled[1]


def _copy(target: Path) -> None:
    target.mkdir()
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=LEFT_OUT)
        else:
            shutil.copyfile(source, target / name)


def _change(path: Path, diff: str) -> None:
    """Replace the lines that a diff begins with ` ` or `-` by those with ` ` or `+`."""
    old, new = (
        "".join(f"{line[1:]}\n" for line in diff.splitlines() if line[:1] not in left_out)
        for left_out in ("+", "-")
    )
    text = path.read_text("utf-8")
    assert f"\n{text}".count(f"\n{old}") == 1, f"{path.name} has not once:\n{old}"
    path.write_text(f"\n{text}".replace(f"\n{old}", f"\n{new}", 1)[1:], "utf-8")


def _run(folder: Path, line: str) -> None:
    environment = {
        **os.environ,
        "MODELS_DIR": str(Settings.load().models_dir),
        "PHOTOS_DIR": str(photos_dir()),
        "TEST_DATABASE_URLS": "",
    }
    python, *arguments = shlex.split(line)
    assert python == "python", line
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
