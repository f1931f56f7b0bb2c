"""Rules about absences: when somebody is told, and who."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from database.core import Row, Transaction

FIELDS = ("name", "kind", "amount", "days", "steps", "hold_minutes", "most_people", "enabled")
_COLUMNS = f"id, {', '.join(FIELDS)}, created_at"


def create(tx: Transaction, values: dict[str, Any], now: datetime) -> int:
    """Add a rule, of `FIELDS`."""
    return tx.insert(
        f"""
        INSERT INTO notice_rules ({", ".join(FIELDS)}, created_at)
        VALUES ({", ".join(f":{field}" for field in FIELDS)}, :now)
        """,
        **_stored(values),
        now=now,
    )


def change(tx: Transaction, rule: int, values: dict[str, Any]) -> None:
    """Give a rule other `FIELDS`."""
    tx.execute(
        f"UPDATE notice_rules SET {', '.join(f'{field} = :{field}' for field in FIELDS)} "
        "WHERE id = :id",
        **_stored(values),
        id=rule,
    )


def delete(tx: Transaction, rule: int) -> None:
    """Remove a rule, with what is known of whom it told."""
    tx.execute("DELETE FROM notice_rules WHERE id = :id", id=rule)


def by_id(tx: Transaction, rule: int) -> Row | None:
    """The rule with this id, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM notice_rules WHERE id = :id", id=rule)
    return None if row is None else _read(row)


def every(tx: Transaction, *, enabled: bool = False) -> list[Row]:
    """All rules, or those that are switched on."""
    clause = "WHERE enabled = 1" if enabled else ""
    return [
        _read(row) for row in tx.all(f"SELECT {_COLUMNS} FROM notice_rules {clause} ORDER BY id")
    ]


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    return {
        **{field: values[field] for field in FIELDS},
        "steps": json.dumps(values["steps"]),
        "enabled": int(values["enabled"]),
    }


def _read(row: Row) -> Row:
    return {**row, "steps": json.loads(row["steps"]), "enabled": bool(row["enabled"])}
