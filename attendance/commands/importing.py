"""`flask import-faces` and `flask import-roster`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from attendance.commands.terminal import PARTLY_REFUSED, as_read, progress, told
from attendance.core.audit import CLI
from attendance.core.clock import iso
from attendance.core.errors import CourseNotFound
from attendance.core.files import whole
from attendance.core.roles import STUDENT
from attendance.core.services import Services
from attendance.courses import roster, roster_lines
from attendance.faces import importing
from attendance.faces.importing import Line
from attendance.spreadsheets import decoding
from attendance.spreadsheets.csv_lines import csv_lines
from attendance.web.current import services
from database import courses

COLUMNS = ("source", "student_id", "result", "reason", "detail")
INVITED = ("student_id", "name", "email", "link", "expires_at")


@click.command("import-faces")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Enrol again those who have templates already.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write every line as CSV."
)
@told
def import_faces(folder: Path, replace: bool, report: Path | None) -> None:
    """Enrol the faces of students from the photographs in FOLDER.

    A folder per student (S001_John/front.jpg) or a file per picture (S001_John.jpg); the name
    begins with the student id. Up to five pictures of a student are used. Run it again after an
    interruption or with more pictures: who has templates is left alone. Have the consent of the
    people on the photographs.

    Ends with status 3 if a picture was refused; the report tells which and why: no face, several
    faces, belongs to someone else, no such student.
    """
    parts = services()
    parts.stored_settings.refresh()
    found = importing.batches(parts, folder)
    if not found:
        raise click.ClickException(f"{folder} has no pictures (JPEG, PNG, WebP)")
    lines: list[Line] = []
    with progress("Enrolling", len(found)) as advance:
        for batch in found:
            lines.extend(importing.enrol(parts, batch, CLI, replace=replace))
            advance(1)
    if report is not None:
        table = [COLUMNS, *(tuple(getattr(line, name) for name in COLUMNS) for line in lines)]
        _write(report, table)
    _tell(lines)
    if any(line.result == importing.REJECTED for line in lines):
        raise click.exceptions.Exit(PARTLY_REFUSED)


@click.command("import-roster")
@click.argument("course", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would happen.")
@click.option(
    "--invitations",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a link for each new student, with which a password is set, as CSV.",
)
@click.option("--update", is_flag=True, help="Accounts get the file's names and addresses.")
@click.option(
    "--encoding",
    type=click.Choice(decoding.ENCODINGS),
    metavar="NAME",
    help="Of a CSV file, such as cp1250; otherwise it is found out.",
)
@click.option("--delimiter", help="Between the cells of a CSV file; otherwise it is found out.")
@told
def import_roster(
    course: int,
    file: Path,
    dry_run: bool,
    invitations: Path | None,
    update: bool,
    encoding: str | None,
    delimiter: str | None,
) -> None:
    """Create and enrol the students of FILE (CSV or XLSX) in the course with the id COURSE.

    The file has columns for student_id, name and email, in any order. All that can be is done in
    one transaction. Ends with status 3 if a row was rejected; the report tells which and why.
    """
    parts = services()
    with parts.database.read() as tx:
        if courses.by_id(tx, course) is None:
            raise CourseNotFound
    read = roster_lines.read(file.read_bytes(), encoding=encoding, delimiter=delimiter)
    wanted = roster.Wanted(update=update, knows_all=True)
    imported = roster.import_lines(parts, course, read.lines, CLI, wanted, dry_run=dry_run)
    done = imported.lines
    rejected = [line for line in done if line.result == roster.REJECTED]
    for name, header in read.columns.named.items():
        click.echo(f"{name}: column {header}")
    if read.columns.unused:
        click.echo(f"not used: {', '.join(read.columns.unused)}")
    if rejected:
        table = Table("row", "student", "name", "detail", title="Rejected")
        for line in rejected:
            table.add_row(*as_read(str(line.row), line.student_id, line.name, line.detail))
        Console().print(table)
    for result, number in imported.counts.items():
        click.echo(f"{result}: {number}")
    if dry_run:
        click.echo("Nothing was kept: this was a dry run.")
    elif invitations is not None:
        created = [line for line in done if line.result == roster.CREATED and line.email]
        _write(invitations, [INVITED, *(_invited(parts, line) for line in created)])
    if rejected:
        raise click.exceptions.Exit(PARTLY_REFUSED)


def _invited(parts: Services, line: roster_lines.Line) -> tuple[str, ...]:
    assert line.student is not None
    base = parts.settings.local_url
    made = parts.invitations.make(STUDENT, line.student, base, parts.clock.now())
    return line.student_id, line.name, str(line.email), made.link, str(iso(made.expires_at))


def _write(path: Path, table: list[tuple[str, ...]]) -> None:
    with whole(path) as draft:
        draft.write_text("".join(csv_lines(table)), encoding="utf-8", newline="")


def _tell(lines: list[Line]) -> None:
    rejected = [line for line in lines if line.result == importing.REJECTED]
    if rejected:
        table = Table("source", "student", "reason", "detail", title="Refused")
        for line in rejected:
            table.add_row(*as_read(line.source, line.student_id, line.reason, line.detail))
        Console().print(table)
    counts = Counter(line.result for line in lines if line.reason != "not_needed")
    for result in (importing.ENROLLED, importing.UNCHANGED, importing.REJECTED):
        click.echo(f"{result}: {counts[result]}")
