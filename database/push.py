"""Browsers that a student wants to be told in while no page is open, and what waits to be sent.

A message is queued in the transaction of what it tells, so that neither exists without the other;
some process sends it afterwards (`claim`). It names rows only, never what stands in them.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from database.core import Row, Transaction

_DEVICE = "id, student, endpoint, p256dh, auth, server_key, name, created_at, used_at"
_QUEUE = """
    INSERT INTO push_messages (device, kind, about, attempts, next_at, expires_at)
    SELECT push_devices.id, :kind, :about, 0, :now, :until FROM push_devices
"""


def add(
    tx: Transaction,
    student: int,
    *,
    endpoint: str,
    endpoint_hash: str,
    p256dh: str,
    auth: str,
    server_key: str,
    name: str,
    now: datetime,
) -> int:
    """Add a browser and return its id; whoever had it before has it no more.

    Raises:
        UniqueViolation: another request added it at this moment.
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    tx.execute("DELETE FROM push_devices WHERE endpoint_hash = :hash", hash=endpoint_hash)
    return tx.insert(
        """
        INSERT INTO push_devices (student, endpoint, endpoint_hash, p256dh, auth, server_key, name,
                                  created_at)
        VALUES (:student, :endpoint, :endpoint_hash, :p256dh, :auth, :server_key, :name, :now)
        """,
        student=student,
        endpoint=endpoint,
        endpoint_hash=endpoint_hash,
        p256dh=p256dh,
        auth=auth,
        server_key=server_key,
        name=name,
        now=now,
    )


def of_student(tx: Transaction, student: int) -> list[Row]:
    """The student's browsers, the oldest first."""
    return tx.all(
        f"SELECT {_DEVICE}, endpoint_hash FROM push_devices WHERE student = :student ORDER BY id",
        student=student,
    )


def by_id(tx: Transaction, device: int) -> Row | None:
    """The browser with this id, or None."""
    return tx.one(f"SELECT {_DEVICE} FROM push_devices WHERE id = :id", id=device)


def drop(tx: Transaction, device: int, student: int | None = None) -> bool:
    """Forget a browser (of the student, if one is named); False if there is none."""
    mine = "" if student is None else "AND student = :student"
    params = {} if student is None else {"student": student}
    return tx.execute(f"DELETE FROM push_devices WHERE id = :id {mine}", id=device, **params) > 0


def drop_all(tx: Transaction, student: int) -> None:
    """Forget every browser of the student."""
    tx.execute("DELETE FROM push_devices WHERE student = :student", student=student)


def used(tx: Transaction, device: int, now: datetime) -> None:
    """Note that something was sent to a browser."""
    tx.execute("UPDATE push_devices SET used_at = :now WHERE id = :id", now=now, id=device)


def queue(
    tx: Transaction, student: int, kind: str, *, now: datetime, until: datetime, **about: Any
) -> None:
    """Queue a message to each browser of a student; it is worth nothing after `until`."""
    tx.execute(
        f"{_QUEUE} WHERE push_devices.student = :student",
        student=student,
        kind=kind,
        about=json.dumps(about),
        now=now,
        until=until,
    )


def queue_to_course(
    tx: Transaction, course: int, kind: str, *, now: datetime, until: datetime, **about: Any
) -> None:
    """Queue a message to each browser of the students who are in a course."""
    tx.execute(
        f"""
        {_QUEUE} JOIN enrolments ON enrolments.student = push_devices.student
        WHERE enrolments.course = :course
        """,
        course=course,
        kind=kind,
        about=json.dumps(about),
        now=now,
        until=until,
    )


def any_due(tx: Transaction, now: datetime) -> bool:
    """Whether a message is due, or worth nothing any more."""
    found = tx.scalar(
        "SELECT 1 FROM push_messages WHERE next_at <= :now OR expires_at <= :now LIMIT 1", now=now
    )
    return found is not None


def drop_expired(tx: Transaction, now: datetime) -> None:
    """Forget what is worth nothing any more."""
    tx.execute("DELETE FROM push_messages WHERE expires_at <= :now", now=now)


def clear(tx: Transaction) -> None:
    """Forget everything that waits."""
    tx.execute("DELETE FROM push_messages")


def claim(tx: Transaction, now: datetime, lease_until: datetime, limit: int) -> list[Row]:
    """Take some messages that are due, each with one attempt more; nobody else takes them until
    `lease_until`."""
    due = tx.all(
        """
        SELECT id, device, kind, about, attempts + 1 AS attempts, expires_at FROM push_messages
        WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit
        """,
        now=now,
        limit=limit,
    )
    return [
        row
        for row in due
        if tx.execute(
            """
            UPDATE push_messages SET next_at = :lease_until, attempts = attempts + 1
            WHERE id = :id AND next_at <= :now
            """,
            id=row["id"],
            now=now,
            lease_until=lease_until,
        )
    ]


def put_off(tx: Transaction, message: int, next_at: datetime) -> None:
    """Try a message again later."""
    tx.execute("UPDATE push_messages SET next_at = :at WHERE id = :id", at=next_at, id=message)


def done(tx: Transaction, message: int) -> None:
    """Forget a message that was sent, or that never will be."""
    tx.execute("DELETE FROM push_messages WHERE id = :id", id=message)
