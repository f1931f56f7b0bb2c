"""The school itself: its files, and how far it has been set up."""

from __future__ import annotations

from datetime import datetime

from database.core import Transaction
from database.standings import HELD


def file(tx: Transaction, name: str) -> bytes | None:
    """What is kept under the name, or None."""
    row = tx.one("SELECT data FROM school_files WHERE name = :name", name=name)
    return None if row is None else bytes(row["data"])


def file_changed_at(tx: Transaction, name: str) -> datetime | None:
    """When it was last changed, or None where there is none."""
    row = tx.one("SELECT changed_at FROM school_files WHERE name = :name", name=name)
    return None if row is None else row["changed_at"]


def put_file(tx: Transaction, name: str, data: bytes, now: datetime) -> None:
    """Keep a file in the place of the one before.

    Raises:
        UniqueViolation: another request has just done the same.
    """
    remove_file(tx, name)
    tx.insert_row(
        "INSERT INTO school_files (name, data, changed_at) VALUES (:name, :data, :now)",
        name=name,
        data=data,
        now=now,
    )


def remove_file(tx: Transaction, name: str) -> bool:
    """Keep it no longer; False if there was none."""
    return tx.execute("DELETE FROM school_files WHERE name = :name", name=name) > 0


def begun(tx: Transaction) -> dict[str, bool]:
    """Whether there is a `course`, somebody in one (`roster`), a student who has set a password
    (`invitations`), and a session that was held (`trial`)."""
    asked = {
        "course": "SELECT 1 FROM courses LIMIT 1",
        "roster": "SELECT 1 FROM enrolments LIMIT 1",
        "invitations": "SELECT 1 FROM students WHERE password_hash IS NOT NULL LIMIT 1",
        "trial": f"SELECT 1 FROM sessions WHERE {HELD} LIMIT 1",
    }
    return {name: tx.scalar(sql) is not None for name, sql in asked.items()}
