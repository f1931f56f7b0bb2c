"""Timetables of other programs, and which planned lesson is which of theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database.core import Row, Transaction
from database.plans import FIELDS

_COLUMNS = """
    timetables.id, timetables.teacher, timetables.name, timetables.host, timetables.etag,
    timetables.modified, timetables.choices, timetables.automatic, timetables.created_at,
    timetables.read_at, timetables.checked_at, timetables.next_at, timetables.error
"""


def create(
    tx: Transaction,
    *,
    teacher: int,
    name: str,
    automatic: bool,
    now: datetime,
    host: str | None = None,
    key_id: str | None = None,
    url: bytes | None = None,
) -> int:
    """Add a timetable; without an address, it is a file's."""
    return tx.insert(
        """
        INSERT INTO timetables (teacher, name, host, key_id, url, choices, automatic, created_at,
                                read_at, checked_at)
        VALUES (:teacher, :name, :host, :key_id, :url, '{}', :automatic, :now, :now, :now)
        """,
        teacher=teacher,
        name=name,
        host=host,
        key_id=key_id,
        url=url,
        automatic=int(automatic),
        now=now,
    )


def by_id(tx: Transaction, timetable: int) -> Row | None:
    """The timetable with this id, or None."""
    return tx.one(f"SELECT {_COLUMNS} FROM timetables WHERE id = :id", id=timetable)


def by_id_locked(tx: Transaction, timetable: int) -> Row | None:
    """The same, held until commit: who reads it anew waits."""
    return tx.one(
        f"SELECT {_COLUMNS} FROM timetables WHERE id = :id {tx.update_lock}", id=timetable
    )


def of_teacher(tx: Transaction, teacher: int) -> list[Row]:
    """A teacher's timetables, oldest first, each with the number of its `lessons` ahead or past."""
    return tx.all(
        f"""
        SELECT {_COLUMNS},
               (SELECT COUNT(*) FROM timetable_lessons
                JOIN plans ON plans.id = timetable_lessons.plan
                WHERE timetable_lessons.timetable = timetables.id
                  AND plans.deleted_at IS NULL) AS lessons
        FROM timetables WHERE timetables.teacher = :teacher ORDER BY timetables.id
        """,
        teacher=teacher,
    )


def url_of(tx: Transaction, timetable: int) -> Row | None:
    """`key_id` and the encrypted `url`, or None."""
    return tx.one("SELECT key_id, url FROM timetables WHERE id = :id", id=timetable)


def due(tx: Transaction, now: datetime) -> list[Row]:
    """The timetables whose address shall be asked again."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM timetables WHERE next_at <= :now ORDER BY next_at, id", now=now
    )


def claim(tx: Transaction, timetable: int, due_at: datetime, next_at: datetime) -> bool:
    """Take the turn of asking an address; False where another process has."""
    return bool(
        tx.execute(
            "UPDATE timetables SET next_at = :next_at WHERE id = :id AND next_at = :due_at",
            id=timetable,
            due_at=due_at,
            next_at=next_at,
        )
    )


def note(tx: Transaction, timetable: int, values: dict[str, Any]) -> None:
    """Write down how a reading went: columns by their names."""
    settings = ", ".join(f"{name} = :{name}" for name in values)
    tx.execute(f"UPDATE timetables SET {settings} WHERE id = :id", id=timetable, **values)


def delete(tx: Transaction, timetable: int) -> None:
    """Forget a timetable; its lessons stay, as planned by hand."""
    tx.execute("DELETE FROM timetables WHERE id = :id", id=timetable)


# -- lessons


def lessons(tx: Transaction, timetable: int) -> list[Row]:
    """Each lesson: the plan's fields, and what the timetable said of it last (`said_…`).

    `held` is 1 where it became a session, `deleted_at` tells who took it out by hand.
    """
    return tx.all(
        f"""
        SELECT plans.id, plans.course, plans.deleted_at, {", ".join(f"plans.{f}" for f in FIELDS)},
               courses.timezone, timetable_lessons.lesson_key,
               timetable_lessons.starts_at AS said_starts_at,
               timetable_lessons.ends_at AS said_ends_at, timetable_lessons.room AS said_room,
               CASE WHEN EXISTS (SELECT 1 FROM planned_sessions
                                 WHERE planned_sessions.plan = plans.id) THEN 1 ELSE 0 END AS held
        FROM timetable_lessons
        JOIN plans ON plans.id = timetable_lessons.plan
        JOIN courses ON courses.id = plans.course
        WHERE timetable_lessons.timetable = :timetable
        ORDER BY timetable_lessons.starts_at, plans.id
        """,
        timetable=timetable,
    )


def add_lesson(
    tx: Transaction,
    plan: int,
    timetable: int,
    lesson_key: str,
    *,
    starts_at: datetime,
    ends_at: datetime,
    room: str | None,
) -> None:
    """Say which lesson of a timetable a plan is."""
    tx.insert_row(
        """
        INSERT INTO timetable_lessons (plan, timetable, lesson_key, starts_at, ends_at, room)
        VALUES (:plan, :timetable, :lesson_key, :starts_at, :ends_at, :room)
        """,
        plan=plan,
        timetable=timetable,
        lesson_key=lesson_key,
        starts_at=starts_at,
        ends_at=ends_at,
        room=room,
    )


def drop_lesson(tx: Transaction, plan: int) -> None:
    """Forget which lesson of a timetable a plan was."""
    tx.execute("DELETE FROM timetable_lessons WHERE plan = :plan", plan=plan)


def rename_lesson(tx: Transaction, plan: int, lesson_key: str) -> None:
    """Know a lesson by another key."""
    tx.execute(
        "UPDATE timetable_lessons SET lesson_key = :lesson_key WHERE plan = :plan",
        plan=plan,
        lesson_key=lesson_key,
    )
