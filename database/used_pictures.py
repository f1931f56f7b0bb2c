"""Fingerprints of pictures that enrolled or marked a student: numbers, no pictures."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from database.core import Transaction, UniqueViolation


def add(tx: Transaction, student: int, fingerprints: Iterable[str], now: datetime) -> None:
    """Remember that these were used; one that is known already stays as it is.

    Raises:
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    for fingerprint in fingerprints:
        with suppress(UniqueViolation):
            tx.insert(
                """
                INSERT INTO used_pictures (student, fingerprint, used_at)
                VALUES (:student, :fingerprint, :now)
                """,
                student=student,
                fingerprint=fingerprint,
                now=now,
            )


def of_student(tx: Transaction, student: int, since: datetime) -> list[str]:
    """The fingerprints of the student's pictures that were used since then, and of those that
    propose a face."""
    rows = tx.all(
        """
        SELECT fingerprint FROM used_pictures WHERE student = :student AND used_at >= :since
        UNION
        SELECT fingerprint FROM proposed_templates
        WHERE student = :student AND fingerprint IS NOT NULL
        """,
        student=student,
        since=since,
    )
    return [str(row["fingerprint"]) for row in rows]


def forget(tx: Transaction, student: int) -> None:
    """Forget the student's pictures."""
    tx.execute("DELETE FROM used_pictures WHERE student = :student", student=student)
