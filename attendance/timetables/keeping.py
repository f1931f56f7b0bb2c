"""Taking a timetable over: what it says is written, all of it or nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from attendance.accounts.guard import Account
from attendance.core.audit import By
from attendance.core.services import Services
from attendance.timetables import addresses, comparing, looking, reading
from attendance.timetables.comparing import Change
from attendance.timetables.reading import Source
from database import Transaction, plans, timetables
from database.rows import CourseRow


def take_over(
    parts: Services,
    account: Account,
    source: Source,
    wanted: looking.Wanted,
    timetable: int | None,
    by: By,
    *,
    most_cancelled: float = 1.0,
) -> looking.Done:
    """Write what the timetable says: all of it or nothing.

    Args:
        timetable: the one that is read again; None: a new one.
        most_cancelled: the part of the lessons ahead that may fall out at once.

    Raises:
        TimetableNotFound, InvalidRequest, TimetableUnreadable, RecurrenceTooDense,
        TimetableTooLarge: as `look`.
        TooManyCancelled: nothing was written.
    """
    now = parts.clock.now()
    with parts.database.read() as tx:
        last = looking.horizon(tx, now)
    lines = list(reading.lines(source.data, now, last))
    with parts.database.write() as tx:
        row = None if timetable is None else looking.own(tx, account, timetable, lock=True)
        done = looking.compared(tx, account, row, lines, wanted, now, last)
        _require_few_cancelled(done, most_cancelled)
        number = int(row["id"]) if row else _create(parts, tx, account, source, wanted, now)
        automatic = bool(row["automatic"]) if row else wanted.automatic
        for change in done.changes:
            _write(tx, number, done.courses, change, now, automatic=automatic)
        # what is not called so any more, or is no course any more, is forgotten
        kept = {
            name: course
            for name, course in looking.choices_of(row, wanted).items()
            if course in (0, *done.courses)
        }
        values: dict[str, Any] = {"choices": json.dumps(kept), "read_at": now, "checked_at": now}
        values |= {"etag": source.etag, "modified": source.modified, "error": None}
        if source.url is not None or (row and row["host"]):
            hours = parts.settings.timetable_hours
            values["next_at"] = now + timedelta(hours=hours) if hours else None
        timetables.note(tx, number, values)
        if row is None or any(done.counts[result] for result in comparing.WRITTEN):
            new = {"name": row["name"] if row else wanted.name, **done.counts}
            by.note(tx, now, "timetable.import", f"timetable:{number}", new=new)
        after = timetables.by_id(tx, number)
    return looking.Done(after, last, done.changes, done.labels, done.courses)


class TooManyCancelled(Exception):
    """More lessons would fall out than may by themselves."""


def _require_few_cancelled(done: looking.Done, most: float) -> None:
    counts = done.counts
    ahead = sum(counts.values()) - counts[comparing.NEW] - counts[comparing.REJECTED]
    if counts[comparing.CANCELLED] - counts[comparing.NEW] > max(2, ahead * most):
        raise TooManyCancelled


def _create(
    parts: Services,
    tx: Transaction,
    account: Account,
    source: Source,
    wanted: looking.Wanted,
    now: datetime,
) -> int:
    sealed = {} if source.url is None else addresses.sealed(parts, tx, source.url)
    return timetables.create(
        tx, teacher=account.id, name=wanted.name, automatic=wanted.automatic, now=now, **sealed
    )


def _write(
    tx: Transaction,
    timetable: int,
    mine: dict[int, CourseRow],
    change: Change,
    now: datetime,
    *,
    automatic: bool,
) -> None:
    lesson, plan = change.lesson, change.plan
    if change.result == comparing.CANCELLED and plan is not None:
        plans.delete(tx, plan, now)
        timetables.drop_lesson(tx, plan)
    if lesson is None:
        return
    if change.result == comparing.NEW:
        course = lesson.course
        made = {
            **comparing.values(lesson.slot, course),
            "subject": course["name"],
            "section": course["section"],
            "on_holidays": 0,
            "late_after_minutes": None,
            "automatic": int(automatic),
        }
        plan = plans.create(tx, int(course["id"]), made, now)
        timetables.add_lesson(tx, plan, timetable, lesson.key, **vars(lesson.slot))
    elif plan is not None and change.result in comparing.WRITTEN:
        row = plans.by_id(tx, plan)
        assert row is not None
        made = {name: row[name] for name in plans.FIELDS}
        plans.update(tx, plan, {**made, **comparing.values(lesson.slot, lesson.course)})
        timetables.drop_lesson(tx, plan)
        timetables.add_lesson(tx, plan, timetable, lesson.key, **vars(lesson.slot))
    elif plan is not None and change.is_renamed:
        timetables.rename_lesson(tx, plan, lesson.key)


def forget(parts: Services, account: Account, timetable: int, by: By) -> int:
    """Forget a timetable. Its lessons ahead are cancelled, but for what somebody changed by hand.

    Returns how many were. Raises `TimetableNotFound`.
    """
    now = parts.clock.now()
    with parts.database.write() as tx:
        row = looking.own(tx, account, timetable, lock=True)
        changes = comparing.compare(timetables.lessons(tx, timetable), [], now)
        gone = [one for one in changes if one.result == comparing.CANCELLED]
        for change in gone:
            assert change.plan is not None
            plans.delete(tx, change.plan, now)
        timetables.delete(tx, timetable)
        old = {"name": row["name"], "cancelled": len(gone)}
        by.note(tx, now, "timetable.delete", f"timetable:{timetable}", old=old)
    return len(gone)
