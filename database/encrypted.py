"""What is encrypted at rest, seen as such: which keys it needs, and how it changes its key."""

from __future__ import annotations

from database.core import Row, Transaction
from database.filters import ESCAPE, escaped


def key_ids(tx: Transaction) -> set[str]:
    """Ids of the keys that templates, webhook secrets, addresses of timetables, faces that wait and
    pictures of notes are encrypted with."""
    tables = (
        "face_templates",
        "proposed_templates",
        "webhooks",
        "timetables",
        "sightings",
        "absence_notes",
    )
    return {
        str(row["key_id"])
        for table in tables
        for row in tx.all(f"SELECT DISTINCT key_id FROM {table} WHERE key_id IS NOT NULL")
    }


def drop_crops(tx: Transaction, current: str) -> None:
    """Forget the pictures of faces that wait and that another key encrypts: they live for minutes,
    and are not worth being encrypted again."""
    tx.execute(
        """
        UPDATE sightings SET crop = NULL, key_id = NULL, forgotten_at = NULL
        WHERE key_id <> :current
        """,
        current=current,
    )


def photos(tx: Transaction) -> list[str]:
    """Names of every photograph that a row points to; the name tells the key."""
    rows = tx.all("SELECT photo FROM face_templates WHERE photo IS NOT NULL ORDER BY id")
    return [str(row["photo"]) for row in rows]


def count(tx: Transaction) -> int:
    """How many templates, photographs, webhook secrets, addresses of timetables and pictures of
    notes there are."""
    return int(
        tx.scalar(
            """
            SELECT (SELECT COUNT(*) FROM face_templates)
                 + (SELECT COUNT(photo) FROM face_templates)
                 + (SELECT COUNT(*) FROM proposed_templates)
                 + (SELECT COUNT(*) FROM webhooks)
                 + (SELECT COUNT(url) FROM timetables)
                 + (SELECT COUNT(*) FROM absence_notes)
            """
        )
    )


def templates_to_change(tx: Transaction, current: str, limit: int) -> list[Row]:
    """Some templates that another key than the current one encrypts."""
    return tx.all(
        """
        SELECT id, student, key_id, data FROM face_templates
        WHERE key_id <> :current ORDER BY id LIMIT :limit
        """,
        current=current,
        limit=limit,
    )


def proposals_to_change(tx: Transaction, current: str, limit: int) -> list[Row]:
    """Some proposed templates that another key encrypts."""
    return tx.all(
        """
        SELECT id, student, key_id, data FROM proposed_templates
        WHERE key_id <> :current ORDER BY id LIMIT :limit
        """,
        current=current,
        limit=limit,
    )


def photos_to_change(tx: Transaction, current: str, limit: int) -> list[Row]:
    """Some photographs (`id`, `student`, `photo`) that another key encrypts."""
    return tx.all(
        f"""
        SELECT id, student, photo FROM face_templates
        WHERE photo IS NOT NULL AND photo NOT LIKE :pattern {ESCAPE} ORDER BY id LIMIT :limit
        """,
        pattern=f"%.{escaped(current)}.%",
        limit=limit,
    )


def secrets_to_change(tx: Transaction, current: str, limit: int) -> list[Row]:
    """Some webhook secrets that another key encrypts."""
    return tx.all(
        """
        SELECT id, key_id, secret FROM webhooks
        WHERE key_id <> :current ORDER BY id LIMIT :limit
        """,
        current=current,
        limit=limit,
    )


def addresses_to_change(tx: Transaction, current: str, limit: int) -> list[Row]:
    """Some addresses of timetables that another key encrypts."""
    return tx.all(
        """
        SELECT id, key_id, url AS secret FROM timetables
        WHERE key_id <> :current ORDER BY id LIMIT :limit
        """,
        current=current,
        limit=limit,
    )


def set_template(tx: Transaction, template: int, old: str, new: str, data: bytes) -> int:
    """Store the template under a new key, unless it was replaced meanwhile."""
    return tx.execute(
        "UPDATE face_templates SET key_id = :new, data = :data WHERE id = :id AND key_id = :old",
        id=template,
        old=old,
        new=new,
        data=data,
    )


def set_proposal(tx: Transaction, template: int, old: str, new: str, data: bytes) -> int:
    """Store the proposed template under a new key, unless it was replaced meanwhile. Its picture
    goes: whoever decides without it has the student, or the school's records."""
    return tx.execute(
        """
        UPDATE proposed_templates SET key_id = :new, data = :data, picture = NULL
        WHERE id = :id AND key_id = :old
        """,
        id=template,
        old=old,
        new=new,
        data=data,
    )


def set_photo(tx: Transaction, template: int, old: str, new: str | None) -> int:
    """Point to the re-encrypted photograph (None: it is gone), unless it was replaced."""
    return tx.execute(
        "UPDATE face_templates SET photo = :new WHERE id = :id AND photo = :old",
        id=template,
        old=old,
        new=new,
    )


def set_secret(tx: Transaction, webhook: int, old: str, new: str, secret: bytes) -> int:
    """Store the webhook's secret under a new key."""
    return tx.execute(
        "UPDATE webhooks SET key_id = :new, secret = :secret WHERE id = :id AND key_id = :old",
        id=webhook,
        old=old,
        new=new,
        secret=secret,
    )


def set_address(tx: Transaction, timetable: int, old: str, new: str, secret: bytes) -> int:
    """Store the timetable's address under a new key."""
    return tx.execute(
        "UPDATE timetables SET key_id = :new, url = :secret WHERE id = :id AND key_id = :old",
        id=timetable,
        old=old,
        new=new,
        secret=secret,
    )


def delete_all(tx: Transaction) -> None:
    """Drop everything that is encrypted: templates, the webhooks, which have secrets, pictures of
    notes, and the addresses of timetables, which are then like files."""
    tx.execute("UPDATE timetables SET host = NULL, key_id = NULL, url = NULL, next_at = NULL")
    tx.execute("DELETE FROM face_templates")
    tx.execute("DELETE FROM proposed_templates")
    tx.execute("DELETE FROM first_marks")
    tx.execute("DELETE FROM webhooks")
    tx.execute("DELETE FROM absence_notes")
    tx.execute("UPDATE sightings SET crop = NULL, key_id = NULL, forgotten_at = NULL")
