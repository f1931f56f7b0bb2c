"""The columns by which students are put in order and found, made anew after each change."""

from __future__ import annotations

from database import naming
from database.core import Transaction


def renew(tx: Transaction, student: int) -> None:
    """Make the keys of what the account's row holds now. Whatever changes a name, number, address
    or user name calls it, in its transaction."""
    row = tx.one(
        "SELECT student_id, name, email, username, family_name FROM students WHERE id = :id",
        id=student,
    )
    if row is None:
        return
    tx.execute(
        """
        UPDATE students SET family_name = :family_name, sort_key = :sort_key,
                            search_key = :search_key
        WHERE id = :id
        """,
        id=student,
        **naming.keys(row),
    )


def set_family_name(tx: Transaction, student: int, family_name: str | None) -> None:
    """Store which part of the name is the family's; one that is no part of it is not stored."""
    tx.execute(
        "UPDATE students SET family_name = :family_name WHERE id = :id",
        id=student,
        family_name=family_name,
    )
    renew(tx, student)
