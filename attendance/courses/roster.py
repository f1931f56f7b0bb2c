"""A school's list of students becomes accounts and enrolments, in one transaction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from attendance.core import student_numbers, texts
from attendance.core.audit import By
from attendance.core.errors import CourseArchived, TooManyAttempts, Unavailable
from attendance.core.services import Services
from attendance.courses.roster_lines import CHUNK, Line, Remark
from attendance.courses.roster_people import People
from database import (
    ForeignKeyViolation,
    Row,
    Transaction,
    UniqueViolation,
    courses,
    student_changes,
    students,
)
from database.rows import CourseRow, CourseStudentRow, StudentRow

CREATED, ENROLLED, CHANGED = "created", "enrolled", "changed"
UNCHANGED, REJECTED = "unchanged", "rejected"
RESULTS = (CREATED, ENROLLED, CHANGED, UNCHANGED, REJECTED)
TRIES = 3
# What may stand between the cells of a line that was not cut.
_BETWEEN = re.compile(r'[,;|\t"]')
# Of those who are in the course, how many may have left the list before somebody is asked.
HELD_ABOVE = 0.1


@dataclass(frozen=True)
class Wanted:
    """What shall be done beside enrolling.

    `update`: accounts that are there get the file's names and addresses. `unenrol`: whoever
    left the list leaves the course; more than a tenth only where `unenrol_many` says so too.
    `knows_all`: an administrator, who may change every account and be told every name.
    `meets`: counts one more student of whom the file has the number only, and whom the teacher has
    in no course; raises `TooManyAttempts`.
    """

    update: bool = False
    unenrol: bool = False
    unenrol_many: bool = False
    knows_all: bool = False
    meets: Callable[[], None] | None = None


@dataclass
class Imported:
    """What has become of the lines, and who left the list; `held`: they are more than a tenth."""

    lines: list[Line] = field(default_factory=list)
    left: list[CourseStudentRow] = field(default_factory=list)
    held: bool = False
    unenrolled: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many lines had each result, and how many left the list."""
        counts = Counter(line.result for line in self.lines)
        return {**{result: counts[result] for result in RESULTS}, "left": len(self.left)}

    @property
    def changed_anything(self) -> bool:
        """Whether the course or an account is another now."""
        counts = self.counts
        return bool(counts[CREATED] or counts[ENROLLED] or counts[CHANGED] or self.unenrolled)


class _NotMeant(Exception):
    """Takes a dry run back."""


def import_lines(
    parts: Services, course: int, lines: list[Line], by: By, wanted: Wanted, *, dry_run: bool
) -> Imported:
    """Create, enrol and change the students of the lines: all that can be, in one transaction.

    A dry run does the very same and takes it back. How somebody is called whose number stands in
    the file is told of students of the teacher's own courses, or where `wanted.knows_all`.

    Raises:
        CourseArchived
        Unavailable: others added, enrolled or deleted some of these students at every attempt.
    """
    for _ in range(TRIES):
        try:
            return _import_once(parts, course, lines, by, wanted, dry_run=dry_run)
        except (UniqueViolation, ForeignKeyViolation):
            pass  # somebody was quicker: judge the lines by what is there now
    raise Unavailable


def _import_once(
    parts: Services, course: int, lines: list[Line], by: By, wanted: Wanted, *, dry_run: bool
) -> Imported:
    done = Imported()
    try:
        with parts.database.write() as tx:
            _import(parts, tx, course, lines, by, wanted, done)
            if done.changed_anything:
                subject = f"course:{course}"
                by.note(tx, parts.clock.now(), "course.roster", subject, new=done.counts)
            if dry_run:
                raise _NotMeant
    except _NotMeant:
        pass
    return done


