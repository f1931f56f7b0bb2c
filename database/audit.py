"""The audit log: rows are added, and nothing here changes or removes one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from database.core import Row, Transaction
from database.filters import ESCAPE, escaped, where


def add(
    tx: Transaction,
    *,
    now: datetime,
    actor: str,
    action: str,
    subject: str,
    old: Any = None,
    new: Any = None,
    reason: str | None = None,
    request_id: str | None = None,
) -> int:
    """Write who (`teacher:7`, `cli`) did what to whom (`student:12`), from what, to what, why.

    It belongs into the transaction of the change itself: both are kept, or neither.
    """
    return tx.insert(
        """
        INSERT INTO audit (occurred_at, actor, action, subject, old_value, new_value, reason,
                           request_id)
        VALUES (:now, :actor, :action, :subject, :old, :new, :reason, :request_id)
        """,
        now=now,
        actor=actor,
        action=action,
        subject=subject,
        old=None if old is None else json.dumps(old, ensure_ascii=False, default=str),
        new=None if new is None else json.dumps(new, ensure_ascii=False, default=str),
        reason=reason,
        request_id=request_id,
    )


PAGE = 500


@dataclass(frozen=True)
class Filter:
    """Which lines; None: all. An action also stands for its family: `teacher` for `teacher.*`."""

    actors: Sequence[str] | None = None
    action: str | None = None
    subjects: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(tx: Transaction, wanted: Filter, *, before: int | None, limit: int) -> list[Row]:
    """Lines, newest first, older than the line `before`."""
    family = None if wanted.action is None else f"{escaped(wanted.action)}.%"
    clause, params = where(
        ("id < :before", {"before": before}),
        ("actor IN :actors", {"actors": wanted.actors}),
        (
            f"(action = :action OR action LIKE :family {ESCAPE})",
            {"action": wanted.action, "family": family},
        ),
        ("subject IN :subjects", {"subjects": wanted.subjects}),
        ("occurred_at >= :since", {"since": wanted.since}),
        ("occurred_at < :until", {"until": wanted.until}),
    )
    return tx.all(
        f"""
        SELECT id, occurred_at, actor, action, subject, old_value, new_value, reason, request_id
        FROM audit {clause}
        ORDER BY id DESC LIMIT :limit
        """,
        **params,
        limit=limit,
    )


def every(tx: Transaction, wanted: Filter) -> Iterator[Row]:
    """All lines that are wanted, newest first, some hundred at a time."""
    before = None
    while rows := page(tx, wanted, before=before, limit=PAGE):
        yield from rows
        before = int(rows[-1]["id"])
