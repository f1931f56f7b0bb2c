"""Reasons of the school: beyond the four statuses, each with what it means for percentages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attendance.core.audit import By
from attendance.core.errors import (
    ReasonExists,
    ReasonNotFound,
    ReasonOfOther,
    ReasonRetired,
    found,
)
from attendance.core.services import Services
from attendance.core.texts import compared
from attendance.courses.reason_schemas import Reason
from database import Row, Transaction, UniqueViolation, notice_checks
from database import reasons as stored


def shown(row: Row) -> Row:
    """A reason as the outside sees it."""
    return Reason.shown(row, retired=row["retired_at"] is not None)


def add(parts: Services, wanted: Mapping[str, Any], by: By) -> Row:
    """Add a reason: `name`, `code`, `status`, `meaning`. Raises `ReasonExists`."""
    now = parts.clock.now()
    try:
        with parts.database.write() as tx:
            keys = _keys(wanted["name"], wanted["code"])
            number = stored.add(tx, **wanted, **keys, now=now)
            by.note(tx, now, "reason.add", f"reason:{number}", new=dict(wanted))
            return shown(found(stored.by_id(tx, number), ReasonNotFound))
    except UniqueViolation:
        raise ReasonExists from None


def change(parts: Services, number: int, wanted: Mapping[str, Any], by: By) -> Row:
    """Change some of `name`, `code`, `meaning`, `retired`; marks that bear it count accordingly.

    Raises:
        ReasonNotFound, ReasonExists
    """
    now = parts.clock.now()
    try:
        with parts.database.write() as tx:
            row = found(stored.by_id(tx, number), ReasonNotFound)
            before = shown(row)
            after = {**before, **wanted}
            if after == before:
                return before
            stored.change(
                tx,
                number,
                **{name: after[name] for name in ("name", "code", "meaning")},
                **_keys(after["name"], after["code"]),
                retired_at=(row["retired_at"] or now) if after["retired"] else None,
            )
            if after["meaning"] != before["meaning"]:
                notice_checks.note_every_course(tx, now)
            by.note(tx, now, "reason.change", f"reason:{number}", old=before, new=after)
    except UniqueViolation:
        raise ReasonExists from None
    return after


def usable(tx: Transaction, reason: int | None, status: str, kept: int | None = None) -> Row | None:
    """The reason that a mark or an excuse of this status may have; None where none is wanted.

    Args:
        kept: the reason that stands there now, which may stay although it was retired.

    Raises:
        ReasonNotFound, ReasonOfOther, ReasonRetired
    """
    if reason is None:
        return None
    return checked(stored.by_id(tx, reason), status, kept)


def checked(row: Row | None, status: str, kept: int | None = None) -> Row:
    """The same, of a reason that was read already. Raises as `usable`."""
    row = found(row, ReasonNotFound)
    if row["status"] != status:
        raise ReasonOfOther(f"{row['name']} is a reason for {row['status']}, not for {status}.")
    if row["retired_at"] is not None and row["id"] != kept:
        raise ReasonRetired(f"{row['name']} is no longer in use.")
    return row


def _keys(name: str, code: str) -> dict[str, str]:
    return {"name_key": compared(name), "code_key": compared(code)[:40]}
