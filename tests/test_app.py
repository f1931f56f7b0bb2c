"""What the terminal says when the server is ready."""

from __future__ import annotations

from typing import Any

import pytest

import app
from attendance.core import machine
from attendance.core.settings import Settings


@pytest.fixture(autouse=True)
def _in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "own_address", lambda: "192.168.7.5")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])  # noqa: S104
def test_an_address_that_phones_cannot_open_is_told_with_one_that_they_can(host: str) -> None:
    said = app.welcome(Settings.load(host=host, port=5001), first_start=True)
    assert "http://localhost:5001" in said
    assert "make run-https" in said
    assert "https://192.168.7.5:5001" in said
    assert "/sign-up?role=teacher" in said
    assert "The first teacher of an installation is its administrator" in said


@pytest.mark.parametrize(
    "values", [{"public_url": "https://attend.school.example"}, {"host": "192.168.7.5"}]
)
def test_where_phones_come_nothing_is_said(values: dict[str, Any]) -> None:
    assert "make run-https" not in app.welcome(Settings.load(**values), first_start=False)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (None, "https://192.168.7.5:5001"),
        ("0.0.0.0", "https://192.168.7.5:5001"),  # noqa: S104
        ("127.0.0.1", "https://localhost:5001"),
        ("10.1.2.3", "https://10.1.2.3:5001"),
        ("::1", "https://localhost:5001"),
    ],
)
def test_over_https_the_address_is_one_that_the_server_listens_on(
    host: str | None, url: str
) -> None:
    given = {} if host is None else {"host": host}
    settings = app.for_phones(Settings.load(port=5001, **given))
    assert settings.public_url == url
    said = app.welcome(settings, first_start=False)
    assert ("HOST lets the server listen on this computer only" in said) is ("localhost" in url)
