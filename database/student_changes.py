"""What is changed of a student's account after it was made: words, consent, and its end."""

from __future__ import annotations

from datetime import datetime

from database import name_keys, tokens
from database.core import Row, Transaction

CORRECTABLE = ("name", "email", "student_id", "username")


def correct(tx: Transaction, student: int, row: Row) -> None:
    """Store what an administrator may put right, from a row that has all of `CORRECTABLE`
    and, where it is known, `family_name`.

    Raises:
        UniqueViolation: a number, address or user name is taken; the transaction goes on.
    """
    settings = ", ".join(f"{name} = :{name}" for name in CORRECTABLE)
    with tx.savepoint():
        tx.execute(
            f"UPDATE students SET {settings} WHERE id = :id",
            id=student,
            **{name: row[name] for name in CORRECTABLE},
        )
        name_keys.set_family_name(tx, student, row.get("family_name"))


def end_links(tx: Transaction, student: int) -> None:
    """End every link that sets the account's password, and its tokens, which go by the same."""
    tx.execute(
        "UPDATE students SET token_version = :version WHERE id = :id",
        version=tokens.new_version(),
        id=student,
    )


def who_has(tx: Transaction, field: str, value: str) -> int | None:
    """Table id of the student whose `field` (one of `CORRECTABLE`) this is, or None."""
    assert field in CORRECTABLE
    found = tx.scalar(f"SELECT id FROM students WHERE {field} = :value", value=value)
    return None if found is None else int(found)


def known_by_number(tx: Transaction, lowered: str) -> int | None:
    """Table id of a student whose number is this but for small and capital letters, or None."""
    found = tx.scalar(
        "SELECT id FROM students WHERE LOWER(student_id) = :lowered ORDER BY id LIMIT 1",
        lowered=lowered,
    )
    return None if found is None else int(found)


def record_consent(tx: Transaction, student: int, now: datetime) -> None:
    """Keep when the storing of face templates was agreed to (the first time counts)."""
    tx.execute(
        """
        UPDATE students
        SET consent_at = COALESCE(consent_at, :now), face_withdrawn_at = NULL
        WHERE id = :id AND (consent_at IS NULL OR face_withdrawn_at IS NOT NULL)
        """,
        now=now,
        id=student,
    )


def forget_consent(tx: Transaction, student: int) -> None:
    """Forget the consent, also that to cameras: the next enrolment asks again."""
    tx.execute(
        "UPDATE students SET consent_at = NULL, camera_consent_at = NULL WHERE id = :id", id=student
    )


def withdraw_consent(tx: Transaction, student: int, now: datetime) -> None:
    """The consent was taken back: until the student gives it again, nobody else may."""
    tx.execute(
        """
        UPDATE students
        SET consent_at = NULL, camera_consent_at = NULL, face_withdrawn_at = :now
        WHERE id = :id
        """,
        now=now,
        id=student,
    )


def has_withdrawn(tx: Transaction, student: int) -> bool:
    """Whether the consent was taken back, and not given again."""
    found = tx.scalar(
        "SELECT 1 FROM students WHERE id = :id AND face_withdrawn_at IS NOT NULL", id=student
    )
    return found is not None
