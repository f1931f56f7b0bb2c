"""The proxies' own programs with the very configurations of `deploy/`, before a real server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
import requests
import socketio
from flask_openapi3 import OpenAPI

from attendance.core.clock import Clock
from attendance.core.settings import PROJECT
from attendance.operation.certificate import self_signed
from tests.attendance.serving import PATIENCE_SECONDS, leave, worker
from tests.conftest import Api
from tests.servers import free_port

pytestmark = [pytest.mark.any_database]

PATH = "/usr/sbin:/usr/bin:/bin"

NAME = "attendance.example.org"


class Proxy:
    """A proxy that listens with TLS on 127.0.0.1."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port, self.url = port, f"https://127.0.0.1:{port}"
        self.certificate = certificate

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return requests.request(
            method,
            self.url + path,
            headers=headers,
            timeout=PATIENCE_SECONDS,
            verify=str(self.certificate),
            **options,
        )

    def line(self) -> ssl.SSLSocket:
        """A connection over which nothing has been said."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        tcp = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        return context.wrap_socket(tcp, server_hostname="127.0.0.1")


def replaced(text: str, changes: dict[str, str]) -> str:
    """The configuration with another machine's paths and addresses; each must be there."""
    for old, new in changes.items():
        assert old in text, f"{old} stands no more in the configuration"
        text = text.replace(old, new)
    return text


def nginx_of(folder: Path, port: int, server: str) -> tuple[list[str], Path]:
    """nginx with the configuration as it is, but for addresses, paths, and the user it runs as."""
    certificate, key = self_signed(folder, ["127.0.0.1"], Clock().now())
    text = replaced(
        (PROJECT / "deploy" / "nginx.conf").read_text(),
        {
            "server app1:5001": f"server {server}",
            "        server app2:5001 max_fails=2 fail_timeout=5s;\n": "",
            "        listen 80;\n        listen [::]:80;\n": (
                f"        listen 127.0.0.1:{free_port()};\n"
            ),
            "        listen 443 ssl;\n        listen [::]:443 ssl;\n": (
                f"        listen 127.0.0.1:{port} ssl;\n"
            ),
            "/etc/nginx/tls/fullchain.pem": str(certificate),
            "/etc/nginx/tls/privkey.pem": str(key),
            "client_header_timeout 15s": "client_header_timeout 1s",
            "client_body_timeout 30s": "client_body_timeout 1s",
        },
    )
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = replaced(text, {"    server_tokens off;\n": f"    server_tokens off;\n{temporary}"})
    own = folder / "nginx.conf"
    own.write_text(f"daemon off;\nmaster_process off;\npid {folder}/pid;\n{text}")
    return ["nginx", "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(own)], certificate


def caddy_of(folder: Path, port: int, server: str) -> tuple[list[str], Path]:
    """Caddy with the configuration as it is, but for addresses, and with a certificate of ours."""
    certificate, key = self_signed(folder, ["127.0.0.1"], Clock().now())
    text = replaced(
        (PROJECT / "deploy" / "Caddyfile").read_text(),
        {
            f"{NAME} {{\n": (
                "{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\n"
                f"https://127.0.0.1:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}\n"
            ),
            "127.0.0.1:5001": server,
        },
    )
    own = folder / "Caddyfile"
    own.write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(own)], certificate


PROXIES: dict[str, Callable[[Path, int, str], tuple[list[str], Path]]] = {
    "nginx": nginx_of,
    "caddy": caddy_of,
}


@contextlib.contextmanager
def proxied(kind: str, app: OpenAPI, folder: Path) -> Iterator[Proxy]:
    """The program before the worker of the real server."""
    if shutil.which(kind, path=PATH) is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop(f"{kind} is not installed")
    port = free_port()
    with worker(app, threads=8) as (_server, url):
        command, certificate = PROXIES[kind](folder, port, url.removeprefix("http://"))
        log = (folder / "log").open("wb")
        environment = {"HOME": str(folder), "PATH": PATH}
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
        proxy = Proxy(port, certificate)
        try:
            wait_for(proxy, process, folder)
            yield proxy
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
            log.close()


