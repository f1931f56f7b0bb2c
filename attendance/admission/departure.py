"""Answers that are still going: what the client does not take yet waits without a thread."""

from __future__ import annotations

import errno
import os
import ssl
from typing import Any, BinaryIO

# More of an answer than this is not kept; the thread that makes it waits for the client. Only
# files and exports of those who have signed in are larger.
KEPT_BYTES = 4 * 1024 * 1024
PIECE = 64 * 1024

FULL = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Departure:
    """Stands for the connection where gunicorn writes an answer to it."""

    def __init__(self, line: Any, patience: float) -> None:
        self._line, self._patience = line, patience
        self.left = bytearray()

    def sendall(self, data: bytes) -> None:
        """Send what can be sent now, and keep the rest. Raises OSError when the client has gone,
        or has not made room for more in time."""
        if len(self.left) + len(data) > KEPT_BYTES:
            self._send_patiently()
        self.left += data
        self.go_on()

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
        """The same with a part of a file."""
        file.seek(offset)
        left = os.fstat(file.fileno()).st_size - offset if count is None else count
        sent = 0
        while sent < left and (data := file.read(min(PIECE, left - sent))):
            self.sendall(data)
            sent += len(data)
        return sent

    def go_on(self) -> bool:
        """Send what can be sent now, and say whether that was all."""
        self._line.setblocking(False)
        try:
            while self.left:
                sent = self._line.send(self.left[:PIECE])
                del self.left[:sent]
        except FULL:
            return False
        finally:
            self._line.setblocking(True)
        return True

    def _send_patiently(self) -> None:
        self._line.settimeout(self._patience)
        try:
            self._line.sendall(self.left)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the client takes nothing") from None
        finally:
            self.left.clear()
            self._line.setblocking(True)
