"""Links lead to this installation, whatever host a request names."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import pytest
import requests
from flask_openapi3 import OpenAPI

from attendance.core import machine
from attendance.core.settings import Settings
from attendance.web import links
from tests.attendance.serving import PATIENCE_SECONDS, serving, worker
from tests.conftest import Api, Person

pytestmark = pytest.mark.any_database

STRANGERS = (
    *("evil.example", "localhost.evil.example", "192.0.2.1", "0.0.0.0", "[2001:db8::1]", "[::]"),  # noqa: S104
    *("evil.example:5001", "localhost@evil.example", "LOCALHOST.", "localhost:x"),
)
# What a browser and a parser of URLs read differently.
TWO_FACED = (
    "evil.example\\@localhost",
    "evil.example#@localhost",
    "a@localhost",
    "evil/@localhost",
)
OWN = ("localhost", "LOCALHOST:8080", "127.0.0.1:5001", "127.0.0.9", "[::1]:5001")


def link(api: Api, admin: Person, host: str, **headers: str) -> str:
    """Where the link leads that sets a teacher's password."""
    url = f"/admin/teachers/{admin.row['id']}/reset-password"
    answer = api.post(url, admin, headers={"Host": host, **headers})
    assert answer.status_code == 200, answer.text
    found: str = answer.json["link"]
    return found.partition("/set-password")[0]


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_strangers_host_goes_into_no_link(
    make_app: Callable[..., OpenAPI], proxies: int, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api(make_app(trusted_proxies=proxies, port=5050))
    admin = api.teacher()
    links._say_once.cache_clear()
    logger = logging.getLogger("attendance")
    logger.addHandler(caplog.handler)
    logger.setLevel("WARNING")
    try:
        for host in STRANGERS:
            forwarded = {"X-Forwarded-Host": host, "X-Forwarded-Proto": "https"}
            assert link(api, admin, host, **forwarded) == "http://localhost:5050", host
    finally:
        logger.removeHandler(caplog.handler)
    assert [record.message for record in caplog.records if "PUBLIC_URL" in record.message] == [
        "PUBLIC_URL is not set, and a request came for a host that is no name of this machine: "
        "its links got this machine's address"
    ]


def test_this_machines_own_hosts_do(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app())
    admin = api.teacher()
    for host in (*OWN, socket.gethostname()):
        assert link(api, admin, host) == f"http://{host}".lower()


def test_a_host_with_two_readings_is_read_in_none_of_them(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app())
    admin = api.teacher()
    for host in TWO_FACED:
        assert link(api, admin, host) in ("http://localhost", "http://localhost:5001"), host


def test_the_address_that_is_configured_wins(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app(public_url="https://school.example/"))
    admin = api.teacher()
    for host in ("evil.example", "localhost"):
        assert link(api, admin, host) == "https://school.example"


@pytest.mark.parametrize("serve", [serving, worker])
def test_a_strangers_host_becomes_the_address_at_which_the_request_came(
    app: OpenAPI, api: Api, serve: Callable[..., object]
) -> None:
    admin = api.teacher()
    headers = {"Authorization": f"Bearer {admin.token}", "Host": "evil.example"}
    with serve(app) as served:  # type: ignore[attr-defined]
        url = served if isinstance(served, str) else served[1]
        answer = requests.post(f"{url}/calendar/feed", headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.json()["url"].startswith("http://127.0.0.1:5001/calendar/")


def test_no_name_is_looked_up_to_find_out_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(*_: object) -> None:
        raise AssertionError("a name was looked up")

    for name in ("getaddrinfo", "gethostbyname", "getfqdn"):
        monkeypatch.setattr(socket, name, looked_up)
    assert not machine.answers_to("rebound.example")


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, "http://localhost:5001"),
        ({"host": "0.0.0.0", "port": 80}, "http://localhost:80"),  # noqa: S104
        ({"host": "10.1.2.3"}, "http://10.1.2.3:5001"),
        ({"host": "fd00::7"}, "http://[fd00::7]:5001"),
        ({"public_url": "https://school.example/"}, "https://school.example"),
    ],
)
def test_without_a_request_the_settings_say_where_it_is(
    values: dict[str, object], url: str
) -> None:
    assert Settings.load(**values).local_url == url
