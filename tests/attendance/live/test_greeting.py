"""Who has not said yet who it is waits in the worker: no WebSocket and no poll of a stranger has a
thread, however many there are, and whoever has a token passes them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
import socketio
from flask_jwt_extended import create_access_token
from flask_openapi3 import OpenAPI

from attendance.admission import porch
from attendance.live import lines
from attendance.live.greeting import WORDS_OF_STRANGERS
from tests.attendance.admission.test_control import PATIENCE_SECONDS, line_to
from tests.attendance.live.test_lines import POLLING, WISH, ends, hears, sid_of, websocket
from tests.attendance.serving import Listener, leave, until, worker
from tests.conftest import Api

pytestmark = pytest.mark.any_database

THREADS = 6
MANY = 300


@pytest.fixture
def served(make_app: Callable[..., OpenAPI]) -> Iterator[tuple[OpenAPI, Any, str]]:
    app = make_app(sockets=40, sockets_per_account=3)
    with worker(app, threads=THREADS) as (server, url):
        yield app, server, url


def open_quietly(stack: ExitStack, url: str, count: int, query: str = "") -> list[Any]:
    """WebSockets over which nothing is said."""
    held = [stack.enter_context(line_to(url)) for _ in range(count)]
    where = f"/socket.io/?EIO=4&transport=websocket{query}"
    for line in held:
        line.sendall(f"GET {where} HTTP/1.1\r\nHost: x\r\n{WISH}\r\n\r\n".encode())
    return held


def test_silent_websockets_take_no_thread_and_nobody_waits_behind_them(
    served: tuple[OpenAPI, Any, str],
) -> None:
    app, server, url = served
    before = threading.active_count()
    with ExitStack() as stack:
        for line in open_quietly(stack, url, MANY):
            assert b" 101 " in line.recv(4096)
        assert len(server.porch.room) == MANY
        assert threading.active_count() <= before + THREADS
        assert not lines.of(app)._eio.sockets, "and Engine.IO knows none of them"
        with Listener(url, Api(app).teacher().token) as known:
            assert known.follow(1)["code"] == "session_not_found"
    until(lambda: len(server.porch.room) == 0)


@pytest.mark.parametrize("target", ["/%73ocket.io/", "http://x/socket.io/", "/socket%2Eio/"])
def test_other_spellings_of_the_address_wait_as_well(
    served: tuple[OpenAPI, Any, str], target: str
) -> None:
    _app, server, url = served
    with line_to(url) as line:
        line.sendall(
            f"GET {target}?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n{WISH}\r\n\r\n".encode()
        )
        assert b" 101 " in line.recv(4096)
        assert len(server.porch.room) == 1


def test_polls_and_upgrades_without_an_account_take_no_thread(
    served: tuple[OpenAPI, Any, str],
) -> None:
    _app, server, url = served
    with ExitStack() as stack:
        for sid in [sid_of(url) for _ in range(8)]:
            open_quietly(stack, url, 1, f"&sid={sid}")
            poll = stack.enter_context(line_to(url))
            poll.sendall(f"GET {POLLING}&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: len(server.porch.room) == 16)
        assert requests.get(f"{url}/health", timeout=PATIENCE_SECONDS).ok


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_whoever_has_a_token_comes_in(
    served: tuple[OpenAPI, Any, str], transports: list[str]
) -> None:
    app, _server, url = served
    client = socketio.Client(reconnection=False)
    client.connect(url, auth={"token": Api(app).teacher().token}, transports=transports)
    answer = client.call("join_session", {"session_id": 1}, timeout=PATIENCE_SECONDS)
    assert answer["code"] == "session_not_found"
    assert client.transport() == transports[-1]
    leave(client)


def test_a_line_that_says_by_polling_who_it_is_goes_on_as_the_websocket_that_waits(
    served: tuple[OpenAPI, Any, str],
) -> None:
    app, server, url = served
    sid = sid_of(url)
    line = websocket(url, f"&sid={sid}")
    line.send("2probe")
    hears(line, "3probe")
    assert len(server.porch.room) == 1
    said = b"40" + json.dumps({"token": Api(app).teacher().token}).encode()
    requests.post(f"{url}{POLLING}&sid={sid}", said, timeout=PATIENCE_SECONDS)
    until(lambda: len(server.porch.room) == 0)
    line.send("5")
    hears(line, "40{")
    line.close()


def test_a_poll_that_waits_is_answered_with_what_the_line_hears(
    served: tuple[OpenAPI, Any, str],
) -> None:
    app, server, url = served
    heard: list[str] = []
    for token in (Api(app).teacher().token, "forged"):
        sid = sid_of(url)
        where = f"{url}{POLLING}&sid={sid}"

        def poll(where: str = where) -> None:
            heard.append(requests.get(where, timeout=PATIENCE_SECONDS).text)

        waits = threading.Thread(target=poll)
        waits.start()
        until(lambda: len(server.porch.room) == 1)
        said = b"40" + json.dumps({"token": token}).encode()
        requests.post(where, said, timeout=PATIENCE_SECONDS)
        waits.join()
    assert heard[0].startswith("40{")
    assert heard[1].startswith("44{")
    assert json.loads(heard[1][2:])["data"]["code"] == "token_invalid"


def test_a_second_request_that_waits_ends_the_line(served: tuple[OpenAPI, Any, str]) -> None:
    _app, server, url = served
    sid = sid_of(url)
    first = websocket(url, f"&sid={sid}")
    until(lambda: len(server.porch.room) == 1)
    with ExitStack() as stack:
        (second,) = open_quietly(stack, url, 1, f"&sid={sid}")
        assert b" 400 " in second.recv(4096)
    ends(first)
    until(lambda: len(server.porch.room) == 0)


def test_a_token_that_is_too_old_may_be_followed_by_a_new_one(
    served: tuple[OpenAPI, Any, str],
) -> None:
    app, _server, url = served
    teacher = Api(app).teacher()
    line = websocket(url)
    for said, code in (
        ("40", "token_missing"),
        ('40{"token":"x"}', "token_invalid"),
        (f"40{json.dumps({'token': teacher.refresh_token})}", "token_invalid"),
    ):
        line.send(said)
        refusal = ""
        while not refusal.startswith("44"):
            refusal = str(line.receive(PATIENCE_SECONDS))
        assert json.loads(refusal[2:])["data"]["code"] == code
    line.send(f"40{json.dumps({'token': teacher.token})}")
    hears(line, "40{")
    line.send('421["join_session",{"session_id":1}]')
    hears(line, "431[")
    line.close()


def test_a_signed_token_of_no_account_is_refused_with_a_code(
    served: tuple[OpenAPI, Any, str],
) -> None:
    app, _server, url = served
    with app.app_context():
        token = create_access_token("teacher:999", additional_claims={"ver": 0})
    line = websocket(url)
    line.send(f"40{json.dumps({'token': token})}")
    hears(line, "44{")
    line.close()


@pytest.mark.parametrize(
    "frames",
    [["zz"], ["5"], ["2probe"], ["0{}"], [b"\x00"], ["40/other,"] * (WORDS_OF_STRANGERS + 1)],
)
def test_what_nobody_says_who_comes_in_ends_the_line(
    served: tuple[OpenAPI, Any, str], frames: list[str | bytes]
) -> None:
    _app, server, url = served
    line = websocket(url)
    for frame in frames:
        line.send(frame)
    ends(line)
    until(lambda: len(server.porch.room) == 0)


def test_an_account_has_a_share_of_the_lines(served: tuple[OpenAPI, Any, str]) -> None:
    app, _server, url = served
    teacher = Api(app).teacher()
    other = Api(app).teacher(name="Bob", email="bob@x.example")
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(Listener(url, teacher.token))
        with pytest.raises(socketio.exceptions.ConnectionError):
            Listener(url, teacher.token)
        with Listener(url, other.token) as known:
            assert known.follow(1)["code"] == "session_not_found"


def test_an_account_that_says_nothing_has_no_more_lines_either(
    served: tuple[OpenAPI, Any, str],
) -> None:
    app, _server, url = served
    cookie = {"Cookie": f"access_token_cookie={Api(app).teacher().token}"}
    held = [websocket(url, headers=cookie) for _ in range(3)]
    until(lambda: len(lines.of(app)._named) == 3)
    ends(websocket(url, headers=cookie))
    for line in held:
        line.close()


def test_too_long_a_silence_ends(
    served: tuple[OpenAPI, Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _app, _server, url = served
    monkeypatch.setattr(porch, "SILENCE_SECONDS", 0.0)
    ends(websocket(url))
    sid = sid_of(url)
    with line_to(url) as poll:
        poll.sendall(f"GET {POLLING}&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b" 400 " in poll.recv(4096)


def test_of_too_many_at_one_address_the_oldest_goes(served: tuple[OpenAPI, Any, str]) -> None:
    _app, server, url = served
    server.porch.room._per_address = 2
    first = websocket(url)
    held = [websocket(url) for _ in range(2)]
    ends(first)
    assert len(server.porch.room) == 2
    for line in held:
        line.close()
