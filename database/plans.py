"""Weekly patterns of sessions, and which day of one became which session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database import school_days, staff
from database.core import Row, Transaction
from database.filters import where

# What a teacher may change. Days and times are those of the course's zone.
FIELDS = (
    "subject",
    "section",
    "days",
    "start_time",
    "duration_minutes",
    "first_day",
    "last_day",
    "exceptions",
    "every_weeks",
    "on_holidays",
    "moves",
    "room",
    "late_after_minutes",
    "automatic",
)
_PLANS = f"""
    SELECT plans.id, plans.course, plans.created_at, plans.sequence,
           {", ".join(f"plans.{f}" for f in FIELDS)},
           courses.teacher, courses.code, courses.name, courses.timezone, courses.archived_at,
           (SELECT timetable_lessons.timetable FROM timetable_lessons
            WHERE timetable_lessons.plan = plans.id) AS timetable_id
    FROM plans JOIN courses ON courses.id = plans.course
"""


def create(tx: Transaction, course: int, values: dict[str, Any], now: datetime) -> int:
    """Add a plan with a value for each of `FIELDS`."""
    return tx.insert(
        f"""
        INSERT INTO plans (course, created_at, {", ".join(FIELDS)})
        VALUES (:course, :now, {", ".join(f":{name}" for name in FIELDS)})
        """,
        course=course,
        now=now,
        **values,
    )


def update(tx: Transaction, plan: int, values: dict[str, Any]) -> None:
    """Change a plan, with a value for each of `FIELDS`. Sessions that were held stay."""
    tx.execute(
        f"UPDATE plans SET {', '.join(f'{name} = :{name}' for name in FIELDS)}, "
        "sequence = sequence + 1 WHERE id = :id",
        id=plan,
        **values,
    )


def delete(tx: Transaction, plan: int, now: datetime) -> None:
    """Delete a plan. Sessions that were held stay; what was ahead is cancelled in calendars, which
    only `deleted` knows of."""
    tx.execute(
        """
        UPDATE plans SET deleted_at = :now, automatic = 0, sequence = sequence + 1 WHERE id = :id
        """,
        id=plan,
        now=now,
    )


def deleted(
    tx: Transaction,
    since: datetime,
    *,
    teacher: int | None = None,
    student: int | None = None,
    as_of: datetime | None = None,
) -> list[Row]:
    """The plans that were deleted since a time, of courses in use as in `select`."""
    clause, params = _of(None, teacher, student, as_of)
    return _plans(
        tx,
        f"""
        {clause} AND courses.archived_at IS NULL AND plans.deleted_at >= :since ORDER BY plans.id
        """,
        are_deleted=True,
        since=since,
        **params,
    )


def by_id(tx: Transaction, plan: int) -> Row | None:
    """The plan with this id, or None.

    As every plan, with its course's teacher, names and zone, and the school's `free_days`.
    """
    return next(iter(_plans(tx, "WHERE plans.id = :id", id=plan)), None)


def select(
    tx: Transaction,
    *,
    course: int | None = None,
    teacher: int | None = None,
    student: int | None = None,
    as_of: datetime | None = None,
) -> list[Row]:
    """The plans of a course, or in all courses in use of a student, or that a teacher has a
    part in as of a time."""
    clause, params = _of(course, teacher, student, as_of)
    in_use = "" if course is not None else "AND courses.archived_at IS NULL"
    return _plans(tx, f"{clause} {in_use} ORDER BY plans.first_day, plans.id", **params)


def _of(
    course: int | None, teacher: int | None, student: int | None, as_of: datetime | None
) -> tuple[str, dict[str, Any]]:
    return where(
        ("plans.course = :course", {"course": course}),
        (f"plans.course IN ({staff.COURSES})", {"teacher": teacher, "as_of": as_of}),
        (
            "plans.course IN (SELECT course FROM enrolments WHERE student = :student)",
            {"student": student},
        ),
    )


def automatic(tx: Transaction, first_day: str, last_day: str) -> list[Row]:
    """The plans of courses in use that open by themselves on any of these days."""
    return _plans(
        tx,
        """
        WHERE plans.automatic = 1 AND courses.archived_at IS NULL
          AND ((plans.last_day >= :first_day AND plans.first_day <= :last_day)
               OR plans.moves IS NOT NULL)
        """,
        first_day=first_day,
        last_day=last_day,
    )


def _plans(tx: Transaction, which: str, *, are_deleted: bool = False, **params: Any) -> list[Row]:
    is_it = "NOT NULL" if are_deleted else "NULL"
    rows = tx.all(f"{_PLANS} AND plans.deleted_at IS {is_it} {which}", **params)
    free = school_days.free_days(tx) if rows else []
    for row in rows:
        row["free_days"] = free
    return rows


def started(tx: Transaction, plans: list[int], first_day: str, last_day: str) -> list[Row]:
    """`plan` and `day`, with the session that it became, for days that became one.

    `discarded_at` tells of a session that was discarded: the day may become another one.
    """
    return tx.all(
        """
        SELECT planned_sessions.plan, planned_sessions.day, sessions.id AS session,
               sessions.locked, sessions.closes_at, sessions.ended_at, sessions.discarded_at
        FROM planned_sessions JOIN sessions ON sessions.id = planned_sessions.session
        WHERE planned_sessions.plan IN :plans
          AND planned_sessions.day >= :first_day AND planned_sessions.day <= :last_day
        """,
        plans=plans,
        first_day=first_day,
        last_day=last_day,
    )


def link(tx: Transaction, *, plan: int, day: str, session: int) -> None:
    """Say which session the day became; raises UniqueViolation if it became one already, unless
    that was discarded."""
    discarded = tx.one(
        """
        SELECT planned_sessions.session, sessions.sequence
        FROM planned_sessions JOIN sessions ON sessions.id = planned_sessions.session
        WHERE planned_sessions.plan = :plan AND planned_sessions.day = :day
          AND sessions.discarded_at IS NOT NULL
        """,
        plan=plan,
        day=day,
    )
    if discarded is not None:
        # calendars take only what has a higher number than what they know of the day
        tx.execute(
            "UPDATE plans SET sequence = sequence + :more WHERE id = :plan",
            more=int(discarded["sequence"]) + 1,
            plan=plan,
        )
        tx.execute(
            "DELETE FROM planned_sessions WHERE plan = :plan AND day = :day", plan=plan, day=day
        )
    tx.insert_row(
        "INSERT INTO planned_sessions (plan, day, session) VALUES (:plan, :day, :session)",
        plan=plan,
        day=day,
        session=session,
    )
