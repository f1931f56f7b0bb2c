"""Teachers who watch their lists, as a page does: they come back by themselves, and ask again."""

from __future__ import annotations

import contextlib
import threading
import time
from functools import partial
from typing import Any

import socketio

# A session, and a student's number.
Mark = tuple[int, str]


class Watcher:
    """One teacher's live connection, what was heard over it, and the lists that it shows."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._lock = threading.Lock()
        self._followed: set[int] = set()
        self._heard: set[Mark] = set()
        # when each mark was first shown, by an event or on a list
        self._seen: dict[Mark, float] = {}
        self._refused: list[str] = []
        self.client = socketio.Client(reconnection_delay=0.3, reconnection_delay_max=1)
        self.client.on("connect", self._connect)
        self.client.on("attendance_marked", self._marked)
        self.client.on("attendance_snapshot", self._listed)

    def start(self) -> None:
        """Connect, with a WebSocket."""
        self.client.connect(
            self._url, auth={"token": self._token}, transports=["websocket"], wait_timeout=60
        )

    def begin(self) -> None:
        """Look at other lists from now on; the connection stays."""
        with self._lock:
            followed, self._followed = self._followed, set()
            self._heard, self._seen, self._refused = set(), {}, []
        for session in followed:
            self.client.emit("leave_session", {"session_id": session})

    def follow(self, session: int) -> None:
        """Show a session's list from now on, also after each loss of the connection."""
        with self._lock:
            self._followed.add(session)
        self._join(session)

    def missed(self, marks: set[Mark]) -> int:
        """How many of these marks were never told as an event."""
        with self._lock:
            return len(marks - self._heard)

    def shown(self) -> dict[Mark, float]:
        """What the lists show, and since when each of it (`time.monotonic`)."""
        with self._lock:
            return {mark: at for mark, at in self._seen.items() if mark[0] in self._followed}

    def refused(self) -> list[str]:
        """What was answered where a list was asked for and not given."""
        with self._lock:
            return list(self._refused)

    def stop(self) -> None:
        """Go, without the seconds for which the WebSocket waits for an answer."""
        with contextlib.suppress(Exception):
            if self.client.eio.ws is not None:
                self.client.eio.ws.close = partial(self.client.eio.ws.close, timeout=0.05)
            self.client.disconnect()

    def _connect(self) -> None:
        with self._lock:
            followed = list(self._followed)
        for session in followed:
            self._join(session)

    def _join(self, session: int) -> None:
        def answered(answer: Any = None) -> None:
            if not isinstance(answer, dict) or answer.get("ok"):
                return
            with self._lock:
                self._refused.append(f"session {session}: {answer.get('code')}")
            # as the pages do: a server that cannot read the session is asked again
            if answer.get("code") == "unavailable":
                threading.Timer(1.0, self._join, (session,)).start()

        with contextlib.suppress(socketio.exceptions.SocketIOError):
            self.client.emit("join_session", {"session_id": session}, callback=answered)

    def _marked(self, told: dict[str, Any]) -> None:
        mark = (int(told["session_id"]), str(told["student_id"]))
        with self._lock:
            self._heard.add(mark)
            self._seen.setdefault(mark, time.monotonic())

    def _listed(self, told: dict[str, Any]) -> None:
        # a list may be older than an event before it, as the pages know; marks only come here
        session = int(told["session_id"])
        with self._lock:
            for line in told["attendance"]:
                self._seen.setdefault((session, str(line["student_id"])), time.monotonic())
