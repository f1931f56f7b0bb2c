"""Slow bodies, silent lines and too many sockets: nobody keeps the others from being served."""

from __future__ import annotations

import io
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import simple_websocket
from flask_openapi3 import OpenAPI

from attendance.admission import control
from attendance.admission.control import Places
from attendance.live import lines
from tests.attendance.serving import Listener, serving
from tests.conftest import Api

pytestmark = pytest.mark.any_database

PATIENCE_SECONDS = 30


@pytest.fixture
def url(make_app: Callable[..., OpenAPI]) -> Iterator[str]:
    with serving(make_app(threads=2, sockets=2)) as address:
        yield address


def line_to(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), PATIENCE_SECONDS)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  # own
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def begin(line: socket.socket, header: str) -> None:
    line.sendall(
        f"POST /student/login HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        f"{header}\r\n\r\n".encode()
    )


def test_bodies_that_do_not_come_take_no_place_and_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(line_to(url)) for _ in range(4)]
        for line in lines:
            begin(line, "Content-Length: 100")
        assert status_of(f"{url}/sign-in") == 200
    monkeypatch.setattr(control, "SMALL_SECONDS", 0.2)
    monkeypatch.setattr(control, "CHECK_SECONDS", 0.05)
    with line_to(url) as line:
        begin(line, "Content-Length: 100")
        line.sendall(b"{")
        while line.recv(4096):  # until the server has closed it
            pass


def test_a_body_in_chunks_must_be_small() -> None:
    def app(environ: dict[str, object], _start: object) -> list[bytes]:
        body = environ["wsgi.input"]
        assert isinstance(body, io.BytesIO)
        return [body.read()]

    told: list[str] = []

    def send(body: bytes) -> list[bytes]:
        chunked = {"PATH_INFO": "/", "wsgi.input_terminated": True, "wsgi.input": io.BytesIO(body)}
        return list(Places(app, 1, 1)(chunked, lambda status, _headers: told.append(status)))

    assert send(b"small") == [b"small"]
    assert told == []
    (refusal,) = send(b"x" * (control.SMALL_BYTES + 1))
    assert json.loads(refusal)["status"] == 411
    assert told == ["411 Length Required"]


def test_a_picture_comes_whole_through_a_real_line(url: str, api: Api) -> None:
    student = api.student()
    picture = b"\xff\xd8" + b"x" * (2 * control.SMALL_BYTES)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
        + picture
        + b"\r\n--b--\r\n"
    )
    headers = {
        "Authorization": f"Bearer {student.token}",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    request = urllib.request.Request(f"{url}/student/upload-face", body, headers)  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)  # noqa: S310  # own
    assert b"image_unreadable" in caught.value.read()


def test_sockets_beyond_the_setting_are_refused_and_requests_go_on(url: str, api: Api) -> None:
    teacher = api.teacher()
    with Listener(url, teacher.token), Listener(url, teacher.token):
        assert status_of(f"{url}/socket.io/?EIO=4&transport=polling") == 503
        assert status_of(f"{url}/sign-in") == 200
    for _ in range(100):
        if status_of(f"{url}/socket.io/?EIO=4&transport=polling") == 200:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the places of closed sockets were not given back")


def test_a_line_over_which_nobody_says_who_it_is_ends(
    app: OpenAPI, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "SILENCE_SECONDS", 0.2)
    with serving(app) as url:
        silent = simple_websocket.Client(
            f"{url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"
        )
        with Listener(url, api.teacher().token) as known:
            for _ in range(100):  # the ticker of the connection above comes once a second
                try:
                    silent.receive(0.3)
                except simple_websocket.ConnectionClosed:
                    break
            else:
                pytest.fail("the line was not closed")
            assert known.follow(1)["code"] == "session_not_found"
