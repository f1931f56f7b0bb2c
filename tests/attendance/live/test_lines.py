"""Lines without a token, and what is no packet: they end, cost no thread for long, and one line
of the log each."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import simple_websocket
from flask_openapi3 import OpenAPI
from wsproto.utilities import LocalProtocolError

from attendance.admission.control import SOCKET_BYTES
from attendance.live import lines
from attendance.web.logs import JsonFormatter
from tests.attendance.admission.test_control import PATIENCE_SECONDS, line_to
from tests.attendance.admission.test_worker import answer_of
from tests.attendance.serving import Listener, until, worker
from tests.conftest import Api

pytestmark = pytest.mark.any_database

POLLING = "/socket.io/?EIO=4&transport=polling"
SOCKETS = 40
WISH = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
)


@pytest.fixture
def app(make_app: Callable[..., OpenAPI]) -> OpenAPI:
    return make_app(sockets=SOCKETS)


@pytest.fixture
def url(app: OpenAPI) -> Iterator[str]:
    with worker(app, threads=SOCKETS + 4, worker_connections=200) as (_server, address):
        yield address


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What stands in the log, each record as the one line that it becomes."""
    log = logging.getLogger("attendance")
    log.addHandler(caplog.handler)
    caplog.set_level(logging.WARNING, logger="attendance")

    def read() -> list[dict[str, Any]]:
        return [json.loads(JsonFormatter().format(record)) for record in caplog.records]

    yield read
    log.removeHandler(caplog.handler)


def websocket(url: str, query: str = "", **options: Any) -> simple_websocket.Client:
    where = f"{url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket{query}"
    return simple_websocket.Client(where, **options)


def hears(line: simple_websocket.Client, beginning: str) -> None:
    """Read until a frame begins like this. The first one, if it comes with the handshake, is read
    by this client with the next only: nobody waits for it here."""
    while not str(heard := line.receive(PATIENCE_SECONDS)).startswith(beginning):
        assert heard is not None


def ends(line: simple_websocket.Client) -> None:
    """Read until the server has closed the line."""
    try:
        while line.receive(PATIENCE_SECONDS) is not None:
            pass
    except simple_websocket.ConnectionClosed:
        return
    pytest.fail("the server has not closed the line")


def sid_of(url: str) -> str:
    answer = requests.get(url + POLLING, timeout=PATIENCE_SECONDS)
    return str(json.loads(answer.text[1:])["sid"])