def _import(
    parts: Services,
    tx: Transaction,
    course: int,
    lines: list[Line],
    by: By,
    wanted: Wanted,
    done: Imported,
) -> None:
    found = courses.by_id(tx, course)
    if found is None or found["archived_at"] is not None:
        raise CourseArchived
    known = _Known(tx, found, lines, wanted)
    people = People(tx, lines, list(known.by_number.values()))
    seen: dict[str, int] = {}
    judged = []
    for line in lines:
        problem = line.problem or _repetition(line, seen)
        outcome = line.become(REJECTED, problem) if problem else _outcome(line, known, wanted)
        if outcome.result != REJECTED:
            outcome = people.judge(
                outcome,
                may=outcome.student is None or known.may_change(outcome.student, wanted),
                update=wanted.update,
                is_admin=wanted.knows_all,
            )
        judged.append(outcome)
    now = parts.clock.now()
    created = [line for line in judged if line.result == CREATED]
    students.create_many(
        tx,
        [
            {
                "student_id": line.student_id,
                "name": line.name,
                "email": line.email,
                "username": line.username,
                "family_name": line.family_name,
            }
            for line in created
        ],
        now,
        int(found["teacher"]),
    )
    known.read(tx, created)
    done.lines = [
        replace(line, student=known.by_number[line.student_id]) if line.result == CREATED else line
        for line in judged
    ]
    for line in done.lines:
        if line.changes and line.student:
            _change(tx, line, line.student, by, parts)
    people.write(tx, done.lines, by, now)
    done.left = _left(tx, course, lines)
    newcomers = [line.student for line in done.lines if line.result in (CREATED, ENROLLED)]
    courses.enrol_many(tx, course, [int(row["id"]) for row in newcomers if row], now)
    most = len(known.enrolled) * HELD_ABOVE
    done.held = len(done.left) > most
    done.unenrolled = bool(done.left) and wanted.unenrol and (wanted.unenrol_many or not done.held)
    if done.unenrolled:
        for student in done.left:
            courses.remove(tx, course, int(student["id"]), now)
            subject, old = f"student:{student['id']}", {"course": course}
            by.note(tx, now, "course.remove", subject, old=old)


def _left(tx: Transaction, course: int, lines: list[Line]) -> list[CourseStudentRow]:
    """Who is in the course and in no line of the list, rejected ones included: also those in which
    no number could be read, but a name or anything else of the student."""
    numbers = {line.student_id for line in lines}
    addresses = {line.email for line in lines if line.email}
    digits = {_digits(line.student_id, line.name) for line in lines}
    unread = {told for line in lines if not line.student_id for told in _cells(line)}
    return [
        row
        for row in courses.students_of(tx, course)
        if row["student_id"] not in numbers
        and _digits(row["student_id"], row["name"]) not in digits
        and row["email"] not in addresses
        and unread.isdisjoint(map(_compared, (row["student_id"], row["email"], row["name"])))
    ]


def _cells(line: Line) -> list[str]:
    """What a line without a number says."""
    text = str(line.problem.values.get("text", "")) if line.problem else ""
    told = map(_compared, (line.name, *_BETWEEN.split(text)))
    return [cell for cell in told if cell]


def _compared(text: str | None) -> str:
    return texts.compared(text or "")


def _change(tx: Transaction, line: Line, row: StudentRow, by: By, parts: Services) -> None:
    new: Row = {name: value for name, (_, value) in line.changes.items()}
    if "name" in new:
        new["family_name"] = line.family_name
    student_changes.correct(tx, int(row["id"]), {**row, **new})
    if "email" in new and row["email"] is not None:
        student_changes.end_links(tx, int(row["id"]))
    old = {name: before for name, (before, _) in line.changes.items()}
    subject = f"student:{row['id']}"
    by.note(tx, parts.clock.now(), "student.correct", subject, old=old, new=new)


class _Known:
    """Who of the file is there already, read at once and not line by line."""

    def __init__(
        self, tx: Transaction, course: CourseRow, lines: list[Line], wanted: Wanted
    ) -> None:
        self.by_number: dict[str, StudentRow] = {}
        self.by_email: dict[str, StudentRow] = {}
        self.by_username: dict[str, StudentRow] = {}
        self.teacher = int(course["teacher"])
        in_course = courses.students_of(tx, int(course["id"]))
        self.enrolled = {int(row["id"]) for row in in_course}
        self.by_digits = {_digits(row["student_id"], row["name"]): row for row in in_course}
        # whose names may be told; None: everybody's
        self.familiar = None if wanted.knows_all else courses.taught_by(tx, self.teacher)
        self.read(tx, lines)

    def read(self, tx: Transaction, lines: list[Line]) -> None:
        """Look who of these lines is there."""
        for start in range(0, len(lines), CHUNK):
            part = lines[start : start + CHUNK]
            numbers = [line.student_id for line in part]
            addresses = [line.email for line in part if line.email]
            names = [line.username for line in part if line.username]
            for row in students.of_numbers_or_emails(tx, numbers, addresses):
                self.by_number[row["student_id"]] = row
                if row["email"]:
                    self.by_email[row["email"]] = row
            for row in students.of_usernames(tx, names) if names else ():
                self.by_username[str(row["username"])] = row

    def may_change(self, row: StudentRow, wanted: Wanted) -> bool:
        """Whether whoever imports may change this account: its roster made it, and the student has
        not taken it over yet, or an administrator does it."""
        if wanted.knows_all:
            return True
        return row["made_by"] == self.teacher and row["password_hash"] is None


