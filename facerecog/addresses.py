"""Where a recognizer answers: `unix:/path` on the same host, `tls://host:port` on another."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_LONGEST_PATH = 100  # the system's own bound is 108 bytes, on macOS 104


@dataclass(frozen=True)
class Address:
    """One of the two kinds: `path` is set of a socket file, `host` and `port` of the other."""

    path: Path | None = None
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"tls://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def tls(self) -> bool:
        """Whether it is reached through a network."""
        return self.path is None

    def connect(self, seconds: float) -> socket.socket:
        """A connection to it, in the clear. Raises OSError."""
        if self.path is None:
            reached = socket.create_connection((self.host, self.port), seconds)
            reached.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return reached
        reached = socket.socket(socket.AF_UNIX)
        try:
            reached.settimeout(seconds)
            reached.connect(str(self.path))
        except BaseException:
            reached.close()
            raise
        return reached

    def listen(self, backlog: int) -> socket.socket:
        """A socket that listens there; of a socket file only its owner may use it.

        Raises:
            OSError: something else does, or it is not allowed.
        """
        if self.path is None:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            return socket.create_server((self.host, self.port), family=family, backlog=backlog)
        self._take_away_what_was_left(self.path)
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(str(self.path))
            self.path.chmod(0o600)  # nobody can connect before it listens
            listener.listen(backlog)
        except BaseException:
            listener.close()
            raise
        return listener

    def _take_away_what_was_left(self, path: Path) -> None:
        if not path.is_socket():
            return
        try:
            self.connect(1).close()
        except ConnectionRefusedError:
            path.unlink()  # of a process that was killed
            return
        raise FileExistsError(f"another process answers at {path}")


def read(text: str) -> Address:
    """The address that a person has written.

    Raises:
        ValueError: it is none, with what one looks like.
    """
    if text.startswith("unix:"):
        path = Path(text.removeprefix("unix:"))
        if path.is_absolute() and len(str(path).encode()) <= _LONGEST_PATH:
            return Address(path=path)
        raise ValueError(
            f"unix: needs a path from the root, of {_LONGEST_PATH} bytes at most, such as "
            "unix:/run/attendance/faces.sock"
        )
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = None
    whole = parts.scheme == "tls" and parts.hostname and port
    if not whole or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("true, false, unix:/path or tls://host:port is needed")
    return Address(host=str(parts.hostname), port=int(port or 0))


def fingerprint(text: str) -> str:
    """The SHA-256 fingerprint of a certificate as 64 small hex digits; colons are left out.

    Raises:
        ValueError: it is none.
    """
    digits = text.replace(":", "").strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError("the SHA-256 fingerprint of a certificate is needed: 64 hex digits")
    return digits
