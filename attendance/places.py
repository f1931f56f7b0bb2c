"""How many requests are served at once.

A socket keeps its thread for as long as it is open; a request gives it back. So the server has
threads enough for all sockets, and this counts the requests: more than that wait their turn here,
in place of crowding the database and the networks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

SOCKETS = "/socket.io"
# Always answered, also when all places are taken: else a busy server would look like a dead one.
UNCOUNTED = (SOCKETS, "/health")


class Places:
    """WSGI middleware with so many places; whoever finds none waits."""

    def __init__(self, app: Wsgi, places: int) -> None:
        self._app = app
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self.waiting = 0
        self.serving = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request."""
        if str(environ.get("PATH_INFO", "")).startswith(UNCOUNTED):
            return self._app(environ, start_response)
        self._count(waiting=1)
        with self._places:
            self._count(waiting=-1, serving=1)
            try:
                return self._app(environ, start_response)
            finally:
                self._count(serving=-1)

    def _count(self, waiting: int = 0, serving: int = 0) -> None:
        with self._lock:
            self.waiting += waiting
            self.serving += serving
