"""`flask export`: attendance, one student, or the audit log as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from attendance.accounts import audit_log, personal_data
from attendance.commands.terminal import progress, told, write_json
from attendance.core import student_numbers, zones
from attendance.core.audit import CLI
from attendance.core.errors import CourseNotFound, StudentNotFound, found
from attendance.core.files import whole
from attendance.core.services import Services
from attendance.reports import presenting
from attendance.room import comparing
from attendance.sessions.presenting import REASON_COLUMNS, STAY_COLUMNS
from attendance.spreadsheets.csv_lines import csv_lines
from attendance.web.current import services
from database import audit, courses, records, students

FILE = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
COLUMNS = (
    *("session_id", "course_id", "subject", "section", "started_at", "ended_at"),
    *("student_id", "name", "status", "method", "distance", "marked_at", "remark"),
    *("evidence", "camera"),
    *STAY_COLUMNS,
    *REASON_COLUMNS,
)
PAGE = 1000


@click.group("export")
def export() -> None:
    """Write attendance, everything about a student, or the audit log to a file."""


@export.command("attendance")
@click.argument("file", type=FILE)
@click.option("--course", type=int, help="Id of the course; default: every session.")
@click.option("--from", "first", type=DAY, help="First day.")
@click.option("--to", "last", type=DAY, help="Last day, included.")
@told
def attendance(
    file: Path, course: int | None, first: datetime | None, last: datetime | None
) -> None:
    """Write where every student stood in every session to FILE (CSV), newest session first.

    Where a course wants its students to check out, when each left and for how many minutes he or
    she was there; last, the reason of the school.

    Days are those of the course's time zone, or else of the school's.
    """
    parts = services()
    zone = _zone(parts, course)
    begins_at = zones.days(first.date(), first.date(), zone)[0] if first else None
    ends_at = zones.days(last.date(), last.date(), zone)[1] if last else None
    with progress("Exporting", None) as advance:
        rows = _records(parts, course, begins_at, ends_at)
        number = _write_csv(file, COLUMNS, rows, advance)
    click.echo(f"{file}: {number} lines")


@export.command("student")
@click.argument("student_id")
@click.argument("file", type=FILE)
@told
def student(student_id: str, file: Path) -> None:
    """Write everything that is kept about the student STUDENT_ID to FILE (JSON)."""
    parts = services()
    with parts.database.write() as tx:
        row = found(students.known_as(tx, *student_numbers.forms(student_id)), StudentNotFound)
        CLI.note(tx, parts.clock.now(), "student.export", f"student:{row['id']}")
    write_json(file, personal_data.of_student(parts, row))
    click.echo(f"{file}: everything about {row['name']} ({student_id})")


@export.command("audit")
@click.argument("file", type=FILE)
@told
def audit_lines(file: Path) -> None:
    """Write the audit log to FILE (CSV), newest line first."""
    table = audit_log.table(services(), audit.Filter())
    header = next(table)
    with progress("Exporting", None) as advance:
        number = _write_csv(file, header, table, advance)
    click.echo(f"{file}: {number} lines")


def _zone(parts: Services, course: int | None) -> str:
    if course is None:
        return parts.settings.timezone
    with parts.database.read() as tx:
        row = courses.by_id(tx, course)
    if row is None:
        raise CourseNotFound
    return str(row["timezone"])


def _records(
    parts: Services, course: int | None, begins_at: datetime | None, ends_at: datetime | None
) -> Iterator[tuple[Any, ...]]:
    """Line by line, of one moment: a page at a time, in one transaction."""
    now, after = parts.clock.now(), None
    early = parts.settings.left_early_minutes
    with parts.database.snapshot() as tx:
        while rows := records.page(
            tx,
            now,
            teacher=None,
            course=course,
            session=None,
            student_ids=None,
            status=None,
            begins_at=begins_at,
            ends_at=ends_at,
            after=after,
            limit=PAGE,
        ):
            seen = comparing.of_many(tx, {row["session"]: row["course"] for row in rows})
            for shown in presenting.records(rows, seen, now, early):
                shown["evidence"] = " ".join(shown["evidence"])
                shown |= shown["stay"] or dict.fromkeys(STAY_COLUMNS)
                yield tuple(shown[column] for column in COLUMNS)
            after = (int(rows[-1]["session"]), int(rows[-1]["student"]))


def _write_csv(
    file: Path, header: tuple[Any, ...], rows: Iterable[tuple[Any, ...]], advance: Any
) -> int:
    number = 0

    def counted() -> Iterator[tuple[Any, ...]]:
        nonlocal number
        yield header
        for row in rows:
            number += 1
            advance(1)
            yield row

    with whole(file) as draft, draft.open("w", encoding="utf-8", newline="") as out:
        out.writelines(csv_lines(counted()))
    return number
