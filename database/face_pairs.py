"""Pairs of students with like faces whom a teacher allowed: one row a pair, smaller id first."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction, UniqueViolation


def allow(tx: Transaction, one: int, other: int, now: datetime) -> bool:
    """Allow the pair; False if it was allowed already.

    Raises:
        ForeignKeyViolation: one of the two was deleted meanwhile.
    """
    try:
        tx.insert_row(
            """
            INSERT INTO face_pairs (student, other, allowed_at) VALUES (:student, :other, :now)
            """,
            student=min(one, other),
            other=max(one, other),
            now=now,
        )
    except UniqueViolation:
        return False
    return True


def withdraw(tx: Transaction, one: int, other: int) -> bool:
    """Allow the pair no longer; False if it was not allowed."""
    deleted = tx.execute(
        "DELETE FROM face_pairs WHERE student = :student AND other = :other",
        student=min(one, other),
        other=max(one, other),
    )
    return deleted > 0


def partners_of(tx: Transaction, student: int) -> set[int]:
    """With whom the student makes an allowed pair."""
    rows = tx.all(
        """
        SELECT other AS partner FROM face_pairs WHERE student = :student
        UNION ALL
        SELECT student AS partner FROM face_pairs WHERE other = :student
        """,
        student=student,
    )
    return {int(row["partner"]) for row in rows}


def every(tx: Transaction) -> list[Row]:
    """`student`, `other` and `allowed_at` of each pair."""
    return tx.all("SELECT student, other, allowed_at FROM face_pairs ORDER BY student, other")