def _outcome(line: Line, known: _Known, wanted: Wanted) -> Line:
    row = known.by_number.get(line.student_id)
    owner = known.by_email.get(line.email) if line.email else None
    if owner is not None and (row is None or owner["id"] != row["id"]):
        if line.note is None or row is not None:
            return line.become(REJECTED, Remark("email_taken"))
        row = owner  # the file has no numbers: the address says who it is
    namesake = known.by_username.get(line.username) if line.username else None
    if namesake is not None and (row is None or namesake["id"] != row["id"]):
        return line.become(REJECTED, Remark("username_taken"))
    if row is None and (same := known.by_digits.get(_digits(line.student_id, line.name))):
        told: dict[str, int | str] = {"student_id": same["student_id"]}
        return line.become(REJECTED, Remark("other_number", told))
    if row is None:
        return _newcomer(line)
    return _acquaintance(line, row, known, wanted)


def _digits(number: str, name: str) -> tuple[str, str]:
    """What stays of a number and a name where a program has lost the zeros before it, or writes
    digits of another script."""
    return texts.plain_digits(number).lstrip("0"), texts.compared(name)


def _newcomer(line: Line) -> Line:
    if not line.name:
        return line.become(REJECTED, Remark("not_known"))
    if not student_numbers.fits(line.student_id):  # an old one may be known
        return line.become(REJECTED, Remark("student_id_irregular"))
    if line.email is None and line.username is None:
        return line.become(CREATED, Remark("email_missing"))
    return line.become(CREATED, line.note)


def _acquaintance(line: Line, row: StudentRow, known: _Known, wanted: Wanted) -> Line:
    is_enrolled = int(row["id"]) in known.enrolled
    if not is_enrolled and not _may_meet(line, row, known, wanted):
        return line.become(REJECTED, Remark("name_differs"))
    differing: dict[str, tuple[str | None, str]] = {}
    if line.name and line.name != row["name"]:
        differing["name"] = (row["name"], line.name)
    if line.email and line.email != row["email"]:
        differing["email"] = (row["email"], line.email)
    if line.username and line.username != row["username"]:
        differing["username"] = (row["username"], line.username)
    if wanted.update and line.family_name and row["family_name"] is None:
        differing["family_name"] = (None, line.family_name)
    if wanted.update and differing and known.may_change(row, wanted):
        done = line.become(CHANGED if is_enrolled else ENROLLED, None, row)
        return replace(done, changes=differing)
    if differing.get("email", (None,))[0] is not None:
        return line.become(REJECTED, Remark("other_email"))
    result = UNCHANGED if is_enrolled else ENROLLED
    if wanted.update and differing:
        return line.become(result, Remark("change_refused"), row)
    if "email" in differing:
        return line.become(result, Remark("email_not_stored"), row)
    return line.become(result, _renamed(line, row, known), row)


def _may_meet(line: Line, row: StudentRow, known: _Known, wanted: Wanted) -> bool:
    """Whether the student may be enrolled, who is counted where only the number was known."""
    is_known = (
        known.familiar is None
        or int(row["id"]) in known.familiar
        or row["made_by"] == known.teacher
        or (line.name and line.name == row["name"])
        or (line.email is not None and line.email == row["email"])
        or (line.username is not None and line.username == row["username"])
    )
    if is_known or wanted.meets is None:
        return True
    try:
        wanted.meets()
    except TooManyAttempts:
        return False
    return True


def _renamed(line: Line, row: StudentRow, known: _Known) -> Remark | None:
    """That the account has another name; which one, only where the teacher may know it."""
    if not line.name or row["name"] == line.name:
        return None
    if known.familiar is None or int(row["id"]) in known.familiar:
        return Remark("other_name", {"name": row["name"]})
    return Remark("name_differs")


def _repetition(line: Line, seen: dict[str, int]) -> Remark | None:
    """Whether an earlier line has the same student id, address or user name."""
    for what, value in (
        ("student_id", line.student_id),
        ("email", line.email),
        ("username", line.username),
    ):
        if value is None:
            continue
        first = seen.setdefault(f"{what} {value}", line.row)
        if first != line.row:
            return Remark(f"{what}_repeated", {"row": first})
    return None
