"""The real server's worker: what only begins takes no thread, and nobody waits for it."""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Response, send_file
from flask_openapi3 import OpenAPI

from attendance.admission import worker as serving_worker
from attendance.admission.control import SMALL_BYTES
from attendance.operation.certificate import self_signed
from tests.attendance.admission.test_control import PATIENCE_SECONDS, begin, line_to
from tests.attendance.serving import Listener, until, worker
from tests.conftest import Api

pytestmark = pytest.mark.any_database

THREADS = 2
MANY = 300
HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "


@pytest.fixture
def served(app: OpenAPI) -> Iterator[tuple[Any, str]]:
    with worker(app, threads=THREADS) as server_and_url:
        yield server_and_url


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_worker, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(serving_worker, "SMALL_SECONDS", 0.1)


def hold(
    stack: ExitStack, url: str, count: int, data: bytes = HALF_A_HEADER
) -> list[socket.socket]:
    lines = [stack.enter_context(line_to(url)) for _ in range(count)]
    for line in lines:
        line.sendall(data)
    return lines


def answer_of(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """What comes until the server closes."""
    data = b""
    while more := line.recv(65536):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return int(first.split()[1]), dict(field.split(": ", 1) for field in rest), body


def is_healthy(url: str, **options: Any) -> bool:
    return bool(requests.get(f"{url}/health", timeout=PATIENCE_SECONDS, **options).ok)


def test_half_sent_headers_take_no_thread(served: tuple[Any, str]) -> None:
    server, url = served
    before = threading.active_count()
    with ExitStack() as stack:
        hold(stack, url, MANY)
        assert is_healthy(url)
        assert len(server.room) == MANY
        assert threading.active_count() <= before + THREADS


def test_small_bodies_that_do_not_come_take_no_thread(served: tuple[Any, str]) -> None:
    server, url = served
    with ExitStack() as stack:
        for header in ("Content-Length: 100", "Transfer-Encoding: chunked"):
            for _ in range(20):
                begin(stack.enter_context(line_to(url)), header)
        for path in ("/socket.io/?EIO=4&transport=polling&sid=x", "/socket.io/"):
            request = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n0"
            hold(stack, url, 20, request.encode())
        assert is_healthy(url)
        assert len(server.room) == 80


def test_a_large_body_without_a_good_token_is_answered_without_a_thread(
    app: OpenAPI,
) -> None:
    teacher = Api(app).teacher()
    with worker(app, threads=THREADS) as (server, url):
        threads: list[object] = []
        server.enqueue_req = threads.append
        for headers, code in (
            ({}, "token_missing"),
            ({"Authorization": "Bearer a.b.c"}, "token_invalid"),
            ({"Authorization": f"Bearer {teacher.refresh_token}"}, "token_invalid"),
            ({"Cookie": "access_token_cookie=a.b.c"}, "token_invalid"),
        ):
            answer = requests.post(
                f"{url}/session/mark",
                bytes(2 * SMALL_BYTES),
                headers={"Expect": "100-continue", **headers},
                timeout=PATIENCE_SECONDS,
            )
            assert (answer.status_code, answer.json()["code"]) == (401, code)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert not threads


@pytest.mark.parametrize("kind", ["header", "small letters", "cookie", "key", "bearer key"])
def test_a_large_body_with_a_token_is_read(app: OpenAPI, kind: str) -> None:
    api = Api(app)
    teacher = api.teacher()
    made = api.post("/admin/api-keys", teacher, json={"name": "door", "scopes": ["verify"]}).json
    headers = {
        "header": {"Authorization": f"Bearer {teacher.token}"},
        "small letters": {"Authorization": f"bearer {teacher.token}"},
        "cookie": {"Cookie": f"access_token_cookie={teacher.token}"},
        "key": {"X-API-Key": made["key"]},
        "bearer key": {"Authorization": f"Bearer {made['key']}"},
    }[kind]
    with worker(app, threads=THREADS) as (_server, url):
        answer = requests.post(
            f"{url}/verify",
            files={"image": ("x.jpg", bytes(2 * SMALL_BYTES))},
            headers=headers,
            timeout=PATIENCE_SECONDS,
        )
    expected = "csrf_failed" if kind == "cookie" else "image_unreadable"
    assert answer.json()["code"] == expected


def test_a_header_or_body_that_does_not_come_ends(served: tuple[Any, str], impatient: None) -> None:
    server, url = served
    for data in (HALF_A_HEADER, HALF_A_HEADER + b"\r\nContent-Length: 5\r\n\r\n123"):
        with line_to(url) as line:
            line.sendall(data)
            status, headers, body = answer_of(line)
        assert status == 408
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert json.loads(body)["status"] == 408
    with line_to(url) as line:
        assert line.recv(1) == b"", "who has said nothing hears nothing"
        assert server.nr_conns == len(server._goodbyes) == 0, "and is not waited for"


def test_whoever_is_on_this_machine_is_no_proxy_until_a_setting_says_so(
    make_app: Callable[..., OpenAPI],
) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "school.example"}
    found = {}
    for count in (0, 1):
        with worker(make_app(trusted_proxies=count)) as (_server, url):
            answer = requests.get(f"{url}/health", headers=headers, timeout=PATIENCE_SECONDS)
            found[count] = "Strict-Transport-Security" in answer.headers
    assert found == {0: False, 1: True}


