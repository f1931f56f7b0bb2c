"""Keys for device clients: a camera at a door, a script that fetches records.

A key is `ak_` and 256 random bits, shown once. The database knows its hash only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from attendance.core.audit import By
from attendance.core.errors import (
    ApiKeyInvalid,
    ApiKeyNotFound,
    CourseNotFound,
    ScopeMissing,
    found,
)
from attendance.core.services import Services
from attendance.crypto import tokens
from database import Row, Transaction, api_keys
from database import courses as course_store

PREFIX = "ak_"
HINT_LENGTH = len(PREFIX) + 5
# `last used` is kept to the minute: a device that calls every second writes rarely.
USE_INTERVAL = timedelta(minutes=1)


def create(
    parts: Services,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
    by: By,
    courses: Collection[int] = (),
    room: str | None = None,
) -> tuple[Row, str]:
    """A new key: its row, and the key itself, which nothing can show again.

    Args:
        parts: the application's.
        name: what people call the device.
        scopes: what it may do.
        expires_at: until when; None: until it is revoked.
        by: who makes it.
        courses: the courses that it is bound to.
        room: the room that it is bound to.

    Raises:
        CourseNotFound: one of the courses.
    """
    key = PREFIX + tokens.new_secret()
    now = parts.clock.now()
    with parts.database.write() as tx:
        for course in courses:
            found(course_store.by_id(tx, course), CourseNotFound)
        row = api_keys.create(
            tx,
            courses=courses,
            room=room,
            name=name,
            key_hash=tokens.hashed(key),
            hint=key[:HINT_LENGTH],
            scopes=scopes,
            expires_at=expires_at,
            now=now,
        )
        subject = f"api_key:{row['id']}"
        bound: dict[str, Any] = {"course_ids": sorted(set(courses))} if courses else {}
        bound |= {} if room is None else {"room": room}
        by.note(tx, now, "api_key.create", subject, new={"name": name, "scopes": scopes, **bound})
    return row, key


def revoke(parts: Services, key_id: int, by: By) -> None:
    """Refuse the key from now on. Raises `ApiKeyNotFound`."""
    with parts.database.write() as tx:
        _delete(tx, found(api_keys.by_id(tx, key_id), ApiKeyNotFound), by, parts.clock.now())


def revoke_bound_to(tx: Transaction, course: int, by: By, now: datetime) -> None:
    """Before a course goes: a key that is bound to nothing else would serve every course then."""
    for row in api_keys.bound_only_to(tx, course):
        _delete(tx, row, by, now)


def require_bound_to(tx: Transaction, key: Mapping[str, Any], course: int | None) -> None:
    """A key that is bound to courses reads one of these; one of a room reads of none.

    Raises:
        ScopeMissing
    """
    bound = api_keys.courses_of(tx, int(key["id"]))
    if (bound or key["room"] is not None) and course not in bound:
        raise ScopeMissing("This API key is bound to courses: name one of them in course_id.")


def courses_served(tx: Transaction, key: Mapping[str, Any]) -> list[int] | None:
    """The courses whose students a key finds and registers; None: those of the whole school.

    Raises:
        ScopeMissing: it is bound to a room only, and a room has no students.
    """
    bound = api_keys.courses_of(tx, int(key["id"]))
    if bound:
        return bound
    if key["room"] is not None:
        raise ScopeMissing("This API key is bound to a room: it needs a course for this.")
    return None


def _delete(tx: Transaction, row: Mapping[str, Any], by: By, now: datetime) -> None:
    old = {"name": row["name"], "scopes": scopes_of(row)}
    api_keys.delete(tx, int(row["id"]))
    by.note(tx, now, "api_key.delete", f"api_key:{row['id']}", old=old)


def authenticate(parts: Services, key: str) -> Row:
    """The row of a key that counts. Raises `ApiKeyInvalid`."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        row = api_keys.by_hash(tx, tokens.hashed(key))
    if row is None or (row["expires_at"] is not None and row["expires_at"] <= now):
        raise ApiKeyInvalid
    if row["last_used_at"] is None or now - row["last_used_at"] >= USE_INTERVAL:
        with parts.database.write() as tx:
            api_keys.note_use(tx, int(row["id"]), now)
    return row


def scopes_of(row: Mapping[str, Any]) -> list[str]:
    """What the key may do."""
    return str(row["scopes"]).split()
