"""Timetables that are read again: by a button, or by themselves."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from attendance.accounts.guard import Account
from attendance.core.audit import By
from attendance.core.errors import Problem, TimetableNotFound, TimetableUnreadable
from attendance.core.roles import ACTIVE, TEACHER
from attendance.core.services import Services
from attendance.timetables import addresses, keeping, looking
from attendance.timetables.keeping import TooManyCancelled
from attendance.timetables.looking import Wanted
from attendance.timetables.reading import Source
from database import Row, teachers, timetables

log = logging.getLogger("attendance")

# What is asked for again only where it has changed is read whole after this time: the end of what
# is looked at moves on.
WHOLE_AFTER = timedelta(days=7)
# The part of the lessons ahead that may fall out without anybody looking.
MOST_CANCELLED = 1 / 3
HELD_BACK = "held_back"
# After an address that failed.
AGAIN = timedelta(hours=1)


def run_due(parts: Services) -> int:
    """Read one timetable again whose time has come; returns how many."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        due = timetables.due(tx, now)
    for row in due:
        with parts.database.write() as tx:
            is_mine = timetables.claim(tx, int(row["id"]), row["next_at"], now + AGAIN)
        if is_mine:
            _refresh(parts, row, now)
            return 1
    return 0


def _refresh(parts: Services, row: Row, now: datetime) -> None:
    number = int(row["id"])
    try:
        error = _read(parts, row, now)
    except Problem as problem:
        error = problem.code
    except TooManyCancelled:
        error = HELD_BACK
    if error is not None:
        log.warning("timetable %d was not read again: %s", number, error)
        with parts.database.write() as tx:
            timetables.note(tx, number, {"error": error, "checked_at": now})


def _read(parts: Services, row: Row, now: datetime) -> str | None:
    number = int(row["id"])
    with parts.database.read() as tx:
        teacher = teachers.by_id(tx, int(row["teacher"]))
    if teacher is None or teacher["state"] != ACTIVE:
        return "account_suspended"
    account = Account(TEACHER, teacher)
    url = addresses.opened(parts, number)
    if url is None:
        raise TimetableNotFound
    is_fresh = row["error"] is None and now - row["read_at"] < WHOLE_AFTER
    source = addresses.fetched(parts, url, row if is_fresh else None)
    if source is None:
        hours = parts.settings.timetable_hours
        next_at = now + timedelta(hours=hours) if hours else None
        with parts.database.write() as tx:
            timetables.note(tx, number, {"checked_at": now, "next_at": next_at})
        return None
    by = By(account.name)
    keeping.take_over(parts, account, source, Wanted(), number, by, most_cancelled=MOST_CANCELLED)
    return None


def source_of(parts: Services, account: Account, timetable: int) -> Source:
    """What the address of an own timetable answers now.

    Raises:
        TimetableNotFound, TimetableUnreachable, TimetableTooLarge
        TimetableUnreadable: it is a file's, of which a newer one is needed.
    """
    with parts.database.read() as tx:
        looking.own(tx, account, timetable)
    url = addresses.opened(parts, timetable)
    if url is None:
        raise TimetableUnreadable("This timetable has no address: send a newer file.")
    source = addresses.fetched(parts, url)
    assert source is not None
    return source
