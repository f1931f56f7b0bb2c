"""deploy/cluster/haproxy.cfg: one database writes at a time, and the one that does stays."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attendance.core.settings import PROJECT
from tests.attendance.serving import until
from tests.servers import free_port

pytestmark = pytest.mark.skipif(
    not shutil.which("haproxy") and not os.environ.get("CI"), reason="haproxy is not installed"
)
HERE = "127.0.0.1"
TOOK_PART = b"\x07\x00\x00\x02\x00"


class Database:
    """Says as much of MySQL's protocol as the check asks for, and to everybody who it is."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, free_port()
        self._listener: socket.socket | None = None
        self._clients: list[socket.socket] = []

    def start(self) -> None:
        self._listener = socket.create_server((HERE, self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self) -> None:
        assert self._listener is not None
        for each in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._clients.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._clients.append(client)
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client.sendall(f"{self.name} mysql_native_password".encode())
            for answer in (TOOK_PART, b"Synced"):
                if client.recv(1000):
                    client.sendall(answer)


@pytest.fixture
def databases() -> Iterator[list[Database]]:
    every = [Database(f"db{number}") for number in (1, 2, 3)]
    for each in every:
        each.start()
    yield every
    for each in every:
        each.kill()


@pytest.fixture
def port(databases: list[Database], tmp_path: Path) -> Iterator[int]:
    """Where HAProxy takes connections for the database."""
    port = free_port()
    words = {f"DB{number}": f"{HERE}:{each.port}" for number, each in enumerate(databases, 1)}
    words |= {f"SERVER{number}": f"{HERE}:1" for number in range(1, 5)}
    words |= {"WEB": f"{HERE}:{free_port()}", "DATABASE": f"{HERE}:{port}", "RUN": str(tmp_path)}
    file = PROJECT / "deploy" / "cluster" / "haproxy.cfg"
    with subprocess.Popen(
        ["haproxy", "-db", "-f", str(file)],
        env={**os.environ, **words},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        until(lambda: writer(port) == "db1")
        yield port
        running.terminate()


def writer(port: int) -> str:
    """Where a new connection comes to; nothing: nowhere."""
    try:
        with socket.create_connection((HERE, port), 2) as connection:
            connection.settimeout(2)
            return connection.recv(100).decode().partition(" ")[0]
    except OSError:
        return ""


def test_the_one_that_writes_stays_when_an_earlier_one_comes_back(
    databases: list[Database], port: int
) -> None:
    """New connections and those that are there already go to one node."""
    first, second, _ = databases
    first.kill()
    until(lambda: writer(port) == "db2")
    first.start()
    # two checks of half a second, and as many more
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        assert writer(port) == "db2"
        time.sleep(0.1)
    second.kill()
    until(lambda: writer(port) in ("db1", "db3"))
