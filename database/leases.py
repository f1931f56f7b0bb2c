"""Taking work that is due, so that of several processes one does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database.core import Row, Transaction


def take(
    tx: Transaction,
    due: str,
    lease: str,
    *,
    now: datetime,
    lease_until: datetime,
    limit: int,
    **values: Any,
) -> list[Row]:
    """Some rows that are due; nobody else takes them until `lease_until`.

    Args:
        due: selects them, with an `id`, by `:now` and `:limit`.
        lease: puts one, `:id`, off until `:lease_until` if it is still due at `:now`.
        values: what both need besides.
    """
    return [
        row
        for row in tx.all(due, now=now, limit=limit, **values)
        if tx.execute(lease, id=row["id"], now=now, lease_until=lease_until, **values)
    ]
