"""What people change of their own accounts, teachers and students alike."""

from __future__ import annotations

from database import name_keys
from database.core import Transaction
from database.standings import HELD

_TABLES = {"teacher": "teachers", "student": "students"}


def set_email(tx: Transaction, kind: str, account: int, email: str) -> None:
    """Give an account (`teacher` or `student`) another address.

    Raises:
        UniqueViolation: another account of the kind has it; the transaction goes on.
    """
    with tx.savepoint():
        tx.execute(
            f"UPDATE {_TABLES[kind]} SET email = :email WHERE id = :id", email=email, id=account
        )
        if kind == "student":
            name_keys.renew(tx, account)


def records_of(tx: Transaction, teacher: int) -> dict[str, int]:
    """How many `courses` and `sessions` belong to the teacher."""
    return {
        "courses": int(tx.scalar("SELECT COUNT(*) FROM courses WHERE teacher = :t", t=teacher)),
        "sessions": int(
            tx.scalar(f"SELECT COUNT(*) FROM sessions WHERE teacher = :t AND {HELD}", t=teacher)
        ),
    }
