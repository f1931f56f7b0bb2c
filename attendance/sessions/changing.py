"""What can be put right of a session: its words, its end, and that it was held at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from attendance.core import codes
from attendance.core.audit import By
from attendance.core.errors import InvalidRequest, SessionEnded, SessionNotFound, SessionTooOld
from attendance.sessions import opening, rules
from database import Transaction, sessions
from database.rows import DiscardedSessionRow, SessionRow

REOPENABLE = timedelta(days=1)
RESTORABLE = timedelta(days=30)
LONGEST = timedelta(days=1)
OWN = {"late_after_minutes", "section", "room", "note"}  # what may be cleared


def change(
    tx: Transaction, session: SessionRow, sent: dict[str, Any], by: By, now: datetime
) -> SessionRow:
    """Change the words of a session, when a mark is late, or when it closes.

    Marks that are there keep the status they have. Returns the session as it is now.

    Args:
        session: the row, held by this transaction.
        sent: some of `sessions.CHANGEABLE`; None clears what may be missing.

    Raises:
        SessionEnded: an end is set for a session that has ended: reopen it.
        InvalidRequest: it would end in the past, or go on for more than a day.
    """
    wanted = {name: value for name, value in sent.items() if value is not None or name in OWN}
    stored: Mapping[str, Any] = session
    changed = {name: value for name, value in wanted.items() if stored[name] != value}
    if "closes_at" in changed:
        if rules.end_of(session, now) is not None:
            raise SessionEnded
        if changed["closes_at"] <= now:
            raise InvalidRequest.of("closes_at", "past", "The session would end in the past.")
        if changed["closes_at"] > now + LONGEST:
            text = "The session would go on for more than a day."
            raise InvalidRequest.of("closes_at", "too_many_days", text)
    if not changed:
        return session
    sessions.change(tx, int(session["id"]), changed)
    by.note(
        tx,
        now,
        "session.change",
        f"session:{session['id']}",
        old={name: _plain(stored[name]) for name in changed},
        new={name: _plain(value) for name, value in changed.items()},
    )
    return _existing(tx, session)


def reopen(tx: Transaction, session: SessionRow, minutes: int, by: By, now: datetime) -> SessionRow:
    """Let a session live again for some minutes, within a day of its end.

    One that is open stays as it is. Its code stays, unless another session uses it by now.

    Args:
        session: the row, held by this transaction.

    Raises:
        SessionTooOld: it ended more than a day ago.
        SessionOpen: its course has another open session.
    """
    ended_at = rules.end_of(session, now)
    if ended_at is None:
        return session
    if now - ended_at > REOPENABLE:
        raise SessionTooOld
    if session["course"] is not None:
        opening.require_none_open(tx, int(session["course"]), now)
    closes_at = now + timedelta(minutes=minutes)
    codes.drawn(
        lambda code: sessions.reopen(
            tx, int(session["id"]), code=code, closes_at=closes_at, now=now
        ),
        preferred=str(session["code"]),
    )
    by.note(
        tx,
        now,
        "session.reopen",
        f"session:{session['id']}",
        old={"ended_at": _plain(ended_at)},
        new={"minutes": minutes},
    )
    return _existing(tx, session)


def discard(tx: Transaction, session: SessionRow, by: By, now: datetime) -> bool:
    """Take a session out of every list, report and percentage; returns whether it was open.

    Args:
        session: the row, held by this transaction.
    """
    was_open = sessions.end(tx, int(session["id"]), now)
    sessions.discard(tx, int(session["id"]), now)
    by.note(
        tx,
        now,
        "session.discard",
        f"session:{session['id']}",
        old={name: _plain(session[name]) for name in ("subject", "course", "started_at")},
    )
    return was_open


def restore(tx: Transaction, session: DiscardedSessionRow, by: By, now: datetime) -> SessionRow:
    """Bring back a session that was discarded within the last thirty days; it has ended.

    Args:
        session: as `sessions.discarded` finds it.

    Raises:
        SessionNotFound: it was discarded too long ago.
    """
    if now - session["discarded_at"] > RESTORABLE:
        raise SessionNotFound
    sessions.restore(tx, int(session["id"]), now)
    by.note(tx, now, "session.restore", f"session:{session['id']}")
    return _existing(tx, session)


def _existing(tx: Transaction, session: SessionRow) -> SessionRow:
    row = sessions.by_id(tx, int(session["id"]))
    assert row is not None
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
