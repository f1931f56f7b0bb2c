"""PINs (hashed) on printed slips, with which a student sets a password; one a student at most."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction


def put_many(tx: Transaction, rows: list[Row], now: datetime, expires_at: datetime) -> None:
    """Give students PINs in the place of those before, each with `student`, `pin_hash` and the
    account's `token_version`.

    Raises:
        ForeignKeyViolation: one of the accounts is gone.
    """
    if not rows:
        return
    tx.execute("DELETE FROM first_pins WHERE student IN :s", s=[row["student"] for row in rows])
    tx.insert_many(
        """
        INSERT INTO first_pins (student, pin_hash, token_version, failures, made_at, expires_at)
        VALUES (:student, :pin_hash, :token_version, 0, :now, :expires_at)
        """,
        [{**row, "now": now, "expires_at": expires_at} for row in rows],
    )


def of(tx: Transaction, student: int) -> Row | None:
    """The student's PIN, or None."""
    return tx.one(
        """
        SELECT pin_hash, token_version, failures, expires_at FROM first_pins
        WHERE student = :student
        """,
        student=student,
    )


def note_failure(tx: Transaction, student: int) -> None:
    """Another PIN was tried."""
    tx.execute("UPDATE first_pins SET failures = failures + 1 WHERE student = :s", s=student)


def drop(tx: Transaction, student: int) -> None:
    """Take the student's PIN away."""
    tx.execute("DELETE FROM first_pins WHERE student = :s", s=student)
