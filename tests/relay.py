"""A TCP relay between a client and a server that can cut the line at a chosen moment."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Relay:
    """Listens on a free port of this machine and passes everything on, both ways.

    `swallow_answer_to(first, then)`: once messages with these bytes have gone to the server, one
    after the other, the last of them is passed on, and the client finds the line dead when the
    server has done what it says, without the answer. `refuse()`: nobody gets through any more, and
    every line is cut.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._words: list[bytes] = []
        self._lines: set[socket.socket] = set()
        self._swallowing: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.refusing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()
        self._listener.close()

    def swallow_answer_to(self, *words: bytes) -> None:
        self._words = list(words)

    @property
    def is_waiting(self) -> bool:
        """Whether the words have not come yet."""
        return bool(self._words)

    def refuse(self) -> None:
        self.refusing = True
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            _cut(line)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                if self.refusing:
                    client.close()
                    continue
                server = socket.create_connection(self._target)
            except OSError:
                return
            with self._lock:
                self._lines |= {client, server}
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                last = self._is_last_word(data)
                if last:
                    self._swallowing.add(client)
                server.sendall(data)
                if last:
                    break
        # The server closes its end in turn when it has done all that came; `_down` cuts the line.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _is_last_word(self, data: bytes) -> bool:
        """Whether, with this, all words have come that were waited for."""
        if not self._words or self._words[0] not in data:
            return False
        self._words.pop(0)
        return not self._words

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if client not in self._swallowing:
                    client.sendall(data)
        _cut(client)
        _cut(server)


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
