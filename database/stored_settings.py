"""Settings that an administrator changed at run time, each as JSON under its name."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from database import counters
from database.core import Transaction


def read(tx: Transaction) -> dict[str, Any]:
    """Every stored value by the setting's name."""
    return {
        str(row["name"]): json.loads(row["value"])
        for row in tx.all("SELECT name, value FROM stored_settings")
    }


def lock(tx: Transaction) -> None:
    """Take the turn to change settings."""
    counters.raise_by_one(tx, "settings")


def store(tx: Transaction, name: str, value: Any, now: datetime) -> None:
    """Keep a value in place of the one before."""
    forget(tx, name)
    tx.insert_row(
        "INSERT INTO stored_settings (name, value, changed_at) VALUES (:name, :value, :now)",
        name=name,
        value=json.dumps(value),
        now=now,
    )


def forget(tx: Transaction, name: str) -> None:
    """Drop the stored value: the default counts again."""
    tx.execute("DELETE FROM stored_settings WHERE name = :name", name=name)
