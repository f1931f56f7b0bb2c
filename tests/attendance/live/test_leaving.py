"""A server that is told to stop (SIGTERM): who is served, who goes elsewhere, who is refused."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from tests.attendance.serving import Listener, until, worker
from tests.conftest import Api
from tests.servers import running

pytestmark = pytest.mark.any_database
DRAIN_SECONDS = 3


@pytest.fixture
def api(make_app: Callable[..., Any]) -> Api:
    return Api(make_app(drain_seconds=DRAIN_SECONDS))


@pytest.fixture
def served(api: Api) -> Iterator[tuple[Any, str]]:
    with worker(api.app) as server_and_url:
        yield server_and_url


def status_of(url: str, path: str) -> int:
    return requests.get(url + path, timeout=10).status_code


def test_readiness_goes_red_while_calls_are_answered_and_then_it_stops(
    served: tuple[Any, str],
) -> None:
    server, url = served
    assert (status_of(url, "/health/ready"), status_of(url, "/health")) == (200, 200)
    began = time.monotonic()
    server.handle_exit(signal.SIGTERM, None)
    until(lambda: status_of(url, "/health/ready") == 503)
    assert status_of(url, "/health") == 200
    assert status_of(url, "/course/mine") == 401, "calls are answered as ever"
    until(lambda: not server.alive)
    assert time.monotonic() - began >= DRAIN_SECONDS - 0.5


def test_a_second_signal_stops_at_once(served: tuple[Any, str]) -> None:
    server, _url = served
    server.handle_exit(signal.SIGTERM, None)
    assert server.alive
    server.handle_exit(signal.SIGTERM, None)
    assert not server.alive


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_live_connections_are_closed_and_new_ones_refused(
    api: Api, served: tuple[Any, str], transport: str
) -> None:
    server, url = served
    teacher = api.teacher()
    with Listener(url, teacher.token, transport) as listener:
        server.handle_exit(signal.SIGTERM, None)
        until(lambda: not listener.client.connected)
        with pytest.raises(socketio.exceptions.ConnectionError):
            Listener(url, teacher.token, transport)
        assert status_of(url, "/socket.io/?EIO=4&transport=polling") == 503


def test_a_client_of_the_library_goes_on_trying(api: Api, served: tuple[Any, str]) -> None:
    """Where a load balancer stands in front, the next try comes to another server."""
    server, url = served
    client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.2)
    refused = threading.Event()
    client.connect(url, auth={"token": api.teacher().token}, transports=["websocket"])
    client.on("connect_error", lambda *_: refused.set())
    try:
        server.handle_exit(signal.SIGTERM, None)
        assert refused.wait(10), "it takes the end for a goodbye"
    finally:
        client.shutdown()


# Read by every Python that starts: at its end, whether it looks through all that it has loaded.
TELLING = """
import atexit, gc
atexit.register(lambda: print("frozen" if gc.get_freeze_count() else "looked through", flush=True))
"""


def test_a_mark_that_has_begun_ends_well(tmp_path: Path) -> None:
    """The whole server, as systemd stops it, while pictures are on their way."""
    folder = tmp_path / "server"
    (tmp_path / "sitecustomize.py").write_text(TELLING)
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/a.db", "PYTHONPATH": str(tmp_path)}
    # a user without a home, as in a container: nothing is written there, or complained about
    settings["HOME"] = str(tmp_path / "sitecustomize.py")
    with running(folder, DRAIN_SECONDS="2", WORKERS="1", **settings) as school:
        teacher, student = school.sign_up("teacher", 1), school.sign_up("student", 1)
        token = student["access_token"]
        assert school.upload("/student/upload-face", token, "obama").ok
        code = school.call(
            "POST", "/session/start", teacher["access_token"], json={"subject": "A"}
        ).json()["session"]["code"]
        statuses: list[int] = []
        ended = threading.Event()

        def press() -> None:
            while not ended.is_set():
                try:
                    answer = school.upload("/session/mark", token, "obama2", code=code)
                except requests.ConnectionError:
                    return  # nobody listens any more
                statuses.append(answer.status_code)

        threads = [threading.Thread(target=press) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: len(statuses) > 5)
        before = len(statuses)
        os.kill(school.process.pid, signal.SIGTERM)
        school.process.wait(15)
        ended.set()
        for thread in threads:
            thread.join()
    assert set(statuses) == {200}
    assert len(statuses) > before + 3, "it went on for a while"
    said = (folder / "log").read_text()
    assert said.count("frozen") == 2, (
        "the server and its worker end without a search of their memory"
    )
    assert "looked through" not in said
