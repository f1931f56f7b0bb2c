"""What somebody without a token may do to a server, as much of it as one machine can.

All of these hold on for `SECONDS`, over and over again where the server closes; what each got out
of it is printed.
"""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import requests
import simple_websocket

from tests.load.school import Pressed
from tests.servers import running

SECONDS = 20.0
LINES = 1200
FLOODERS = 20
FRAMES = 20_000
POLL = "/socket.io/?EIO=4&transport=polling"
HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "
HALF_A_HANDSHAKE = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def half_headers(place: Pressed) -> None:
    """Headers that do not end."""
    _held_open(place, lambda: HALF_A_HEADER, b"x")


def half_handshakes(place: Pressed) -> None:
    """The first bytes of a TLS handshake, and no more of it, at a server of its own over HTTPS,
    at which the students mark meanwhile."""
    usual, folder = place.school, place.folder / "instance"
    (log := folder / "log").rename(kept := folder / "log-of-the-other")
    try:
        with running(folder, https=True, **place.environment) as place.school:
            _held_open(place, lambda: HALF_A_HANDSHAKE, b"")
            place.school = usual
    finally:
        place.school = usual
        kept.rename(log)


def slow_polls(place: Pressed) -> None:
    """Polling POSTs of lines without a token, a byte now and then."""
    sids = iter(_lines(place, LINES))
    _held_open(place, lambda: _post(next(sids, "none"), 50_000) + b"4", b"x")


def silent_websockets(place: Pressed) -> None:
    """WebSockets over which nobody says who it is."""
    wish = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    _held_open(place, wish.encode, b"", is_told=True)


def large_polls(place: Pressed) -> None:
    """Polling POSTs of five megabytes, one after the other."""
    told: Counter[str] = Counter()
    host = _host(place)

    def send(_number: int) -> None:
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            with contextlib.suppress(OSError), socket.create_connection(host, 10) as line:
                line.sendall(_post("none", 5_000_001))
                with contextlib.suppress(OSError):
                    for _ in range(80):
                        line.sendall(b"4" * 65536)
                told[line.recv(12).decode()] += 1

    with ThreadPoolExecutor(FLOODERS) as pool:
        list(pool.map(send, range(FLOODERS)))
    print("  answers:", dict(told))


def malformed_frames(place: Pressed) -> None:
    """Frames of two bytes that are no packets, over as many lines as it takes."""
    log = Path(place.folder / "instance" / "log")
    before = log.stat().st_size
    left = iter(range(FRAMES))
    lines: Counter[str] = Counter()
    url = f"{place.school.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket"

    def send(_number: int) -> None:
        while next(left, None) is not None:
            try:
                line = simple_websocket.Client(url)
            except (OSError, simple_websocket.ConnectionError):
                lines["refused"] += 1
                continue
            lines["opened"] += 1
            with contextlib.suppress(Exception):  # closed, in one of the library's many ways
                while next(left, None) is not None:
                    line.send("zz")
            line.sock.close()

    with ThreadPoolExecutor(FLOODERS) as pool:
        list(pool.map(send, range(FLOODERS)))
    written = log.read_bytes()[before:]
    print(f"  lines: {dict(lines)}, log: {len(written)} bytes")
    assert all(json.loads(each) for each in written.splitlines()), "a line of the log is no JSON"
    assert len(written) < 100_000, "the log is a target"


def _held_open(
    place: Pressed, begin: Callable[[], bytes], drip: bytes, is_told: bool = False
) -> None:
    """So many connections that have begun something, replaced when the server closes them; what
    it says before is an end, or `is_told`."""
    host = _host(place)
    ends = time.monotonic() + SECONDS
    closed = 0
    with contextlib.ExitStack() as stack, _files(2 * LINES):
        lines = [_begun(host, begin()) for _ in range(LINES)]
        threads = _threads(place)
        while time.monotonic() < ends:
            time.sleep(0.5)
            for number, line in enumerate(lines):
                if _is_open(line, drip, is_told):
                    continue
                closed += 1
                if line is not None:
                    line.close()
                lines[number] = _begun(host, begin())
        for line in lines:
            if line is not None:
                stack.callback(line.close)
    print(f"  {LINES} held, {closed} closed by the server, which had {threads} threads")


def _begun(host: tuple[str, int], data: bytes) -> socket.socket | None:
    try:
        line = socket.create_connection(host, 10)
        line.sendall(data)
    except OSError:
        return None
    line.setblocking(False)
    return line


def _is_open(line: socket.socket | None, drip: bytes, is_told: bool) -> bool:
    if line is None:
        return False
    try:
        if drip:
            line.send(drip)
        while line.recv(65536) and is_told:  # a word before the end, or the end
            pass
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _lines(place: Pressed, count: int) -> list[str]:
    """The numbers of so many lines, as many of them as the server gives."""

    def one(_number: int) -> str:
        with contextlib.suppress(requests.RequestException, ValueError, KeyError):
            answer = requests.get(place.school.url + POLL, timeout=10)
            return str(json.loads(answer.text[1:])["sid"])
        return "none"

    with ThreadPoolExecutor(FLOODERS) as pool:
        return list(pool.map(one, range(count)))


def _post(sid: str, size: int) -> bytes:
    return (f"POST {POLL}&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n").encode()


def _host(place: Pressed) -> tuple[str, int]:
    parts = urlsplit(place.school.url)
    return str(parts.hostname), int(parts.port or 0)


def _threads(place: Pressed) -> int:
    """How many threads the workers have together."""
    workers = place.school.workers()
    return sum(len(list(Path(f"/proc/{worker}/task").iterdir())) for worker in workers)


@contextlib.contextmanager
def _files(count: int) -> Iterator[None]:
    """So many connections may be open at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 500)), hard))
    yield


STRANGERS: dict[str, Callable[[Pressed], None]] = {
    f"{LINES} half-sent headers": half_headers,
    f"{LINES} half handshakes of TLS": half_handshakes,
    f"{LINES} slow POSTs to /socket.io": slow_polls,
    f"{LINES} WebSockets without a token": silent_websockets,
    f"{FLOODERS} clients, POSTs of 5 MB to /socket.io": large_polls,
    f"{FRAMES} malformed frames of sockets": malformed_frames,
}
