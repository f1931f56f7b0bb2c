"""Looking at a timetable: what it says is matched with courses, and compared with what is
planned."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from attendance.accounts.guard import Account
from attendance.core import texts, zones
from attendance.core.errors import InvalidRequest, TimetableNotFound, found
from attendance.core.services import Services
from attendance.courses import patterns
from attendance.courses.access import RIGHTS, Right, role_of
from attendance.planning.school_days import TERMS
from attendance.timetables import comparing, matching, reading
from attendance.timetables.comparing import Change, Lesson, Slot
from attendance.timetables.matching import Matcher
from attendance.timetables.reading import Source
from database import Row, Transaction, courses, plans, school_days, timetables
from database.rows import CourseRow

YEAR = timedelta(days=366)
MINUTE = timedelta(minutes=1)
LONGEST = timedelta(minutes=1440)


@dataclass
class Label:
    """What some entries are called, and the course that they are taken for."""

    label: str
    how: str
    course: int | None
    lessons: int = 0


@dataclass(frozen=True)
class Done:
    """What a reading found, and did unless it was only looked at."""

    timetable: Row | None
    last_day: datetime
    changes: list[Change]
    labels: list[Label]
    courses: dict[int, CourseRow]

    @property
    def counts(self) -> dict[str, int]:
        """How many lessons had each result."""
        found = Counter(change.result for change in self.changes)
        return {result: found[result] for result in comparing.RESULTS}


@dataclass(frozen=True)
class Wanted:
    """How to take it over."""

    # What entries are called, and the course's id or `matching.NONE`. Earlier ones count too.
    choices: dict[str, int] = field(default_factory=dict)
    name: str = ""
    automatic: bool = False


def own(tx: Transaction, account: Account, timetable: int, *, lock: bool = False) -> Row:
    """The account's timetable. Raises `TimetableNotFound`."""
    row = found(
        (timetables.by_id_locked if lock else timetables.by_id)(tx, timetable), TimetableNotFound
    )
    if row["teacher"] != account.id:
        raise TimetableNotFound
    return row


def look(
    parts: Services, account: Account, source: Source, wanted: Wanted, timetable: int | None
) -> Done:
    """What taking it over would do.

    Raises:
        TimetableNotFound, InvalidRequest: a choice names no course of the account's.
        TimetableUnreadable, RecurrenceTooDense, TimetableTooLarge: as `reading.lines`.
    """
    now = parts.clock.now()
    with parts.database.read() as tx:
        last = horizon(tx, now)
    lines = list(reading.lines(source.data, now, last))
    with parts.database.read() as tx:
        row = None if timetable is None else own(tx, account, timetable)
        return compared(tx, account, row, lines, wanted, now, last)


def horizon(tx: Transaction, now: datetime) -> datetime:
    """How far ahead is looked: to the end of the last term that ends within a year, else a year."""
    today, end = now.date().isoformat(), (now + YEAR).date().isoformat()
    ends = [
        row["last_day"]
        for row in school_days.every(tx, TERMS)
        if today <= str(row["last_day"]) <= end
    ]
    if not ends:
        return now + YEAR
    # a day more: terms end somewhere in the zone of their school
    return datetime.fromisoformat(max(ends)).replace(tzinfo=timezone.utc) + timedelta(days=2)


def courses_of(tx: Transaction, account: Account, now: datetime) -> list[CourseRow]:
    """The courses in use that the account may plan."""
    if account.is_admin:
        return courses.that_go_on(tx)
    return [
        course
        for course in courses.of_teacher(tx, account.id, now)
        if course["archived_at"] is None
        and Right.ORGANISE
        in RIGHTS.get(
            role_of(tx, account, teacher=course["teacher"], course=int(course["id"]), now=now)
            or "",
            set(),
        )
    ]


def choices_of(row: Row | None, wanted: Wanted) -> dict[str, int]:
    """What was chosen now, beside what was chosen before."""
    before = json.loads(row["choices"]) if row else {}
    return {**before, **wanted.choices}


