"""Webhooks and their deliveries.

A delivery is queued in the transaction of what it tells, so that neither exists without the other;
some process sends it afterwards (`claim`, `record`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from database import leases
from database.core import Row, Transaction
from database.filters import where

_COLUMNS = "id, url, events, enabled, created_at"
_DELIVERY = """
    id, webhook, event, about, state, attempts, status, error, created_at, next_at, delivered_at
"""


def create(
    tx: Transaction, *, url: str, events: list[str], key_id: str, secret: bytes, now: datetime
) -> Row:
    """Add a webhook."""
    webhook = tx.insert(
        """
        INSERT INTO webhooks (url, events, key_id, secret, enabled, created_at)
        VALUES (:url, :events, :key_id, :secret, 1, :now)
        """,
        url=url,
        events=_listed(events),
        key_id=key_id,
        secret=secret,
        now=now,
    )
    row = by_id(tx, webhook)
    assert row is not None
    return row


def by_id(tx: Transaction, webhook: int) -> Row | None:
    """The webhook with this id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM webhooks WHERE id = :id", id=webhook)


def every(tx: Transaction) -> list[Row]:
    """All webhooks, oldest first."""
    return tx.all(f"SELECT {_COLUMNS} FROM webhooks ORDER BY id")


def secret_of(tx: Transaction, webhook: int) -> Row | None:
    """`key_id` and the encrypted `secret`, or None."""
    return tx.one("SELECT key_id, secret FROM webhooks WHERE id = :id", id=webhook)


def set_enabled(tx: Transaction, webhook: int, enabled: bool) -> None:
    """Let events be queued for it, or not."""
    tx.execute(
        "UPDATE webhooks SET enabled = :enabled WHERE id = :id", enabled=int(enabled), id=webhook
    )


def delete(tx: Transaction, webhook: int) -> None:
    """Remove a webhook and its deliveries."""
    tx.execute("DELETE FROM webhooks WHERE id = :id", id=webhook)


def queue(tx: Transaction, event: str, now: datetime, **about: Any) -> None:
    """Queue a delivery for each enabled webhook that wants the event; `about` names the rows."""
    tx.execute(
        """
        INSERT INTO webhook_deliveries (webhook, event, about, state, created_at, next_at)
        SELECT id, :event, :about, 'pending', :now, :now FROM webhooks
        WHERE enabled = 1 AND events LIKE :wanted
        """,
        event=event,
        wanted=f"% {event} %",
        about=json.dumps(about),
        now=now,
    )


def queue_marks(tx: Transaction, session: int, students: Sequence[int], now: datetime) -> None:
    """Queue, for each of these students, that his or her mark in the session is another now, or is
    no more."""
    wanted = tx.scalar(
        "SELECT 1 FROM webhooks WHERE enabled = 1 AND events LIKE '% attendance_marked %' LIMIT 1"
    )
    if wanted is not None:
        for student in students:
            queue(tx, "attendance_marked", now, session=session, student=student)


def queue_for(tx: Transaction, webhook: int, event: str, now: datetime) -> int:
    """Queue a delivery for one webhook, and return its id."""
    return tx.insert(
        """
        INSERT INTO webhook_deliveries (webhook, event, about, state, created_at, next_at)
        VALUES (:webhook, :event, '{}', 'pending', :now, :now)
        """,
        webhook=webhook,
        event=event,
        now=now,
    )


def claim(tx: Transaction, now: datetime, lease_until: datetime, limit: int) -> list[Row]:
    """Take some deliveries that are due; nobody else takes them until `lease_until`."""
    return leases.take(
        tx,
        f"""
        SELECT {_DELIVERY} FROM webhook_deliveries
        WHERE state = 'pending' AND next_at <= :now ORDER BY next_at, id LIMIT :limit
        """,
        """
        UPDATE webhook_deliveries SET next_at = :lease_until
        WHERE id = :id AND state = 'pending' AND next_at <= :now
        """,
        now=now,
        lease_until=lease_until,
        limit=limit,
    )


def any_due(tx: Transaction, now: datetime) -> bool:
    """Whether a delivery is due."""
    found = tx.scalar(
        "SELECT 1 FROM webhook_deliveries WHERE state = 'pending' AND next_at <= :now LIMIT 1",
        now=now,
    )
    return found is not None


def record(
    tx: Transaction,
    delivery: int,
    *,
    state: str,
    status: int | None,
    error: str | None,
    next_at: datetime | None,
    delivered_at: datetime | None,
) -> None:
    """Write how an attempt ended."""
    tx.execute(
        """
        UPDATE webhook_deliveries
        SET state = :state, attempts = attempts + 1, status = :status, error = :error,
            next_at = :next_at, delivered_at = :delivered_at
        WHERE id = :id
        """,
        id=delivery,
        state=state,
        status=status,
        error=error,
        next_at=next_at,
        delivered_at=delivered_at,
    )


def deliveries(tx: Transaction, webhook: int, *, before: int | None, limit: int) -> list[Row]:
    """The webhook's deliveries, newest first, older than the one `before`."""
    clause, params = where(("webhook = :webhook", {"webhook": webhook}), ("id < :b", {"b": before}))
    return tx.all(
        f"SELECT {_DELIVERY} FROM webhook_deliveries {clause} ORDER BY id DESC LIMIT :limit",
        **params,
        limit=limit,
    )


def _listed(events: list[str]) -> str:
    """Events as text in which ` name ` finds one."""
    return f" {' '.join(events)} "
