"""Rules about sessions that need no I/O: states and lateness."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from attendance.core import codes
from attendance.core.errors import SessionEnded, SessionLocked
from attendance.core.statuses import ENDED, LATE, LOCKED, OPEN, PRESENT

Session = Mapping[str, Any]

ALLOWED_PAIR = "The face could be that of either of an allowed pair."
"""The remark of a mark for which the other of an allowed pair would have been accepted too."""


MOST_TURNS = 1500
"""So far back an old code is known as one that has expired."""

ACCEPTED_CODES = 2
"""Whoever reads a code aloud or types it takes a while, so the one before still counts."""


def end_of(session: Session, now: datetime) -> datetime | None:
    """When the session ended, or None while it lives. Its planned end counts to the microsecond,
    also when nobody wrote it down."""
    if session["ended_at"] is not None:
        ended: datetime = session["ended_at"]
        return ended
    closes_at: datetime | None = session["closes_at"]
    return closes_at if closes_at is not None and closes_at <= now else None


def state_of(session: Session, now: datetime) -> str:
    """open, locked or ended."""
    if end_of(session, now) is not None:
        return ENDED
    return LOCKED if session["locked"] else OPEN


def code_step(session: Session, now: datetime) -> int | None:
    """How often the session's code has turned; None where it stays the same, or has ended."""
    if session["code_seed"] is None or end_of(session, now) is not None:
        return None
    passed = (now - session["code_shown_at"]).total_seconds()
    return max(0, int(passed // session["code_seconds"]))


def code_at(session: Session, now: datetime) -> str:
    """The code to type now."""
    step = code_step(session, now)
    return str(session["code"]) if not step else codes.turned(session["code_seed"], step)


def code_changes_at(session: Session, now: datetime) -> datetime | None:
    """When the code turns next; None where it does not."""
    step = code_step(session, now)
    if step is None:
        return None
    changes: datetime = session["code_shown_at"] + timedelta(
        seconds=(step + 1) * session["code_seconds"]
    )
    return changes


def code_age(session: Session, code: str, now: datetime) -> int | None:
    """How many turns ago this was the session's code; None: it never was.

    The first one is the session's own, which the database knows.
    """
    if code == session["code"]:
        return code_step(session, now) or 0
    end = end_of(session, now) or now
    step = int((end - session["code_shown_at"]).total_seconds() // session["code_seconds"])
    for age in range(min(step, MOST_TURNS)):
        if codes.turned(session["code_seed"], step - age) == code:
            return age
    return None


def require_open(session: Session, now: datetime) -> None:
    """Raises `SessionEnded` or `SessionLocked`."""
    state = state_of(session, now)
    if state == ENDED:
        raise SessionEnded
    if state == LOCKED:
        raise SessionLocked


def require_not_ended(session: Session, now: datetime) -> None:
    """Raises `SessionEnded`."""
    if state_of(session, now) == ENDED:
        raise SessionEnded


def status_at(session: Session, now: datetime) -> str:
    """present, or late after `late_after_minutes` from the start."""
    minutes = session["late_after_minutes"]
    if minutes is None:
        return PRESENT
    return LATE if now > session["started_at"] + timedelta(minutes=minutes) else PRESENT


def nobody_nearer(own: float, nearest_other: float | None) -> bool:
    """Whether a probe is nearer to the student than to everybody else who counts."""
    return nearest_other is None or own <= nearest_other


def could_be_partner(nearest_partner: float | None, threshold: float) -> bool:
    """Whether a probe is near enough to the other of an allowed pair to be that student's."""
    return nearest_partner is not None and nearest_partner <= threshold