def compared(
    tx: Transaction,
    account: Account,
    row: Row | None,
    lines: list[dict[str, Any]],
    wanted: Wanted,
    now: datetime,
    last: datetime,
) -> Done:
    """What becomes of the lessons of a timetable that is known (`row`), or new (None).

    Raises:
        InvalidRequest: a choice names no course of the account's.
    """
    mine = {int(course["id"]): course for course in courses_of(tx, account, now)}
    if not set(wanted.choices.values()) <= {matching.NONE, *mine}:
        raise InvalidRequest.of("assigned", "unknown", "There is no such course of yours.")
    matcher = Matcher(list(mine.values()), choices_of(row, wanted))
    labels: dict[str, Label] = {}
    said: dict[str, Lesson] = {}
    rejected: list[Change] = []
    free = school_days.free_days(tx)
    known = timetables.lessons(tx, int(row["id"])) if row else []
    taken: dict[int, set[datetime]] = {}
    for line in lines:
        if "broken" in line:
            rejected.append(Change(comparing.REJECTED, None, line["summary"], reason="unreadable"))
            continue
        if line["cancelled"]:
            continue
        name = matching.label_of(line)
        match = matcher.match(name, line["categories"])
        number = int(match.course["id"]) if match.course else None
        label = labels.setdefault(name, Label(name, match.how, number))
        label.lessons += 1
        if match.course is None or number is None:
            continue
        slot, reason = _slot(line, match.course["timezone"])
        if slot is not None and (slot.ends_at <= now or slot.starts_at > last):
            continue
        if slot is not None and reason is None:
            if number not in taken:
                taken[number] = _planned(tx, number, {int(one["id"]) for one in known}, now, last)
            day = zones.day_of(slot.starts_at, match.course["timezone"]).isoformat()
            if any(first <= day <= end for first, end in free):
                reason = "holiday"
            elif slot.starts_at in taken[number]:
                reason = "planned_already"
            else:
                taken[number].add(slot.starts_at)
        if slot is None or reason is not None:
            rejected.append(Change(comparing.REJECTED, number, name, after=slot, reason=reason))
            continue
        key = comparing.key_of(line["uid"], line["which"], number)
        said.setdefault(key, Lesson(key, dict(match.course), name, slot))
    changes = comparing.compare(known, list(said.values()), now)
    return Done(row, last, changes + rejected, list(labels.values()), mine)


def _slot(line: dict[str, Any], zone: str) -> tuple[Slot | None, str | None]:
    """When and where an entry is; or why it cannot be a lesson."""
    if line["all_day"]:
        return None, "all_day"
    starts, ends = (
        datetime.fromisoformat(line[name]).replace(second=0, microsecond=0)
        for name in ("starts_at", "ends_at")
    )
    if line["floating"]:
        starts, ends = (zones.moment(at.date(), at.time(), zone) for at in (starts, ends))
    slot = Slot(starts, ends, _room(line["location"]))
    if ends < starts + MINUTE:
        return slot, "no_end"
    if ends > starts + LONGEST:
        return slot, "too_long"
    local = zones.local(starts, zone)
    # the second of two hours that the clock shows twice in autumn has no name in a plan
    if zones.moment(local.date(), local.time().replace(fold=0), zone) != starts:
        return slot, "clock_change"
    return slot, None


def _room(location: str) -> str | None:
    try:
        return texts.line(location)[:80] or None
    except texts.Unacceptable:
        return None


def _planned(
    tx: Transaction, course: int, besides: set[int], now: datetime, last: datetime
) -> set[datetime]:
    """When the course has lessons ahead that are not of the timetable."""
    first = (now - timedelta(days=1)).date()
    return {
        one.starts_at
        for plan in plans.select(tx, course=course)
        if int(plan["id"]) not in besides
        for one in patterns.occurrences(plan, first, last.date())
    }
