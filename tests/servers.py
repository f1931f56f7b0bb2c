"""The server as a process of its own, with several workers, as a school runs it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from attendance.core.settings import PROJECT, Settings
from facerecog.samples import photo

PASSWORD = "correct horse"
START_SECONDS = 90


@dataclass
class School:
    """A running server, and the file of its own certificate over HTTPS."""

    url: str
    process: subprocess.Popen[bytes]
    certificate: Path | None = None

    def workers(self) -> list[int]:
        return children_of(self.process.pid)

    def networks(self) -> list[int]:
        """The processes of the workers that have the networks."""
        return [pid for worker in self.workers() for pid in children_of(worker)]

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A connection each: the next one may go to the other worker.
        headers["Connection"] = "close"
        options["verify"] = str(self.certificate) if self.certificate else True
        return requests.request(method, self.url + path, headers=headers, timeout=30, **options)

    def sign_up(self, kind: str, number: int) -> Any:
        body = {"name": f"{kind} {number}", "email": f"{kind}{number}@x.example"}
        if kind == "student":
            body["student_id"] = f"S{number}"
        answer = self.call("POST", f"/{kind}/signup", json={**body, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def upload(self, path: str, token: str, name: str, **fields: str) -> Any:
        files = {"image": ("frame.jpg", photo(name).read_bytes())}
        return self.call("POST", path, token, files=files, data=fields)


def children_of(parent: int) -> list[int]:
    found = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "pid="], capture_output=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path, https: bool = False, **settings: str) -> Iterator[School]:
    """Start the server with these settings, its files in `folder`, and end it."""
    port = free_port()
    folder.mkdir(exist_ok=True)
    environment = {
        **{
            key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "PHOTOS_DIR")
        },
        "MODELS_DIR": str(Settings.load().models_dir),
        "INSTANCE_DIR": str(folder),
        "UPLOADS_DIR": str(folder / "uploads"),
        "PORT": str(port),
        "WORKERS": "2",
        "TEACHER_SIGN_UP": "open",
        "BCRYPT_ROUNDS": "4",
        "MARK_TRIES_PER_MINUTE": "1000",
        "SIGN_UPS_PER_MINUTE": "1000",
        "ENROL_TRIES_PER_MINUTE": "1000",
        "LOG_LEVEL": "ERROR",
        **settings,
    }
    log = (folder / "log").open("wb")
    command, url = [sys.executable, "app.py"], f"http://127.0.0.1:{port}"
    if https:
        command, url = [*command, "--https"], url.replace("http", "https")
        environment |= {"HOST": "127.0.0.1", "PUBLIC_URL": url}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    school = School(url, process, folder / "https-certificate.pem" if https else None)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(school, int(environment["WORKERS"])):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.2)
        yield school
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def is_ready(school: School, workers: int) -> bool:
    with contextlib.suppress(OSError):  # requests' own are of these; so is a missing certificate
        return len(school.workers()) == workers and bool(school.call("GET", "/health/ready").ok)
    return False
