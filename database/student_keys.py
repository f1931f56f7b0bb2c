"""PINs (hashed) and passkeys (public keys) with which students mark without their face."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction


def pin_hash(tx: Transaction, student: int) -> str | None:
    """The hash of the student's PIN, or None."""
    found = tx.scalar("SELECT pin_hash FROM student_pins WHERE student = :s", s=student)
    return None if found is None else str(found)


def set_pin(tx: Transaction, student: int, hashed: str, now: datetime) -> None:
    """Give the student this PIN. Raises `ForeignKeyViolation` where the account is gone."""
    drop_pin(tx, student)
    tx.insert_row(
        "INSERT INTO student_pins (student, pin_hash, set_at) VALUES (:student, :hashed, :now)",
        student=student,
        hashed=hashed,
        now=now,
    )


def drop_pin(tx: Transaction, student: int) -> bool:
    """Take the student's PIN away; False if there was none."""
    return tx.execute("DELETE FROM student_pins WHERE student = :s", s=student) > 0


def passkeys_of(tx: Transaction, student: int) -> list[Row]:
    """The student's passkeys, the oldest first."""
    return tx.all(
        """
        SELECT id, credential, public_key, sign_count, name, created_at, used_at
        FROM passkeys WHERE student = :student ORDER BY id
        """,
        student=student,
    )


def add_passkey(
    tx: Transaction,
    student: int,
    *,
    credential: str,
    credential_hash: str,
    public_key: str,
    sign_count: int,
    name: str,
    now: datetime,
) -> int:
    """Add a passkey and return its id.

    Raises:
        UniqueViolation: it is known already.
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    return tx.insert(
        """
        INSERT INTO passkeys (student, credential_hash, credential, public_key, sign_count, name,
                              created_at)
        VALUES (:student, :credential_hash, :credential, :public_key, :sign_count, :name, :now)
        """,
        student=student,
        credential_hash=credential_hash,
        credential=credential,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
        now=now,
    )


def used(tx: Transaction, passkey: int, sign_count: int, now: datetime) -> None:
    """Note that a passkey was used."""
    tx.execute(
        "UPDATE passkeys SET sign_count = :count, used_at = :now WHERE id = :id",
        count=sign_count,
        now=now,
        id=passkey,
    )


def drop_passkey(tx: Transaction, student: int, passkey: int) -> bool:
    """Take a passkey of the student's away; False if there was none."""
    touched = tx.execute(
        "DELETE FROM passkeys WHERE id = :id AND student = :student", id=passkey, student=student
    )
    return touched > 0
