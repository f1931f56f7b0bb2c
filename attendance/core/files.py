"""Files that are there whole or not at all, and that only their owner can read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place, safely on disk, if all went well.

    The draft's name ends like the path's, and begins with a dot.
    """
    with _draft(path) as draft:
        yield draft
        _settle(draft)
        draft.replace(path)


def write(path: Path, data: bytes) -> None:
    """Write a file whole, in the place of one that may be there."""
    with whole(path) as draft:
        draft.write_bytes(data)


def write_first(path: Path, data: bytes) -> None:
    """Write a file whole where there is none: of two processes that do, one is the first."""
    with _draft(path) as draft:
        draft.write_bytes(data)
        _settle(draft)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            draft.replace(path)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    draft.touch(mode=0o600, exist_ok=False)
    try:
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Wait until the disk has the file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