def wait_for(proxy: Proxy, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        told = (folder / "log").read_text()
        assert process.poll() is None, told
        with contextlib.suppress(requests.RequestException):
            if proxy.call("GET", "/health").ok:
                return
        assert time.monotonic() < deadline, told
        time.sleep(0.05)


@pytest.fixture(params=PROXIES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def seen() -> list[tuple[str | None, bool]]:
    """Where the server says that its requests come from, and whether over TLS."""
    return []


@pytest.fixture
def app(make_app: Callable[..., OpenAPI], seen: list[tuple[str | None, bool]]) -> OpenAPI:
    made = make_app(trusted_proxies=1, public_url="https://127.0.0.1")
    made.before_request(lambda: seen.append((flask.request.remote_addr, flask.request.is_secure)))
    return made


@pytest.fixture
def proxy(kind: str, app: OpenAPI, tmp_path: Path) -> Iterator[Proxy]:
    with proxied(kind, app, tmp_path) as running:
        yield running


def test_pages_calls_and_pictures_come_through(proxy: Proxy, app: OpenAPI) -> None:
    teacher = Api(app).teacher()
    page = proxy.call("GET", "/sign-in")
    assert page.status_code == 200
    assert "max-age" in page.headers["Strict-Transport-Security"], "the proxy says it was https"
    assert proxy.call("GET", "/course/mine", teacher.token).json()["courses"] == []
    large = {"image": ("x.jpg", bytes(3_000_000))}
    answer = proxy.call("POST", "/verify", teacher.token, files=large)
    assert answer.json()["code"] == "image_unreadable"
    larger = {"image": ("x.jpg", bytes(12_000_000))}
    answer = proxy.call("POST", "/verify", teacher.token, files=larger)
    assert (answer.status_code, answer.json()["code"]) == (413, "image_too_large")


def test_nobody_pretends_to_come_from_elsewhere(
    proxy: Proxy, seen: list[tuple[str | None, bool]]
) -> None:
    proxy.call("GET", "/health", headers={"X-Forwarded-For": "203.0.113.9"})
    assert ("127.0.0.1", True) in seen
    # Caddy itself asks /health/ready, without TLS
    assert {address for address, _ in seen} == {"127.0.0.1"}


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
def test_sockets_come_through(
    proxy: Proxy, app: OpenAPI, transports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        monkeypatch.setenv(name, str(proxy.certificate))
    client = socketio.Client(reconnection=False)
    token = Api(app).teacher().token
    client.connect(proxy.url, auth={"token": token}, transports=transports)
    answer = client.call("join_session", {"session_id": 1}, timeout=PATIENCE_SECONDS)
    assert answer["code"] == "session_not_found"
    assert client.transport() == transports[-1]
    leave(client)


def test_packets_of_sockets_have_a_bound(proxy: Proxy) -> None:
    opened = proxy.call("GET", "/socket.io/?EIO=4&transport=polling").text
    sid = json.loads(opened[1:])["sid"]
    where = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
    assert proxy.call("POST", where, data=b"4" * 70_000).status_code == 413


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_headers_and_bodies_that_do_not_come_end(proxy: Proxy) -> None:
    for begun in (
        "GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
        "POST /teacher/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ):
        with proxy.line() as line:
            line.sendall(begun.encode())
            told = b""
            while data := line.recv(4096):
                told += data
        assert told == b"" or b" 408 " in told.partition(b"\r\n")[0]


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_headers_and_bodies_have_a_bound(proxy: Proxy) -> None:
    assert proxy.call("GET", "/health", headers={"X-A": "a" * 40_000}).status_code in (400, 431)
    with proxy.line() as line:
        line.sendall(b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Length: 80000000\r\n\r\n")
        assert b" 413 " in line.recv(4096).partition(b"\r\n")[0]
