"""Phones, as a benchmark needs them: connections that are kept open, many marks at once."""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

BOUNDARY = "frame-of-a-phone"


@dataclass
class Client:
    """One connection that is kept open, as a phone's browser keeps it."""

    port: int
    token: str = ""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, Any]:
        """Return status and decoded JSON; a connection that the server closed is opened again."""
        headers = {"Content-Type": kind} if kind else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for again in (True, False):
            try:
                self._connection.request(method, path, body or None, headers)
                response = self._connection.getresponse()
                return response.status, json.loads(response.read() or b"null")
            except (http.client.RemoteDisconnected, ConnectionError):
                self._connection.close()
                if not again:
                    raise
        raise AssertionError

    def post(self, path: str, **fields: Any) -> Any:
        """Post JSON and return the answer, which must be a success."""
        return self.send("POST", path, **fields)

    def send(self, method: str, path: str, **fields: Any) -> Any:
        """Send JSON and return the answer, which must be a success."""
        status, answer = self.call(method, path, json.dumps(fields).encode(), "application/json")
        if status >= 300:
            raise SystemExit(f"{path} answered {status}: {answer}")
        return answer

    def upload(self, path: str, picture: bytes, **fields: str) -> tuple[int, Any]:
        """Post a multipart form with a picture."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
            'name="image"; filename="frame.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        body = "".join(parts).encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.call("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")


def drive(
    port: int, clients: int, count: int, codes: list[str], marking: dict[str, tuple[str, bytes]]
) -> dict[str, Any]:
    """Send ``count`` first marks from so many clients at once; return rates and latencies."""
    # Each student marks once in each session: every mark is a new row.
    jobs = itertools.islice(itertools.product(codes, marking.values()), count)
    lock = threading.Lock()
    seconds: list[float] = []
    answers: dict[str, int] = {}

    def work() -> None:
        connections: dict[str, Client] = {}
        while True:
            with lock:
                job = next(jobs, None)
            if job is None:
                return
            code, (token, frame) = job
            client = connections.setdefault(token, Client(port, token))
            start = time.perf_counter()
            status, answer = client.upload("/session/mark", frame, code=code)
            took = time.perf_counter() - start
            with lock:
                seconds.append(took)
                key = f"{status} {answer.get('status') or answer.get('code')}"
                answers[key] = answers.get(key, 0) + 1

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for future in [pool.submit(work) for _ in range(clients)]:
            future.result()
    elapsed = time.perf_counter() - start
    cuts = statistics.quantiles(seconds, n=100)
    return {
        "clients": clients,
        "marks": count,
        "answers": answers,
        "marks_per_second": count / elapsed,
        **{f"p{part}_ms": cuts[part - 1] * 1000 for part in (50, 95, 99)},
    }