def test_a_kept_connection_begins_its_next_request_without_a_thread(
    served: tuple[Any, str],
) -> None:
    server, url = served
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            line = stack.enter_context(line_to(url))
            line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + HALF_A_HEADER)
            assert b"200 OK" in line.recv(65536)
        assert is_healthy(url)
        until(lambda: len(server.room) == 2 * THREADS)  # whoever asked for the health has left


def test_a_request_that_comes_in_pieces_is_answered(served: tuple[Any, str]) -> None:
    _server, url = served
    with line_to(url) as line:
        for byte in b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
            line.sendall(bytes([byte]))
        assert answer_of(line)[0] == 200


def test_two_requests_in_one_piece_are_both_answered(served: tuple[Any, str]) -> None:
    _server, url = served
    with line_to(url) as line:
        line.sendall(
            b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
            b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        status, _headers, rest = answer_of(line)
    assert status == 200
    assert b"HTTP/1.1 404" in rest


def test_a_body_is_sent_after_the_word_that_the_client_waits_for(served: tuple[Any, str]) -> None:
    _server, url = served
    with line_to(url) as line:
        begin(line, "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2")
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"{}")
        assert answer_of(line)[0] == 400


def test_a_picture_comes_through(served: tuple[Any, str], app: OpenAPI) -> None:
    _server, url = served
    student = Api(app).student()
    for size in (1000, 2 * SMALL_BYTES):
        answer = requests.post(
            f"{url}/student/upload-face",
            files={"image": ("a.jpg", b"\xff\xd8" + b"x" * size)},
            headers={"Authorization": f"Bearer {student.token}"},
            timeout=PATIENCE_SECONDS,
        )
        assert answer.json()["code"] == "image_unreadable"


def test_too_many_of_one_address_lose_their_oldest_and_the_others_are_served(
    served: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = served
    server.room._per_address = 10
    with ExitStack() as stack:
        lines = hold(stack, url, 1)
        until(lambda: len(server.room) >= 1)
        hold(stack, url, 10)
        status, headers, _body = answer_of(lines[0])
        assert (status, headers["Retry-After"]) == (503, "5")
        assert is_healthy(url)
        assert len(server.room) <= 10


def test_who_does_not_close_holds_up_nobody(served: tuple[Any, str]) -> None:
    server, url = served
    with ExitStack() as stack:
        request = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        for line in hold(stack, url, 20, request):
            assert answer_of(line)[0] == 200
        assert is_healthy(url)
        assert len(server._goodbyes) >= 20, "all of them are waited for at once"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"no request\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 70000, 431),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_problem_document(
    served: tuple[Any, str], request_bytes: bytes, status: int
) -> None:
    _server, url = served
    with line_to(url) as line:
        line.sendall(request_bytes)
        told, headers, body = answer_of(line)
    assert told == status
    assert headers["Content-Type"] == "application/problem+json"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert json.loads(body)["code"] == "invalid_request"


def test_a_stopping_server_waits_for_no_beginning(app: OpenAPI) -> None:
    with ExitStack() as stack:
        with worker(app) as (_server, url):
            line = hold(stack, url, 1)[0]
            assert is_healthy(url)
        assert line.recv(65536).startswith(b"HTTP/1.1 408"), "the worker has ended, and said so"


# -- answers that the client does not take


LARGE = 3_000_000


@pytest.fixture
def large(app: OpenAPI) -> OpenAPI:
    @app.get("/large")
    def answer() -> bytes:
        return b"x" * LARGE

    @app.get("/file")
    def file() -> Any:
        return send_file(io.BytesIO(b"y" * LARGE), "text/plain")

    @app.get("/stream")
    def stream() -> Any:
        return Response(b"z" * 100_000 for _ in range(200))

    return app


def reluctant(url: str, path: str) -> socket.socket:
    """A client that has asked, and does not read."""
    parts = urlsplit(url)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(PATIENCE_SECONDS)
    line.connect((str(parts.hostname), int(parts.port or 0)))
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return line


def test_answers_that_nobody_takes_keep_no_thread(large: OpenAPI) -> None:
    with worker(large, threads=THREADS) as (server, url), ExitStack() as stack:
        lines = [stack.enter_context(reluctant(url, "/large")) for _ in range(5 * THREADS)]
        assert is_healthy(url)
        until(lambda: len(server.leaving) >= len(lines))
        assert is_healthy(url)
        # whoever takes it after all gets it whole, and may ask again
        assert taken_by(lines[0], LARGE).count(b"x") >= LARGE
        lines[0].sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert lines[0].recv(65536).startswith(b"HTTP/1.1 200 OK")


