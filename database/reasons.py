"""Reasons of the school beyond the four statuses. They are retired, never deleted."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction

_COLUMNS = "id, name, code, status, meaning, retired_at"


def every(tx: Transaction) -> list[Row]:
    """All reasons, those in use first, by status and name."""
    return tx.all(
        f"""
        SELECT {_COLUMNS} FROM reasons
        ORDER BY CASE WHEN retired_at IS NULL THEN 0 ELSE 1 END, status, name_key
        """
    )


def by_id(tx: Transaction, reason: int) -> Row | None:
    """One reason, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM reasons WHERE id = :id", id=reason)


def of_ids(tx: Transaction, reasons: list[int]) -> dict[int, Row]:
    """Those of these that there are, by their id."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM reasons WHERE id IN :ids", ids=reasons)
    return {int(row["id"]): row for row in rows}


def add(
    tx: Transaction,
    *,
    name: str,
    name_key: str,
    code: str,
    code_key: str,
    status: str,
    meaning: str,
    now: datetime,
) -> int:
    """Add a reason, and return its id.

    Raises:
        UniqueViolation: there is one of this name or code.
    """
    return tx.insert(
        """
        INSERT INTO reasons (name, name_key, code, code_key, status, meaning, created_at)
        VALUES (:name, :name_key, :code, :code_key, :status, :meaning, :now)
        """,
        name=name,
        name_key=name_key,
        code=code,
        code_key=code_key,
        status=status,
        meaning=meaning,
        now=now,
    )


def change(
    tx: Transaction,
    reason: int,
    *,
    name: str,
    name_key: str,
    code: str,
    code_key: str,
    meaning: str,
    retired_at: datetime | None,
) -> None:
    """Give a reason another name, code or meaning, or retire it.

    Raises:
        UniqueViolation: there is another of this name or code.
    """
    tx.execute(
        """
        UPDATE reasons
        SET name = :name, name_key = :name_key, code = :code, code_key = :code_key,
            meaning = :meaning, retired_at = :retired_at
        WHERE id = :id
        """,
        id=reason,
        name=name,
        name_key=name_key,
        code=code,
        code_key=code_key,
        meaning=meaning,
        retired_at=retired_at,
    )
