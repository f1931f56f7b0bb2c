"""A real server on a real port, and Socket.IO clients that write down what they hear."""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import socketio
from flask import Flask
from werkzeug.serving import make_server

EVENTS = (
    "session_changed",
    "session_discarded",
    "session_started",
    "session_locked",
    "session_unlocked",
    "session_stopped",
    "attendance_marked",
    "attendance_snapshot",
    "attendance_summary_updated",
    "qr_rotated",
    "absence_changed",
    "appeal_changed",
    "course_changed",
    "staff_changed",
    "face_changed",
    "face_removed",
    "join_request_changed",
    "refusal_noted",
    "teacher_waiting",
    "face_seen",
    "sighting_added",
    "sighting_decided",
    "camera_changed",
    "first_mark_added",
    "face_decided",
)
PATIENCE_SECONDS = 30


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of 127.0.0.1 and give its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def worker(app: Flask, threads: int = 4, **options: object) -> Iterator[tuple[Any, str]]:
    """The worker of the real server, in a thread of the test, and its URL."""
    # not on Windows, where the other tests of this file's users run as well
    from gunicorn.config import Config
    from gunicorn.glogging import Logger

    from attendance.admission.worker import Worker

    config = Config()
    for name, value in {"threads": threads, "worker_connections": 64, **options}.items():
        config.set(name, value)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    serves = Worker(1, os.getppid(), [listener], None, 30, config, Logger(config))
    serves.wsgi = app
    serves.tpool, serves.poller = serves.get_thread_pool(), selectors.DefaultSelector()
    serves.method_queue.init()
    thread = threading.Thread(target=serves.run)
    thread.start()
    scheme = "https" if config.is_ssl else "http"
    try:
        yield serves, f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        serves.handle_exit(None, None)
        thread.join()
        serves.tmp.close()


def until(happens: Callable[[], bool]) -> None:
    """Wait for it, as long as anybody would."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


def leave(client: socketio.Client) -> None:
    """Disconnect, without the three seconds for which the WebSocket waits for an answer."""
    if client.eio.ws is not None:
        client.eio.ws.close = partial(client.eio.ws.close, timeout=0.05)
    client.disconnect()


class Listener:
    """One connected client."""

    def __init__(self, url: str, token: str | None, transport: str = "websocket") -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self._news = threading.Condition()
        self.client = socketio.Client(reconnection=False)
        for event in EVENTS:
            self.client.on(event, self._noting(event))
        self.client.connect(
            url, auth={"token": token} if token else None, transports=[transport], wait_timeout=30
        )

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        leave(self.client)

    def follow(self, session_id: object) -> dict[str, Any]:
        """Send `join_session` and return the answer."""
        answer = self.client.call("join_session", {"session_id": session_id}, timeout=30)
        assert isinstance(answer, dict)
        return answer

    def next(self, event: str) -> dict[str, Any]:
        """The next such event, waited for; it is taken off the list."""
        with self._news:
            assert self._news.wait_for(lambda: event in self.names(), PATIENCE_SECONDS), (
                f"{event} was not heard, but {self.names()}"
            )
            position = self.names().index(event)
            return self.heard.pop(position)[1]

    def names(self) -> list[str]:
        """The events heard and not yet taken."""
        return [name for name, _ in self.heard]

    def settle(self) -> None:
        """Wait until the server has sent all that it had for this client: an answer comes last."""
        self.client.call("leave_session", {"session_id": 0}, timeout=30)

    def _noting(self, event: str) -> Any:
        def note(payload: dict[str, Any]) -> None:
            with self._news:
                self.heard.append((event, payload))
                self._news.notify_all()

        return note
