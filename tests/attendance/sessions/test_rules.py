"""States and lateness with plain values."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from attendance.core.errors import SessionEnded, SessionLocked
from attendance.sessions import rules

START = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


def session(**fields: Any) -> dict[str, Any]:
    return {
        "started_at": START,
        "closes_at": None,
        "ended_at": None,
        "locked": 0,
        "late_after_minutes": None,
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "open"),
        ({"locked": 1}, "locked"),
        ({"ended_at": START}, "ended"),
        ({"locked": 1, "ended_at": START}, "ended"),
        ({"closes_at": START + timedelta(microseconds=1)}, "open"),
        ({"closes_at": START}, "ended"),
        ({"closes_at": START - timedelta(hours=1), "locked": 1}, "ended"),
    ],
)
def test_the_state_follows_from_what_is_stored(fields: dict[str, Any], state: str) -> None:
    assert rules.state_of(session(**fields), START) == state


def test_only_an_open_session_takes_marks() -> None:
    rules.require_open(session(), START)
    with pytest.raises(SessionLocked):
        rules.require_open(session(locked=1), START)
    with pytest.raises(SessionEnded):
        rules.require_open(session(locked=1, ended_at=START), START)


@pytest.mark.parametrize(
    ("limit", "after", "status"),
    [
        (None, timedelta(days=1), "present"),
        (10, timedelta(minutes=10), "present"),
        (10, timedelta(minutes=10, microseconds=1), "late"),
        (0, timedelta(0), "present"),
        (0, timedelta(microseconds=1), "late"),
    ],
)
def test_late_begins_after_the_limit(limit: int | None, after: timedelta, status: str) -> None:
    assert rules.status_at(session(late_after_minutes=limit), START + after) == status


@pytest.mark.parametrize(
    ("own", "other", "first"),
    [(0.9, None, True), (0.5, 0.6, True), (0.5, 0.5, True), (0.5, 0.4, False)],
)
def test_a_probe_is_nobodys_to_whom_another_is_nearer(
    own: float, other: float | None, first: bool
) -> None:
    assert rules.nobody_nearer(own, other) is first
