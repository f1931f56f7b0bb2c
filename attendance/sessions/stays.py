"""For how long a student was in the room: from the mark to the leaving, else to the end. No I/O.

Whoever comes back marks again, which takes the leaving back: the time outside is not taken off, and
the first mark stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from attendance.core.statuses import LATE, PRESENT
from attendance.courses import check_in
from attendance.sessions import rules

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stay:
    """When somebody left, and how long he or she was there; None: is there still."""

    left_at: datetime | None
    left_by: str | None
    minutes: int | None
    left_early: bool
    not_checked_out: bool


def of_list(
    marks: Iterable[Mapping[str, Any]],
    session: Mapping[str, Any],
    early_minutes: int,
    now: datetime,
) -> list[Stay | None]:
    """The same for each line of a session's list."""
    return [of(mark, session, early_minutes, now) for mark in marks]


def of(
    mark: Mapping[str, Any], session: Mapping[str, Any], early_minutes: int, now: datetime
) -> Stay | None:
    """What a mark and a leaving make together; None where the course does not ask, or who is marked
    was not there.

    Args:
        early_minutes: leaving so long before the end is no leaving early.
    """
    left_at: datetime | None = mark["left_at"]
    wanted = check_in.of(session).check_out
    arrived: datetime | None = mark["marked_at"]
    if mark["status"] not in (PRESENT, LATE) or arrived is None:
        return None
    if wanted == "off" and left_at is None:
        return None
    end = rules.end_of(session, now)
    planned = end or session["closes_at"]
    until = left_at or end
    return Stay(
        left_at,
        mark["left_by"],
        None if until is None else max(0, (until - arrived) // MINUTE),
        left_early=left_at is not None
        and planned is not None
        and left_at < planned - timedelta(minutes=early_minutes),
        not_checked_out=wanted == "required" and left_at is None and end is not None,
    )
