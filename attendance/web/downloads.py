"""Long answers: written whole before they are sent, and sent piece by piece."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import IO

from flask import Response

PIECE_BYTES = 64 * 1024


def written(write: Callable[[IO[bytes]], object]) -> IO[bytes]:
    """What `write` writes, in a temporary file, to be sent from there.

    So a slow client holds no database connection, and what fails fails before the answer begins.
    """
    with ExitStack() as unless_written:
        file = unless_written.enter_context(tempfile.TemporaryFile())
        write(file)
        unless_written.pop_all()
    return file


def spooled(chunks: Iterable[str]) -> IO[bytes]:
    """The text, in a temporary file."""
    return written(lambda file: file.writelines(chunk.encode() for chunk in chunks))


def sent(file: IO[bytes], content_type: str, name: str | None = None) -> Response:
    """Send the file and close it; with a name, for the browser to keep under that name."""
    headers = {"Content-Length": str(file.seek(0, os.SEEK_END))}
    if name is not None:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(_pieces(file), content_type=content_type, headers=headers)


def plain(text: str) -> str:
    """What of a text may stand in a file's name on every system: `MA 1/b` is `MA-1-b`."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-")[:40]


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file from its beginning, piece by piece; closed at the end, or when nobody reads on."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece
