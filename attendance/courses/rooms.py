"""Rooms with rules of their own: from which networks the sessions that are held there check in."""

from __future__ import annotations

import json
from collections.abc import Sequence

from attendance.core.audit import By
from attendance.core.errors import RoomExists, RoomNotFound, found
from attendance.core.services import Services
from attendance.core.texts import compared
from attendance.courses import check_in
from database import Row, Transaction, UniqueViolation
from database import rooms as stored
from database.rows import SessionRow


def add(parts: Services, name: str, networks: Sequence[str], by: By) -> Row:
    """Add a room. Raises `RoomExists`."""
    try:
        with parts.database.write() as tx:
            number = stored.add(tx, **_columns(name, networks))
            values = {"name": name, "networks": list(networks)}
            by.note(tx, parts.clock.now(), "room.add", f"room:{number}", new=values)
    except UniqueViolation:
        raise RoomExists from None
    return {"id": number, **values}


def change(parts: Services, number: int, name: str, networks: Sequence[str], by: By) -> Row:
    """Give a room another name or other networks, which count from the next mark on.

    Raises:
        RoomNotFound, RoomExists
    """
    try:
        with parts.database.write() as tx:
            before = shown(found(stored.by_id(tx, number), RoomNotFound))
            stored.change(tx, number, **_columns(name, networks))
            after = {"id": number, "name": name, "networks": list(networks)}
            now = parts.clock.now()
            by.note(tx, now, "room.change", f"room:{number}", old=before, new=after)
    except UniqueViolation:
        raise RoomExists from None
    return after


def delete(parts: Services, number: int, by: By) -> None:
    """Delete a room: sessions there go by their courses' networks. Raises `RoomNotFound`."""
    with parts.database.write() as tx:
        before = shown(found(stored.by_id(tx, number), RoomNotFound))
        stored.delete(tx, number)
        by.note(tx, parts.clock.now(), "room.delete", f"room:{number}", old=before)


def shown(row: Row) -> Row:
    """A room as the outside sees it."""
    return {"id": row["id"], "name": row["name"], "networks": json.loads(row["networks"])}


def networks_of(tx: Transaction, session: SessionRow) -> tuple[str, ...]:
    """From which networks a session checks in: its room's, else its course's; empty: from all."""
    room = None if session["room"] is None else stored.by_key(tx, compared(session["room"]))
    own = () if room is None else tuple(json.loads(room["networks"]))
    return own or check_in.of(session).networks


def _columns(name: str, networks: Sequence[str]) -> dict[str, str]:
    return {"name": name, "name_key": compared(name), "networks": json.dumps(list(networks))}
