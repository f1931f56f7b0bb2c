"""A school's list of students becomes accounts and enrolments, in one transaction."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from email_validator import EmailNotValidError, validate_email

from attendance.core import emails, student_numbers
from attendance.core.audit import By
from attendance.core.errors import CourseArchived, Unavailable
from attendance.core.services import Services
from attendance.spreadsheets import reading
from attendance.spreadsheets.reading import TableRow
from database import ForeignKeyViolation, Transaction, UniqueViolation, courses, students
from database.rows import CourseRow, StudentRow

CREATED, ENROLLED, UNCHANGED, REJECTED = "created", "enrolled", "unchanged", "rejected"
RESULTS = (CREATED, ENROLLED, UNCHANGED, REJECTED)
MAX_ID, MAX_NAME, MAX_EMAIL = 64, 200, 254
# A title and some remarks may stand above the column names.
HEADER_WITHIN = 25
CHUNK = 500
TRIES = 3

# Column names as letters and digits only, in lower case, the plainest first: where a file has
# both "No." and "Student ID", the first is a running number.
_NAMES = {
    "student_id": (
        "studentid studentno studentnr studentnumber studentcode matriculationnumber "
        "matriculationno matriculation matricno matric matrikelnummer matrikelnr matrnr "
        "registrationnumber registrationno registration regno rollnumber rollno roll "
        "admissionnumber admissionno enrolmentno enrollmentno idnumber idno sid id number no"
    ),
    "name": "name fullname studentname displayname student",
    "first": "firstname givenname givennames forename vorname first",
    "last": "lastname surname familyname nachname last",
    "email": "email emailaddress emailid schoolemail studentemail mailaddress mail emails",
}
_FIELDS = {
    name: (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}

# What there is to say of a line: stable codes, and the sentence of each with its values' names.
REMARKS = {
    "student_id_missing": "The student id is missing.",
    "name_missing": "The name is missing.",
    "student_id_too_long": "The student id has more than {limit} characters.",
    "student_id_irregular": (
        "A student id begins with a letter or digit, and has letters, digits, spaces, dots, "
        "hyphens and underscores."
    ),
    "name_too_long": "The name has more than {limit} characters.",
    "email_invalid": "{email} is not an e-mail address.",
    "student_id_repeated": "The same student id stands in row {row}.",
    "email_repeated": "The same e-mail address stands in row {row}.",
    "email_taken": "This e-mail address belongs to another student.",
    "other_email": "This student is known with another e-mail address.",
    "email_missing": "Without an e-mail address nobody can sign in.",
    "other_name": "Known as {name}.",
    "name_differs": "Known under another name.",
}


@dataclass(frozen=True)
class Remark:
    """Something to say of a line: one of `REMARKS`, and the values of its sentence."""

    code: str
    values: dict[str, int | str] = field(default_factory=dict)

    def __str__(self) -> str:
        return REMARKS[self.code].format(**self.values)


@dataclass(frozen=True)
class Line:
    """One student of the file, and what becomes of him or her."""

    row: int
    student_id: str
    name: str
    email: str | None
    result: str = ""
    remark: Remark | None = None
    student: StudentRow | None = None

    def become(
        self, result: str, remark: Remark | None = None, student: StudentRow | None = None
    ) -> Line:
        """This line with its outcome."""
        return replace(self, result=result, remark=remark, student=student)

    @property
    def detail(self) -> str:
        """The remark as an English sentence; empty where there is none."""
        return str(self.remark or "")


class _NotMeant(Exception):
    """Takes a dry run back."""


def lines_of(data: bytes) -> list[Line]:
    """The students in a CSV or XLSX file, in whatever order its columns stand.

    Raises:
        TableUnreadable: no such file, or no header with student_id and name in it.
    """
    rows = reading.read(data, fits=lambda found: _header(found) is not None)
    header = _header(rows)
    assert header is not None
    position, columns = header
    return [_line(number, cells, columns) for number, cells in rows[position + 1 :]]


def import_lines(
    parts: Services,
    course: int,
    lines: list[Line],
    by: By,
    *,
    dry_run: bool,
    knows_all: bool = False,
) -> list[Line]:
    """Create and enrol the students of the lines: all that can be, in one transaction.

    A dry run does the very same and takes it back. How somebody is called whose number stands in
    the file is told of students of the teacher's own courses, or `knows_all`.

    Raises:
        CourseArchived
        Unavailable: others added, enrolled or deleted some of these students at every attempt.
    """
    for _ in range(TRIES):
        try:
            return _import_once(parts, course, lines, by, dry_run=dry_run, knows_all=knows_all)
        except (UniqueViolation, ForeignKeyViolation):
            pass  # somebody was quicker: judge the lines by what is there now
    raise Unavailable


def _import_once(
    parts: Services, course: int, lines: list[Line], by: By, *, dry_run: bool, knows_all: bool
) -> list[Line]:
    done: list[Line] = []
    try:
        with parts.database.write() as tx:
            done = _imported(parts, tx, course, lines, knows_all=knows_all)
            counts = counted(done)
            if counts[CREATED] or counts[ENROLLED]:
                by.note(
                    tx, parts.clock.now(), "course.roster", f"course:{course}", new=dict(counts)
                )
            if dry_run:
                raise _NotMeant
    except _NotMeant:
        pass
    return done


def counted(lines: list[Line]) -> dict[str, int]:
    """How many lines had each result."""
    counts = Counter(line.result for line in lines)
    return {result: counts[result] for result in RESULTS}


def _header(rows: list[TableRow]) -> tuple[int, dict[str, int]] | None:
    """Where the column names stand, and which column holds what."""
    for position, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        named: dict[str, tuple[int, int]] = {}
        for column, cell in enumerate(cells):
            field, rank = _FIELDS.get(re.sub(r"[^a-z0-9]", "", cell.lower()), ("", 0))
            named[field] = min(named.get(field, (rank, column)), (rank, column))
        columns = {field: column for field, (_, column) in named.items() if field}
        if "student_id" in columns and ("name" in columns or {"first", "last"} <= columns.keys()):
            return position, columns
    return None


def _line(number: int, cells: list[str], columns: dict[str, int]) -> Line:
    def cell(field: str) -> str:
        column = columns.get(field)
        return cells[column] if column is not None and column < len(cells) else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    email = emails.normal(cell("email").removeprefix("mailto:").strip(" <>;,"))
    return Line(number, student_numbers.normal(cell("student_id")), name, email or None)


def _imported(
    parts: Services, tx: Transaction, course: int, lines: list[Line], *, knows_all: bool
) -> list[Line]:
    found = courses.by_id(tx, course)
    if found is None or found["archived_at"] is not None:
        raise CourseArchived
    known = _Known(tx, found, lines, knows_all=knows_all)
    seen: dict[str, int] = {}
    judged = []
    for line in lines:
        problem = _complaint(line) or _repetition(line, seen)
        judged.append(line.become(REJECTED, problem) if problem else _outcome(line, known))
    now = parts.clock.now()
    created = [line for line in judged if line.result == CREATED]
    students.create_many(
        tx,
        [
            {"student_id": line.student_id, "name": line.name, "email": line.email}
            for line in created
        ],
        now,
        int(found["teacher"]),
    )
    known.read(tx, created)
    done = [
        replace(line, student=known.by_number[line.student_id]) if line.result == CREATED else line
        for line in judged
    ]
    newcomers = [line.student for line in done if line.result in (CREATED, ENROLLED)]
    courses.enrol_many(tx, course, [int(row["id"]) for row in newcomers if row], now)
    return done


class _Known:
    """Who of the file is there already, read at once and not line by line."""

    def __init__(
        self, tx: Transaction, course: CourseRow, lines: list[Line], *, knows_all: bool
    ) -> None:
        self.by_number: dict[str, StudentRow] = {}
        self.by_email: dict[str, StudentRow] = {}
        self.enrolled = set(courses.student_ids(tx, int(course["id"])))
        # whose names may be told; None: everybody's
        self.familiar = None if knows_all else courses.taught_by(tx, int(course["teacher"]))
        self.read(tx, lines)

    def read(self, tx: Transaction, lines: list[Line]) -> None:
        """Look who of these lines is there."""
        for start in range(0, len(lines), CHUNK):
            part = lines[start : start + CHUNK]
            numbers = [line.student_id for line in part]
            emails = [line.email for line in part if line.email]
            for row in students.of_numbers_or_emails(tx, numbers, emails):
                self.by_number[row["student_id"]] = row
                if row["email"]:
                    self.by_email[row["email"]] = row


def _outcome(line: Line, known: _Known) -> Line:
    row = known.by_number.get(line.student_id)
    owner = known.by_email.get(line.email) if line.email else None
    if owner is not None and (row is None or owner["id"] != row["id"]):
        return line.become(REJECTED, Remark("email_taken"))
    if row is None:
        if not student_numbers.fits(line.student_id):  # an old one may be known
            return line.become(REJECTED, Remark("student_id_irregular"))
        return line.become(CREATED, None if line.email else Remark("email_missing"))
    if line.email and row["email"] and line.email != row["email"]:
        return line.become(REJECTED, Remark("other_email"))
    result = UNCHANGED if int(row["id"]) in known.enrolled else ENROLLED
    return line.become(result, _renamed(line, row, known), row)


def _renamed(line: Line, row: StudentRow, known: _Known) -> Remark | None:
    """That the account has another name; which one, only where the teacher may know it."""
    if row["name"] == line.name:
        return None
    if known.familiar is None or int(row["id"]) in known.familiar:
        return Remark("other_name", {"name": row["name"]})
    return Remark("name_differs")


def _complaint(line: Line) -> Remark | None:
    """Why this cannot be a student, or None."""
    if not line.student_id:
        return Remark("student_id_missing")
    if not line.name:
        return Remark("name_missing")
    if len(line.student_id) > MAX_ID:
        return Remark("student_id_too_long", {"limit": MAX_ID})
    if len(line.name) > MAX_NAME:
        return Remark("name_too_long", {"limit": MAX_NAME})
    if line.email and not _is_email(line.email):
        return Remark("email_invalid", {"email": line.email[:MAX_EMAIL]})
    return None


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(text) <= MAX_EMAIL


def _repetition(line: Line, seen: dict[str, int]) -> Remark | None:
    """Whether an earlier line has the same student id or address."""
    for what, value in (("student_id", line.student_id), ("email", line.email)):
        if value is None:
            continue
        first = seen.setdefault(f"{what} {value}", line.row)
        if first != line.row:
            return Remark(f"{what}_repeated", {"row": first})
    return None
