"""Keys of device clients, known by their hashes only."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction

_COLUMNS = "id, name, hint, scopes, created_at, expires_at, last_used_at"


def create(
    tx: Transaction,
    *,
    name: str,
    key_hash: str,
    hint: str,
    scopes: list[str],
    expires_at: datetime | None,
    now: datetime,
) -> Row:
    """Add a key."""
    key_id = tx.insert(
        """
        INSERT INTO api_keys (name, key_hash, hint, scopes, created_at, expires_at)
        VALUES (:name, :key_hash, :hint, :scopes, :now, :expires_at)
        """,
        name=name,
        key_hash=key_hash,
        hint=hint,
        scopes=" ".join(scopes),
        now=now,
        expires_at=expires_at,
    )
    row = by_id(tx, key_id)
    assert row is not None
    return row


def by_id(tx: Transaction, key_id: int) -> Row | None:
    """The key with this id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM api_keys WHERE id = :id", id=key_id)


def by_hash(tx: Transaction, key_hash: str) -> Row | None:
    """The key with this hash, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM api_keys WHERE key_hash = :h", h=key_hash)


def every(tx: Transaction) -> list[Row]:
    """All keys, newest first."""
    return tx.all(f"SELECT {_COLUMNS} FROM api_keys ORDER BY id DESC")


def note_use(tx: Transaction, key_id: int, now: datetime) -> None:
    """Keep when the key was last used."""
    tx.execute("UPDATE api_keys SET last_used_at = :now WHERE id = :id", now=now, id=key_id)


def delete(tx: Transaction, key_id: int) -> None:
    """Revoke the key."""
    tx.execute("DELETE FROM api_keys WHERE id = :id", id=key_id)
