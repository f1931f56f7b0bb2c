"""Numbers that only grow. Raising one locks it until commit, so its holders take turns."""

from __future__ import annotations

from database.core import Transaction


def raise_by_one(tx: Transaction, name: str) -> int:
    """Add one to the counter and return the new value; others who raise it wait for the commit."""
    tx.execute("UPDATE counters SET value = value + 1 WHERE name = :name", name=name)
    return int(tx.scalar("SELECT value FROM counters WHERE name = :name", name=name))
