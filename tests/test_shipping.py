"""What the image promises of the project's files is true."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from attendance import __version__
from attendance.core.settings import PROJECT, Settings
from facerecog.samples import photos_dir

SHIPPED = ("app.py", "attendance", "database", "facerecog")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A folder with what the container image copies, and nothing else of the project."""
    folder = tmp_path / "app"
    folder.mkdir()
    leave = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in SHIPPED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=leave)
        else:
            shutil.copyfile(source, folder / name)
    return folder


def test_the_demonstration_is_made_without_the_tools_of_development(shipped: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "MODELS_DIR": str(Settings.load().models_dir),
        "PHOTOS_DIR": str(photos_dir()),
        "INSTANCE_DIR": str(shipped / "instance"),
        "UPLOADS_DIR": str(shipped / "uploads"),
        "DATABASE_URL": f"sqlite:///{shipped / 'attendance.db'}",
        "BCRYPT_ROUNDS": "4",
    }
    said = ""
    for command in ("db-upgrade", "demo-data"):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", command],
            cwd=shipped,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said = done.stdout
    assert "ada@demo.example" in said


def test_the_shipped_folders_are_those_that_the_image_copies() -> None:
    text = (PROJECT / "deploy" / "Dockerfile").read_text("utf-8")
    last = text[text.rindex("\nFROM ") :]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", last, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == {*SHIPPED, "LICENSE"}
    assert "PHOTOS_DIR=/data/" in last  # the demonstration's pictures: nothing else is writable


def test_the_version_is_written_in_one_place() -> None:
    text = (PROJECT / "pyproject.toml").read_text("utf-8")
    assert not re.search(r'^version = "', text, re.MULTILINE)
    assert 'dynamic = ["version"]' in text
    package, _, name = re.findall(r'^version = \{ attr = "(.+)" \}', text, re.MULTILINE)[
        0
    ].partition(".")
    assert getattr(importlib.import_module(package), name) == __version__
    # the built package reads it without importing, so it must be a plain value
    assert f'__version__ = "{__version__}"' in (PROJECT / package / "__init__.py").read_text(
        "utf-8"
    )