@pytest.mark.parametrize("frame", ["9x", "4x", "xx", b"\x00\x00", '42["join_session"', "44", ""])
def test_a_malformed_frame_ends_its_line_with_one_line_of_the_log(
    url: str, frame: str | bytes, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    line = websocket(url)
    try:
        for _ in range(2000):
            line.send(frame)
    except (OSError, simple_websocket.ConnectionClosed, LocalProtocolError):
        pass
    ends(line)
    told = logged()
    assert [each["message"] for each in told] == ["a line of the sockets was closed"]
    assert "exception" not in told[0]


def test_malformed_frames_of_many_lines_fill_no_log(
    url: str, logged: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "minute", lambda: 1)
    for _ in range(3 * lines.LINES_LOGGED_A_MINUTE):
        line = websocket(url)
        line.send("zz")
        ends(line)
    told = logged()
    assert len(told) == lines.LINES_LOGGED_A_MINUTE
    assert [each["last_this_minute"] for each in told] == [False] * (len(told) - 1) + [True]


@pytest.mark.parametrize("body", [b"9x", b"4x", b"\xff\xff", b"d=", b"3\x1e" * 30, b"45-[]"])
def test_a_malformed_poll_ends_its_line(
    url: str, body: bytes, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    sid = sid_of(url)
    first = requests.post(f"{url}{POLLING}&sid={sid}", body, timeout=PATIENCE_SECONDS)
    assert first.status_code == 400 or first.text == "OK"
    again = requests.post(f"{url}{POLLING}&sid={sid}", b"3", timeout=PATIENCE_SECONDS)
    assert again.status_code == 400, "the line has ended"
    told = logged()
    assert [each["message"] for each in told] == ["a line of the sockets was closed"]
    assert "exception" not in told[0]


def test_answers_of_the_sockets_have_the_headers_of_every_answer(url: str) -> None:
    for answer in (
        requests.get(url + POLLING, timeout=PATIENCE_SECONDS),
        requests.post(f"{url}{POLLING}&sid=x", b"9", timeout=PATIENCE_SECONDS),
        requests.get(f"{url}/socket.io/?EIO=1", timeout=PATIENCE_SECONDS),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_poll_that_is_too_large_is_refused_unread(url: str) -> None:
    sid = sid_of(url)
    where = f"{POLLING}&sid={sid}"
    body = b"4" * (SOCKET_BYTES + 1)
    assert requests.post(url + where, body, timeout=PATIENCE_SECONDS).status_code == 413
    with line_to(url) as line:
        line.sendall(
            f"POST {where} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000001\r\n\r\n4".encode()
        )
        status, _headers, told = answer_of(line)  # and the server closes
    assert status == 413
    assert json.loads(told)["code"] == "request_too_large"


def test_a_frame_that_is_too_large_ends_its_line(url: str) -> None:
    line = websocket(url)
    line.send("4" + "x" * (SOCKET_BYTES + 1))
    ends(line)


@pytest.mark.parametrize(
    "headers",
    [
        "Upgrade: websocket",
        "Upgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
    ],
)
def test_half_a_wish_for_a_websocket_is_refused(
    url: str, headers: str, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with line_to(url) as line:
        where = "/socket.io/?EIO=4&transport=websocket"
        line.sendall(f"GET {where} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode())
        assert b" 400 " in line.recv(65536).partition(b"\r\n")[0]
    assert all("exception" not in each for each in logged())


def test_of_too_many_strangers_the_oldest_goes_and_accounts_stay(url: str, app: OpenAPI) -> None:
    teacher = Api(app).teacher()
    with Listener(url, teacher.token, "polling") as known:
        oldest = sid_of(url)
        for _ in range(SOCKETS // lines.STRANGERS_SHARE):
            sid_of(url)
        answer = requests.post(f"{url}{POLLING}&sid={oldest}", b"3", timeout=PATIENCE_SECONDS)
        assert answer.status_code == 400, "the line has ended"
        with Listener(url, teacher.token) as late:
            assert late.follow(1)["code"] == "session_not_found"
        assert known.follow(1)["code"] == "session_not_found"


def test_a_stranger_more_costs_no_look_at_all_the_others(
    url: str, app: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, looks = lines.of(app), Counter[str]()
    known = kept.is_known

    def count(sid: str) -> bool:
        looks["all"] += 1
        return known(sid)

    monkeypatch.setattr(kept, "is_known", count)
    for _ in range(100):
        sid_of(url)
    assert looks["all"] == 100 - SOCKETS // lines.STRANGERS_SHARE, "one for each that went"


def test_a_good_cookie_is_no_stranger(url: str, app: OpenAPI) -> None:
    token = Api(app).teacher().token
    cookie = {"Cookie": f"access_token_cookie={token}"}
    known = websocket(url, headers=cookie)
    for _ in range(SOCKETS // lines.STRANGERS_SHARE + 2):
        sid_of(url)
    known.send("40")
    hears(known, "40{")
    known.close()


def test_who_goes_on_without_a_good_token_is_sent_away(url: str) -> None:
    line = websocket(url)
    for _ in range(lines.WORDS_OF_STRANGERS + 1):
        line.send('40{"token":"forged"}')
    ends(line)


def test_one_poll_at_a_time_waits_for_the_news_of_a_line(url: str) -> None:
    sid = sid_of(url)
    answers: list[int] = []

    def poll() -> None:
        answer = requests.get(f"{url}{POLLING}&sid={sid}", timeout=PATIENCE_SECONDS)
        answers.append(answer.status_code)

    polls = [threading.Thread(target=poll) for _ in range(5)]
    for each in polls:
        each.start()
    for each in polls:
        each.join()
    assert sorted(answers)[-1] == 400, "and the line ends, so that nobody waits on"


def test_lines_that_come_and_go_leave_no_threads(url: str) -> None:
    sid_of(url)
    before = threading.active_count()
    for _ in range(30):
        sid_of(url)
    assert threading.active_count() <= before + 6, "those that serve; not a ping for each"


def test_a_closed_line_ends_though_its_client_does_not(
    url: str, app: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Api(app).teacher().token
    wish = f"{WISH}\r\nCookie: access_token_cookie={token}"
    where = "/socket.io/?EIO=4&transport=websocket"
    with Listener(url, token), line_to(url) as quiet:
        quiet.sendall(f"GET {where} HTTP/1.1\r\nHost: x\r\n{wish}\r\n\r\n".encode())
        assert b" 101 " in quiet.recv(4096)
        kept = lines.of(app)
        until(lambda: len(kept._tcp) == 2)
        monkeypatch.setattr(lines, "SILENCE_SECONDS", 0.0)
        # it neither reads nor answers; the ticker of the connection sweeps each second
        until(lambda: len(kept._tcp) == 1)


def test_a_line_is_a_websocket_once(url: str, app: OpenAPI) -> None:
    sid = sid_of(url)
    cookie = {"Cookie": f"access_token_cookie={Api(app).teacher().token}"}
    first = websocket(url, f"&sid={sid}", headers=cookie)
    first.send("2probe")
    hears(first, "3probe")
    with line_to(url) as line:
        where = f"/socket.io/?EIO=4&transport=websocket&sid={sid}"
        line.sendall(f"GET {where} HTTP/1.1\r\nHost: x\r\n{WISH}\r\n\r\n".encode())
        assert b" 400 " in line.recv(4096)
    first.send("5")
    first.send(f"40{json.dumps({'token': Api(app).teacher().token})}")
    hears(first, "40")
    first.close()


def test_pings_come_and_a_client_that_answers_stays(
    app: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attendance.web.extensions import socketio

    monkeypatch.setattr(socketio.server.eio, "ping_interval", 0.2)
    with worker(app, threads=8) as (_server, url):
        cookie = {"Cookie": f"access_token_cookie={Api(app).teacher().token}"}
        line = websocket(url, headers=cookie)
        for _ in range(3):
            hears(line, "2")
            line.send("3")
        line.close()
