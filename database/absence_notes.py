"""Pictures of notes that go with requests to be excused, encrypted."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction


def put(tx: Transaction, absence: int, key_id: str, data: bytes, now: datetime) -> None:
    """Keep the picture of a request, in the place of the one before.

    Raises:
        UniqueViolation: another request has just done the same.
        ForeignKeyViolation: the request was taken back meanwhile.
    """
    tx.execute("DELETE FROM absence_notes WHERE absence = :absence", absence=absence)
    tx.insert_row(
        """
        INSERT INTO absence_notes (absence, key_id, data, added_at)
        VALUES (:absence, :key_id, :data, :now)
        """,
        absence=absence,
        key_id=key_id,
        data=data,
        now=now,
    )


def of_absence(tx: Transaction, absence: int) -> tuple[str, bytes] | None:
    """Key id and data of a request's picture, or None."""
    row = tx.one("SELECT key_id, data FROM absence_notes WHERE absence = :id", id=absence)
    return None if row is None else (str(row["key_id"]), bytes(row["data"]))


def to_change(tx: Transaction, current: str, limit: int) -> list[Row]:
    """Some pictures that another key than the current one encrypts."""
    return tx.all(
        """
        SELECT absence, key_id, data FROM absence_notes
        WHERE key_id <> :current ORDER BY absence LIMIT :limit
        """,
        current=current,
        limit=limit,
    )


def set_key(tx: Transaction, absence: int, old: str, new: str, data: bytes) -> int:
    """Store the picture under a new key, unless it was replaced meanwhile."""
    return tx.execute(
        """
        UPDATE absence_notes SET key_id = :new, data = :data
        WHERE absence = :absence AND key_id = :old
        """,
        absence=absence,
        old=old,
        new=new,
        data=data,
    )
