"""Long answers: written whole before they are sent, and sent piece by piece."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from flask import Response

PIECE_BYTES = 64 * 1024


def empty() -> IO[bytes]:
    """A temporary file to write an answer into."""
    return tempfile.TemporaryFile()


def spooled(chunks: Iterable[str]) -> IO[bytes]:
    """The text in a temporary file, to be sent from there.

    So a slow client holds no database connection, and what fails fails before the answer begins.
    """
    file = empty()
    for chunk in chunks:
        file.write(chunk.encode())
    return file


def sent(file: IO[bytes], content_type: str, name: str | None = None) -> Response:
    """Send the file and close it; with a name, for the browser to keep under that name."""
    headers = {"Content-Length": str(file.seek(0, os.SEEK_END))}
    if name is not None:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(_pieces(file), content_type=content_type, headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file from its beginning, piece by piece; closed at the end, or when nobody reads on."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece
