"""Browsers that somebody wants to be told in while no page is open, and what waits to be sent.

A message is queued in the transaction of what it tells, so that neither exists without the other;
some process sends it afterwards (`claim`). It names rows only, never what stands in them.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from database import leases
from database.core import Row, Transaction

_DEVICE = "id, student, teacher, endpoint, p256dh, auth, server_key, name, created_at, used_at"
_QUEUE = """
    INSERT INTO push_messages (device, kind, about, attempts, next_at, expires_at)
    SELECT push_devices.id, :kind, :about, 0, :now, :until FROM push_devices
"""


def add(
    tx: Transaction,
    kind: str,
    account: int,
    *,
    endpoint: str,
    endpoint_hash: str,
    p256dh: str,
    auth: str,
    server_key: str,
    name: str,
    now: datetime,
) -> int:
    """Add a browser of a `student` or `teacher` and return its id; whoever had it before has it no
    more.

    Raises:
        UniqueViolation: another request added it at this moment.
        ForeignKeyViolation: the account was deleted meanwhile.
    """
    tx.execute("DELETE FROM push_devices WHERE endpoint_hash = :hash", hash=endpoint_hash)
    return tx.insert(
        f"""
        INSERT INTO push_devices ({_owner(kind)}, endpoint, endpoint_hash, p256dh, auth, server_key,
                                  name, created_at)
        VALUES (:account, :endpoint, :endpoint_hash, :p256dh, :auth, :server_key, :name, :now)
        """,
        account=account,
        endpoint=endpoint,
        endpoint_hash=endpoint_hash,
        p256dh=p256dh,
        auth=auth,
        server_key=server_key,
        name=name,
        now=now,
    )


def _owner(kind: str) -> str:
    """The column of accounts of a kind."""
    return {"student": "student", "teacher": "teacher"}[kind]


def of_account(tx: Transaction, kind: str, account: int) -> list[Row]:
    """The browsers of a `student` or `teacher`, the oldest first."""
    return tx.all(
        f"""
        SELECT {_DEVICE}, endpoint_hash FROM push_devices
        WHERE {_owner(kind)} = :account ORDER BY id
        """,
        account=account,
    )


def by_id(tx: Transaction, device: int) -> Row | None:
    """The browser with this id, and the state of the teacher whose it is (None: a student's)."""
    return tx.one(
        f"""
        SELECT {_DEVICE}, (SELECT state FROM teachers WHERE teachers.id = push_devices.teacher)
               AS teacher_state
        FROM push_devices WHERE id = :id
        """,
        id=device,
    )


def drop(tx: Transaction, device: int) -> bool:
    """Forget a browser; False if there is none."""
    return tx.execute("DELETE FROM push_devices WHERE id = :id", id=device) > 0


def drop_all(tx: Transaction, kind: str, account: int) -> None:
    """Forget every browser of a `student` or `teacher`."""
    tx.execute(f"DELETE FROM push_devices WHERE {_owner(kind)} = :account", account=account)


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


def queue_to_teachers(
    tx: Transaction,
    teachers: list[int],
    kind: str,
    *,
    now: datetime,
    until: datetime,
    **about: Any,
) -> None:
    """Queue a message to each browser of some teachers."""
    tx.execute(
        f"{_QUEUE} WHERE push_devices.teacher IN :teachers",
        teachers=teachers,
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
    return leases.take(
        tx,
        """
        SELECT id, device, kind, about, attempts + 1 AS attempts, expires_at FROM push_messages
        WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit
        """,
        """
        UPDATE push_messages SET next_at = :lease_until, attempts = attempts + 1
        WHERE id = :id AND next_at <= :now
        """,
        now=now,
        lease_until=lease_until,
        limit=limit,
    )


def put_off(tx: Transaction, message: int, next_at: datetime) -> None:
    """Try a message again later."""
    tx.execute("UPDATE push_messages SET next_at = :at WHERE id = :id", at=next_at, id=message)


def done(tx: Transaction, message: int) -> None:
    """Forget a message that was sent, or that never will be."""
    tx.execute("DELETE FROM push_messages WHERE id = :id", id=message)
