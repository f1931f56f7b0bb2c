"""What a timetable says now beside what is planned: new, moved, cancelled, kept. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from attendance.core import zones
from attendance.courses.patterns import DAYS
from database import Row

NEW, MOVED, ROOM_CHANGED, CANCELLED = "new", "moved", "room_changed", "cancelled"
KEPT, HELD, UNCHANGED, REJECTED = "kept", "held", "unchanged", "rejected"
RESULTS = (NEW, MOVED, ROOM_CHANGED, CANCELLED, KEPT, HELD, UNCHANGED, REJECTED)
# What is written.
WRITTEN = (NEW, MOVED, ROOM_CHANGED, CANCELLED)


@dataclass(frozen=True)
class Slot:
    """When and where a lesson is."""

    starts_at: datetime
    ends_at: datetime
    room: str | None


@dataclass(frozen=True)
class Lesson:
    """A lesson of the timetable, of a course that is known."""

    key: str
    course: Row
    label: str
    slot: Slot


@dataclass(frozen=True)
class Change:
    """What becomes of one lesson."""

    result: str
    course: int | None
    label: str | None = None
    before: Slot | None = None
    after: Slot | None = None
    reason: str | None = None
    plan: int | None = None
    lesson: Lesson | None = field(default=None, repr=False)
    # Whether the timetable knows the lesson by another key than before.
    is_renamed: bool = False


def values(slot: Slot, course: Row) -> dict[str, Any]:
    """The fields of the plan that has this one lesson, and no other."""
    starts = zones.local(slot.starts_at, course["timezone"])
    day = starts.date().isoformat()
    return {
        "days": DAYS[starts.weekday()],
        "start_time": f"{starts:%H:%M}",
        "duration_minutes": (slot.ends_at - slot.starts_at) // timedelta(minutes=1),
        "first_day": day,
        "last_day": day,
        "every_weeks": 1,
        "exceptions": "[]",
        "moves": None,
        "room": slot.room,
    }


def compare(known: Sequence[Row], said: Sequence[Lesson], now: datetime) -> list[Change]:
    """What becomes of each lesson, by time. Sessions that were held stay, and so does what somebody
    changed by hand; what is gone from the timetable is cancelled where it lies ahead.

    Args:
        known: as `database.timetables.lessons` gives them.
        said: the lessons of the timetable that are not over.
    """
    pairs, left, gone = _paired(known, said)
    changes = [
        Change(NEW, int(one.course["id"]), one.label, after=one.slot, lesson=one) for one in left
    ]
    changes += [_of_pair(row, lesson) for row, lesson in pairs]
    changes += _gone(gone, now)
    return sorted(changes, key=_begins)


def _paired(
    known: Sequence[Row], said: Sequence[Lesson]
) -> tuple[list[tuple[Row, Lesson]], list[Lesson], list[Row]]:
    """Which lesson is which: pairs, what is new, and what is gone.

    Where a key is not known, it is the lesson of the same event and day (a series that moves gives
    all its lessons other keys), or of the same event in the same order, or else of the same time:
    some programs give every lesson another name each time.
    """
    rows = {str(row["lesson_key"]): row for row in known}
    pairs: list[tuple[Row, Lesson]] = []
    left = {lesson.key: lesson for lesson in said}

    def pair(of_row: Callable[[Row], object], of_lesson: Callable[[Lesson], object]) -> None:
        index = {of_row(row): key for key, row in reversed(rows.items())}
        for lesson in list(left.values()):
            key = index.pop(of_lesson(lesson), None)
            if key is not None:
                pairs.append((rows.pop(key), left.pop(lesson.key)))

    pair(lambda row: row["lesson_key"], lambda lesson: lesson.key)
    pair(
        lambda row: (event_of(row["lesson_key"]), _day(row["said_starts_at"], row)),
        lambda lesson: (event_of(lesson.key), _day(lesson.slot.starts_at, lesson.course)),
    )
    ahead: dict[str, list[Lesson]] = {}
    for lesson in sorted(left.values(), key=_begins_at):
        ahead.setdefault(event_of(lesson.key), []).append(lesson)
    before: dict[str, list[str]] = {}
    for key in rows:
        before.setdefault(event_of(key), []).append(key)
    for event, keys in before.items():
        if len(keys) == len(ahead.get(event, [])):
            for key, lesson in zip(keys, ahead[event], strict=True):
                pairs.append((rows.pop(key), left.pop(lesson.key)))
    pair(
        lambda row: (int(row["course"]), row["said_starts_at"]),
        lambda lesson: (int(lesson.course["id"]), lesson.slot.starts_at),
    )
    return pairs, list(left.values()), list(rows.values())


def key_of(event: str, which: str, course: int) -> str:
    """How a lesson is known: by its event and course, and which of the event's occurrences."""
    digest = hashlib.sha256(json.dumps([event, course]).encode()).hexdigest()
    return f"{digest[:32]}:{which[:31]}"


def event_of(key: str) -> str:
    """What the lessons of one event in one course have in common."""
    return key.partition(":")[0]


def _day(at: datetime, course: Row) -> str:
    return zones.day_of(at, course["timezone"]).isoformat()


def _begins_at(lesson: Lesson) -> datetime:
    return lesson.slot.starts_at


def _begins(change: Change) -> datetime:
    slot = change.after or change.before
    assert slot is not None
    return slot.starts_at


def _of_pair(row: Row, lesson: Lesson) -> Change:
    before, after = said_of(row), lesson.slot
    if row["held"]:
        result = HELD if after != before else UNCHANGED
    elif is_changed_by_hand(row):
        result = KEPT
    elif (after.starts_at, after.ends_at) != (before.starts_at, before.ends_at):
        result = MOVED
    else:
        result = UNCHANGED if after.room == before.room else ROOM_CHANGED
    number = int(row["id"])
    is_renamed = row["lesson_key"] != lesson.key
    course, label = int(row["course"]), lesson.label
    return Change(result, course, label, before, after, None, number, lesson, is_renamed)


def _gone(rows: Iterable[Row], now: datetime) -> Iterable[Change]:
    for row in rows:
        before = said_of(row)
        if before.ends_at <= now or row["held"]:
            continue
        result = KEPT if is_changed_by_hand(row) else CANCELLED
        yield Change(result, int(row["course"]), None, before, plan=int(row["id"]))


def said_of(row: Row) -> Slot:
    """What the timetable said of a lesson when it was last read."""
    return Slot(row["said_starts_at"], row["said_ends_at"], row["said_room"])


def is_changed_by_hand(row: Row) -> bool:
    """Whether the plan is another than the timetable made it, or was deleted."""
    made = values(said_of(row), row)
    return row["deleted_at"] is not None or any(row[name] != made[name] for name in made)
