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


@pytest.mark.parametrize(
    "values", [{"public_url": "https://attend.school.example"}, {"host": "192.168.7.5"}]
)
def test_where_phones_come_nothing_is_said(values: dict[str, Any]) -> None:
    assert "make run-https" not in app.welcome(Settings.load(**values), first_start=False)
