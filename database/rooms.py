"""Rooms that have rules of their own, by their names."""

from __future__ import annotations

from database.core import Row, Transaction

# `networks` is a JSON list of CIDR networks.
_COLUMNS = "id, name, networks"


def every(tx: Transaction) -> list[Row]:
    """All rooms, by their names."""
    return tx.all(f"SELECT {_COLUMNS} FROM rooms ORDER BY name_key")


def by_id(tx: Transaction, number: int) -> Row | None:
    """One room, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM rooms WHERE id = :id", id=number)


def by_key(tx: Transaction, name_key: str) -> Row | None:
    """The room whose name is compared as this, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM rooms WHERE name_key = :key", key=name_key)


def add(tx: Transaction, *, name: str, name_key: str, networks: str) -> int:
    """Add a room, and return its id.

    Raises:
        UniqueViolation: there is one of this name.
    """
    return tx.insert(
        "INSERT INTO rooms (name, name_key, networks) VALUES (:name, :name_key, :networks)",
        name=name,
        name_key=name_key,
        networks=networks,
    )


def change(tx: Transaction, number: int, *, name: str, name_key: str, networks: str) -> None:
    """Give a room another name or other networks.

    Raises:
        UniqueViolation: there is another of this name.
    """
    tx.execute(
        """
        UPDATE rooms SET name = :name, name_key = :name_key, networks = :networks WHERE id = :id
        """,
        id=number,
        name=name,
        name_key=name_key,
        networks=networks,
    )


def delete(tx: Transaction, number: int) -> None:
    """Delete a room. Sessions that are held there keep its name."""
    tx.execute("DELETE FROM rooms WHERE id = :id", id=number)
