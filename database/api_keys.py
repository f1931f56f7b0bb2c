"""Keys of device clients, known by their hashes only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from database.core import Row, Transaction

_COLUMNS = "id, name, hint, scopes, room, created_at, expires_at, last_used_at"


def create(
    tx: Transaction,
    *,
    name: str,
    key_hash: str,
    hint: str,
    scopes: list[str],
    courses: Collection[int] = (),
    room: str | None = None,
    expires_at: datetime | None,
    now: datetime,
) -> Row:
    """Add a key, bound to courses, to a room, to both, or to nothing.

    Raises:
        ForeignKeyViolation: a course does not exist.
    """
    key_id = tx.insert(
        """
        INSERT INTO api_keys (name, key_hash, hint, scopes, room, created_at, expires_at)
        VALUES (:name, :key_hash, :hint, :scopes, :room, :now, :expires_at)
        """,
        name=name,
        key_hash=key_hash,
        hint=hint,
        scopes=" ".join(scopes),
        room=room,
        now=now,
        expires_at=expires_at,
    )
    tx.insert_many(
        "INSERT INTO api_key_courses (api_key, course) VALUES (:key, :course)",
        [{"key": key_id, "course": course} for course in sorted(set(courses))],
    )
    row = by_id(tx, key_id)
    assert row is not None
    return row


def by_id(tx: Transaction, key_id: int) -> Row | None:
    """The key with this id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM api_keys WHERE id = :id", id=key_id)


def courses_of(tx: Transaction, key_id: int) -> list[int]:
    """The courses that the key is bound to by name."""
    rows = tx.all(
        "SELECT course FROM api_key_courses WHERE api_key = :id ORDER BY course", id=key_id
    )
    return [int(row["course"]) for row in rows]


def bound_only_to(tx: Transaction, course: int) -> list[Row]:
    """The keys that no course and no room is left to when this course goes."""
    return tx.all(
        f"""
        SELECT {_COLUMNS} FROM api_keys
        WHERE room IS NULL
          AND id IN (SELECT api_key FROM api_key_courses WHERE course = :course)
          AND id NOT IN (SELECT api_key FROM api_key_courses WHERE course <> :course)
        ORDER BY id
        """,
        course=course,
    )


def standing(tx: Transaction, ids: list[int], now: datetime) -> list[Row]:
    """Of those of these keys that count, what an open connection was let in with."""
    return tx.all(
        """
        SELECT id, scopes, room FROM api_keys
        WHERE id IN :ids AND (expires_at IS NULL OR expires_at > :now)
        """,
        ids=ids,
        now=now,
    )


def hashes(tx: Transaction) -> list[Row]:
    """`id`, `key_hash` and `scopes` of every key."""
    return tx.all("SELECT id, key_hash, scopes FROM api_keys")


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
