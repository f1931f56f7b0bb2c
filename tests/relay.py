"""A TCP relay between a client and a server that can cut the line at a chosen moment."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Relay:
    """Listens on a free port of this machine and passes everything on, both ways.

    `swallow_answer_to(first, then)`: once messages with these bytes have gone to the server, one
    after the other, the last of them is passed on and the client finds the line dead before the
    answer. `refuse()`: nobody gets through any more, and every line is cut.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._words: list[bytes] = []
        self._lines: set[socket.socket] = set()
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
        self._pass_on(client, server, watched=True)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        self._pass_on(server, client, watched=False)

    def _pass_on(self, source: socket.socket, target: socket.socket, *, watched: bool) -> None:
        try:
            while data := source.recv(65536):
                seen = watched and bool(self._words) and self._words[0] in data
                if seen:
                    self._words.pop(0)
                if seen and not self._words:
                    # The client's line first: the answer finds nobody.
                    _cut(source)
                    target.sendall(data)
                    # The server has read all of it when it closes its end in turn.
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
        except OSError:
            pass
        finally:
            if watched:
                _cut(source)
            else:
                _cut(target)
                _cut(source)


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
