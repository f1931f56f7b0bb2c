"""Teachers who are written to each week about their courses; who does not want it has no row."""

from __future__ import annotations

from datetime import datetime

from database import leases
from database.core import Row, Transaction


def of(tx: Transaction, teacher: int) -> Row | None:
    """The `language` in which the teacher wants it, or None where it is not wanted."""
    return tx.one("SELECT language FROM digests WHERE teacher = :teacher", teacher=teacher)


def want(
    tx: Transaction, teacher: int, *, language: str | None, told_until: datetime, now: datetime
) -> None:
    """Write to the teacher from now on, of what comes after `told_until`, or in another language.

    Raises:
        UniqueViolation: another request has just done the same.
        ForeignKeyViolation: the account was deleted meanwhile.
    """
    if of(tx, teacher) is not None:
        tx.execute(
            "UPDATE digests SET language = :language WHERE teacher = :teacher",
            language=language,
            teacher=teacher,
        )
        return
    tx.insert_row(
        """
        INSERT INTO digests (teacher, language, told_until, next_at, attempts)
        VALUES (:teacher, :language, :told_until, :now, 0)
        """,
        teacher=teacher,
        language=language,
        told_until=told_until,
        now=now,
    )


def stop(tx: Transaction, teacher: int) -> None:
    """Write to the teacher no more."""
    tx.execute("DELETE FROM digests WHERE teacher = :teacher", teacher=teacher)


def any_due(tx: Transaction, told_before: datetime, now: datetime) -> bool:
    """Whether somebody was told the last time before this moment, and may be written to now."""
    found = tx.scalar(
        "SELECT 1 FROM digests WHERE told_until <= :told_before AND next_at <= :now LIMIT 1",
        told_before=told_before,
        now=now,
    )
    return found is not None


def claim(
    tx: Transaction, told_before: datetime, now: datetime, lease_until: datetime, limit: int
) -> list[Row]:
    """Take some who are due, each with one attempt more; nobody else takes them until
    `lease_until`."""
    return leases.take(
        tx,
        """
        SELECT digests.teacher AS id, digests.language, digests.attempts + 1 AS attempts,
               digests.told_until,               teachers.email, teachers.state, teachers.role
        FROM digests JOIN teachers ON teachers.id = digests.teacher
        WHERE digests.told_until <= :told_before AND digests.next_at <= :now
        ORDER BY digests.teacher LIMIT :limit
        """,
        """
        UPDATE digests SET next_at = :lease_until, attempts = attempts + 1
        WHERE teacher = :id AND told_until <= :told_before AND next_at <= :now
        """,
        now=now,
        lease_until=lease_until,
        limit=limit,
        told_before=told_before,
    )


def told(tx: Transaction, teacher: int, until: datetime, now: datetime) -> None:
    """Everything up to then was told, or will not be."""
    tx.execute(
        """
        UPDATE digests SET told_until = :until, next_at = :now, attempts = 0
        WHERE teacher = :teacher
        """,
        teacher=teacher,
        until=until,
        now=now,
    )


def put_off(tx: Transaction, teacher: int, until: datetime) -> None:
    """Try again later."""
    tx.execute(
        "UPDATE digests SET next_at = :until WHERE teacher = :teacher", teacher=teacher, until=until
    )