def taken_by(line: socket.socket, size: int) -> bytes:
    """An answer with a body of this size."""
    data = b""
    while len(data.partition(b"\r\n\r\n")[2]) < size:
        data += line.recv(65536)
    return data


def test_a_file_and_a_stream_arrive_whole(large: OpenAPI) -> None:
    with worker(large, threads=THREADS) as (_server, url):
        for path, content in (("/file", b"y" * LARGE), ("/stream", b"z" * 20_000_000)):
            with requests.get(url + path, timeout=PATIENCE_SECONDS) as answer:
                assert answer.content == content


def test_answers_that_nobody_takes_end(large: OpenAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_worker, "SEND_SECONDS", 0.1)
    with worker(large, threads=THREADS) as (server, url):
        with reluctant(url, "/large") as line:
            until(lambda: server.nr == 1 and server.nr_conns == 0)
            assert len(taken_until_the_end(line)) < LARGE
        # the thread that makes more than is kept waits for the client, and as long
        with reluctant(url, "/stream") as line:
            until(lambda: server.nr == 2 and server.nr_conns == 0)
            assert len(taken_until_the_end(line)) < 20_000_000
        assert is_healthy(url)


def taken_until_the_end(line: socket.socket) -> bytes:
    data = b""
    with suppress(ConnectionResetError):
        while more := line.recv(65536):
            data += more
    return data


# -- over TLS


@pytest.fixture
def secured(app: OpenAPI, tmp_path: Path) -> Iterator[tuple[Any, str, Path]]:
    certificate, key = self_signed(tmp_path, ["127.0.0.1"], datetime.now(timezone.utc))
    files = {"certfile": str(certificate), "keyfile": str(key)}
    with worker(app, threads=THREADS, **files) as (server, url):
        yield server, url, certificate


def test_half_a_handshake_takes_no_thread(secured: tuple[Any, str, Path]) -> None:
    server, url, certificate = secured
    with ExitStack() as stack:
        hold(stack, url, 50, b"\x16\x03\x01\x02\x00\x01")
        hold(stack, url, 50, b"")
        assert is_healthy(url, verify=str(certificate))
        assert len(server.room) == 100


def test_half_a_handshake_ends(secured: tuple[Any, str, Path], impatient: None) -> None:
    _server, url, _certificate = secured
    with line_to(url) as line:
        line.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert line.recv(1) == b""


def test_half_a_header_over_tls_takes_no_thread(secured: tuple[Any, str, Path]) -> None:
    server, url, certificate = secured
    context = ssl.create_default_context(cafile=str(certificate))
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            line = stack.enter_context(
                context.wrap_socket(line_to(url), server_hostname="127.0.0.1")
            )
            line.sendall(HALF_A_HEADER)
        assert is_healthy(url, verify=str(certificate))
        assert len(server.room) == 2 * THREADS


def test_a_picture_comes_through_tls(secured: tuple[Any, str, Path], app: OpenAPI) -> None:
    _server, url, certificate = secured
    student = Api(app).student()
    with requests.Session() as session:
        for size in (1000, 200_000, 2 * SMALL_BYTES):
            answer = session.post(
                f"{url}/student/upload-face",
                files={"image": ("a.jpg", b"\xff\xd8" + b"x" * size)},
                headers={"Authorization": f"Bearer {student.token}"},
                timeout=PATIENCE_SECONDS,
                verify=str(certificate),
            )
            assert answer.json()["code"] == "image_unreadable"


def test_a_new_certificate_counts_without_a_new_start(
    secured: tuple[Any, str, Path], tmp_path: Path
) -> None:
    _server, url, certificate = secured
    other = tmp_path / "other"
    other.mkdir()
    for file in self_signed(other, ["127.0.0.1"], datetime.now(timezone.utc)):
        (certificate.parent / file.name).write_bytes(file.read_bytes())
    assert is_healthy(url, verify=str(certificate))


def test_sockets_are_carried(served: tuple[Any, str], app: OpenAPI) -> None:
    _server, url = served
    api = Api(app)
    teacher = api.teacher()
    with Listener(url, teacher.token) as listener:
        session = api.session(teacher)
        assert listener.next("session_started")["session_id"] == session["id"]


def test_work_that_takes_every_thread_keeps_nobody_from_waiting(
    make_app: Callable[..., OpenAPI],
) -> None:
    app = make_app()
    inside, go_on = threading.Semaphore(0), threading.Event()

    @app.get("/gate")
    def gate() -> str:
        inside.release()
        assert go_on.wait(PATIENCE_SECONDS)
        return "open"

    with worker(app, threads=THREADS) as (server, url), ExitStack() as stack:
        lines = hold(stack, url, THREADS, b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in lines:
            assert inside.acquire(timeout=PATIENCE_SECONDS)
        late = hold(stack, url, 1, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")[0]
        hold(stack, url, 20)
        until(lambda: len(server.room) >= 20)
        go_on.set()
        assert b"200 OK" in late.recv(65536)
