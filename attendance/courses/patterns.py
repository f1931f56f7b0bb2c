"""Weekly patterns: on which days a course meets, and when that is in UTC.

A pattern is kept as wall-clock time, so a class at 9 stays at 9 through daylight saving. Each
occurrence lasts its minutes of real time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from attendance.core import zones
from attendance.core.errors import NotPlanned
from database import Row

DAYS = zones.WEEKDAYS


@dataclass(frozen=True)
class Occurrence:
    """One lesson of a plan. `day` is the one that the pattern gives it, and its name for ever."""

    plan: Row
    day: date
    starts_at: datetime
    ends_at: datetime
    is_moved: bool = False


@dataclass(frozen=True)
class Move:
    """One lesson that takes place on another day, or at another time."""

    day: date
    to: date
    start_time: str | None
    duration_minutes: int | None


def occurrences(plan: Row, first: date, last: date) -> Iterator[Occurrence]:
    """The lessons of the plan that take place from first to last, both included, by their day.

    Left out are the plan's exceptions and, unless it goes on then, the school's holidays. A lesson
    that was moved takes place where it was moved to, also in holidays.

    Args:
        plan: a row with its course's zone and the school's `free_days`.
    """
    moved = {move.day: move for move in moves(plan)}
    for day in pattern(plan, first, last):
        if day not in moved and not _is_free(plan, day):
            yield _occurrence(plan, day)
    for day, move in moved.items():
        if first <= move.to <= last and is_in_pattern(plan, day):
            yield _occurrence(plan, day, move)


def left_out(plan: Row, first: date, last: date) -> Iterator[Occurrence]:
    """The lessons that do not take place: the plan's exceptions, and those of holidays."""
    exceptions = set(json.loads(plan["exceptions"]))
    moved = {move.day for move in moves(plan)}
    for day in _weekly(plan, first, last):
        if day not in moved and (day.isoformat() in exceptions or _is_free(plan, day)):
            yield _occurrence(plan, day)


def occurrence_on(plan: Row, day: date) -> Occurrence:
    """The lesson that the pattern has on the day, wherever it was moved to. Raises `NotPlanned`."""
    for move in moves(plan):
        if move.day == day and is_in_pattern(plan, day):
            return _occurrence(plan, day, move)
    for occurrence in occurrences(plan, day, day):
        if occurrence.day == day:
            return occurrence
    raise NotPlanned


def pattern(plan: Row, first: date, last: date) -> Iterator[date]:
    """The days that the weekly pattern has, holidays among them, without its exceptions."""
    exceptions = set(json.loads(plan["exceptions"]))
    for day in _weekly(plan, first, last):
        if day.isoformat() not in exceptions:
            yield day


def _weekly(plan: Row, first: date, last: date) -> Iterator[date]:
    weekdays = {DAYS.index(name) for name in plan["days"].split(",")}
    began = date.fromisoformat(plan["first_day"])
    week = began - timedelta(days=began.weekday())
    day = max(first, began)
    end = min(last, date.fromisoformat(plan["last_day"]))
    while day <= end:
        is_week = (day - week).days // 7 % plan["every_weeks"] == 0
        if is_week and day.weekday() in weekdays:
            yield day
        day += timedelta(days=1)


def is_in_pattern(plan: Row, day: date) -> bool:
    """Whether the weekly pattern has this day."""
    return next(pattern(plan, day, day), None) is not None


def differences(
    before: Row, after: Row, now: datetime
) -> list[tuple[date, datetime | None, datetime | None]]:
    """Day, old start and new start of each lesson ahead that differs between two plans.

    A start is None where the plan has no such lesson.
    """
    first = now.date() - timedelta(days=1)
    last = max(
        *(date.fromisoformat(plan["last_day"]) for plan in (before, after)),
        *(move.to for plan in (before, after) for move in moves(plan)),
    )
    ahead = [
        {
            one.day: (one.starts_at, one.ends_at)
            for one in occurrences(plan, first, last)
            if one.ends_at > now
        }
        for plan in (before, after)
    ]
    return [
        (day, was and was[0], will and will[0])
        for day in sorted({*ahead[0], *ahead[1]})
        for was, will in [(ahead[0].get(day), ahead[1].get(day))]
        if was != will
    ]


def moves(plan: Row) -> list[Move]:
    """The plan's lessons that were moved."""
    return [
        Move(
            date.fromisoformat(move["day"]),
            date.fromisoformat(move["to"]),
            move["start_time"],
            move["duration_minutes"],
        )
        for move in json.loads(plan["moves"] or "[]")
    ]


def _is_free(plan: Row, day: date) -> bool:
    name = day.isoformat()
    return not plan["on_holidays"] and any(
        first <= name <= last for first, last in plan["free_days"]
    )


def _occurrence(plan: Row, day: date, move: Move | None = None) -> Occurrence:
    starts = time.fromisoformat((move and move.start_time) or plan["start_time"])
    minutes = (move and move.duration_minutes) or plan["duration_minutes"]
    starts_at = zones.moment(move.to if move else day, starts, plan["timezone"])
    return Occurrence(
        plan, day, starts_at, starts_at + timedelta(minutes=minutes), is_moved=move is not None
    )
