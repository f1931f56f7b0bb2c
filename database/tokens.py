"""Tokens that no longer count, and join reservations that are used up."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime

from database.core import Transaction, UniqueViolation


def new_version() -> int:
    """The `token_version` of a new account, one that no account had before.

    A token names its account by id and version. After a restore an id may be given out that
    another database, lost since, had given to somebody else.
    """
    return secrets.randbelow(2**30)


def revoke(tx: Transaction, token_id: str, expires_at: datetime) -> None:
    """Refuse this token from now on. Saying it twice is no error."""
    with suppress(UniqueViolation):
        tx.insert_row(
            "INSERT INTO revoked_tokens (id, expires_at) VALUES (:id, :expires_at)",
            id=token_id,
            expires_at=expires_at,
        )


def is_revoked(tx: Transaction, token_id: str) -> bool:
    """Whether the token was revoked."""
    return tx.scalar("SELECT 1 FROM revoked_tokens WHERE id = :id", id=token_id) is not None


def revoked(tx: Transaction, token_ids: list[str]) -> set[str]:
    """Which of these tokens were revoked."""
    rows = tx.all("SELECT id FROM revoked_tokens WHERE id IN :ids", ids=token_ids)
    return {str(row["id"]) for row in rows}


def use_reservation(tx: Transaction, reservation: str, student: int, expires_at: datetime) -> bool:
    """Use a reservation up for this student; False if another student has used it."""
    try:
        tx.insert_row(
            """
            INSERT INTO reservation_uses (id, student, expires_at)
            VALUES (:id, :student, :expires_at)
            """,
            id=reservation,
            student=student,
            expires_at=expires_at,
        )
        return True
    except UniqueViolation:
        user = tx.scalar("SELECT student FROM reservation_uses WHERE id = :id", id=reservation)
        return bool(user == student)


def use_once(tx: Transaction, number: str, student: int, expires_at: datetime) -> bool:
    """Use up what counts once; False if it was used before, by whomever."""
    with suppress(UniqueViolation):
        tx.insert_row(
            """
            INSERT INTO reservation_uses (id, student, expires_at)
            VALUES (:id, :student, :expires_at)
            """,
            id=number,
            student=student,
            expires_at=expires_at,
        )
        return True
    return False


def forget_expired(tx: Transaction, now: datetime) -> int:
    """Delete what has expired by itself; returns how many rows."""
    return tx.execute("DELETE FROM revoked_tokens WHERE expires_at <= :now", now=now) + tx.execute(
        "DELETE FROM reservation_uses WHERE expires_at <= :now", now=now
    )
