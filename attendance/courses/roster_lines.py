"""A school's list as lines: one student each, as the file says it, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from attendance.core import emails, student_numbers, texts, usernames
from attendance.courses import column_names
from attendance.courses import columns as naming
from attendance.courses.columns import Columns
from attendance.spreadsheets import reading
from attendance.spreadsheets.excel_numbers import Spoiled
from attendance.spreadsheets.reading import Table, TableRow
from database.rows import StudentRow

MAX_ID, MAX_NAME, MAX_EMAIL = 64, 200, 254
MAX_GUARDIANS = 6
CHUNK = 500
MAX_LOCAL = 64
_PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
# What there is to say of a line: stable codes, and the sentence of each with its values' names.
REMARKS = {
    "student_id_missing": "The student id is missing.",
    "name_missing": "The name is missing.",
    "student_id_too_long": "The student id has more than {limit} characters.",
    "student_id_irregular": (
        "A student id begins with a letter or digit, and has letters, digits, spaces, dots, "
        "hyphens and underscores."
    ),
    "student_id_rounded": "{text} is what a spreadsheet made of a longer number: digits are lost.",
    "student_id_decimal": "{text} is what a program made of the number: zeros may be lost.",
    "student_id_date": "{text} is a date that a spreadsheet made of the number.",
    "name_too_long": "The name has more than {limit} characters.",
    "email_invalid": "{email} is not an e-mail address.",
    "username_irregular": "{text} cannot be a user name.",
    "username_taken": "This user name is another student's.",
    "student_id_repeated": "The same student id stands in row {row}.",
    "email_repeated": "The same e-mail address stands in row {row}.",
    "username_repeated": "The same user name stands in row {row}.",
    "email_taken": "This e-mail address belongs to another student.",
    "other_email": "This student is known with another e-mail address.",
    "email_missing": "Without an e-mail address a printed slip is needed to sign in.",
    "email_not_stored": "This address is not stored: switch updating on.",
    "other_name": "Known as {name}.",
    "other_number": "This student is in the course with the number {student_id}.",
    "name_differs": "Known under another name.",
    "change_refused": "Only an administrator may change this account.",
    "guardian_email_invalid": "{email} is not a guardian's e-mail address.",
    "guardian_is_student": "The guardian's e-mail address is the student's own.",
    "too_many_guardians": "A row names at most {limit} guardians.",
    "people_not_stored": "What is new of guardians or the tutor is not stored: switch updating on.",
    "guardian_agreed": "{email} has agreed for the student and stays until removed by hand.",
    "tutor_refused": "Only an administrator says who is a tutor.",
    "tutor_unknown": "No active teacher has the address {email}.",
    "number_from_email": "The file has no numbers: this one is made of the address.",
    "quote_stray": "A quotation mark in this row has no other: {text}",
    "not_a_student": "This row is of a {role}.",
    "not_known": "Nobody has this number, and the file tells no name.",
    "to_be_deleted": "The row says that it is to be deleted.",
}
CODES = tuple(REMARKS)
# "7E12" is a number that a school may give; a spreadsheet writes the sign, or a fraction.
_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+E[+-]?|E[+-])\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+[.,]0+")
_MONTH = (
    "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez|janv|févr|avr|juin|"
    "juil|août|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|out|fev"
)
_DATES = (
    re.compile(r"\d{1,2}([./])\d{1,2}\1(?:19|20)\d\d"),
    re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?: [\d:]+)?"),
    re.compile(rf"\d{{1,2}}[-. ]+(?:{_MONTH})\.?(?:[-. ]+\d{{2,4}})?", re.IGNORECASE),
    re.compile(rf"(?:{_MONTH})\.?[-. ]+\d{{2,4}}", re.IGNORECASE),
)
# What a spreadsheet shows of a formula that has no value, in some of its languages.
_ERROR = re.compile(r"#[A-Z\u00c0-\u00dc][A-Z\u00c0-\u00dc0-9/_]*[!?]?")
# What people write where there is no address.
_NO_ADDRESS = frozenset(
    ("", "n/a", "n.a", "na", "nan", "none", "null", "nil", "k.a", "ka", "keine", "kein")
    + ("aucun", "aucune", "ninguno", "nessuno", "brak")
)
_ADDRESSED = re.compile(r"[^<>]*<([^<>\s]+@[^<>\s]+)>[;, ]*")
_STUDENTS = frozenset(("", "student", "learner", "pupil", "schuler", "teilnehmer", "lernende"))


@dataclass(frozen=True)
class Remark:
    """Something to say of a line: one of `REMARKS`, and the values of its sentence."""

    code: str
    values: dict[str, int | str] = field(default_factory=dict)

    def __str__(self) -> str:
        return REMARKS[self.code].format(**self.values)


@dataclass(frozen=True)
class Line:
    """One student of the file, and what becomes of him or her.

    `problem` is why it cannot be read, wherever it is imported; `changes` the fields that the
    account gets, each with what it had and will have.
    """

    row: int
    student_id: str
    name: str
    email: str | None
    username: str | None = None
    family_name: str | None = None
    # name and address of each
    guardians: tuple[tuple[str | None, str], ...] = ()
    tutor: str | None = None
    problem: Remark | None = None
    note: Remark | None = None
    result: str = ""
    remark: Remark | None = None
    student: StudentRow | None = None
    changes: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    # the same of `guardians` and the `tutor`
    people: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def become(
        self, result: str, remark: Remark | None = None, student: StudentRow | None = None
    ) -> Line:
        """This line with its outcome."""
        return replace(self, result=result, remark=remark, student=student)

    @property
    def detail(self) -> str:
        """The remark as an English sentence; empty where there is none."""
        return str(self.remark or "")


@dataclass(frozen=True)
class Reading:
    """A file that was read: its lines, how it was read, and which column was taken for what."""

    lines: list[Line]
    table: Table
    columns: Columns


def read(
    data: bytes,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    given: dict[str, str | None] | None = None,
) -> Reading:
    """The students in a CSV or XLSX file, in whatever order its columns stand.

    Args:
        data: the file.
        encoding: of a CSV file; None: it is found out.
        delimiter: of a CSV file; None: it is found out.
        given: the header of each field of `columns.FIELDS` that somebody has chosen.

    Raises:
        TableUnreadable: no such file, or no header with a number and a name in it, or a
            chosen column is not there.
    """
    table = reading.read(
        data,
        fits=lambda found: _header(found, given) is not None,
        encoding=encoding,
        delimiter=delimiter,
    )
    columns = _header(table.rows, given)
    assert columns is not None
    header_row = table.rows[columns.first - 1][0] if columns.first else 0
    is_named = columns.first > 0 and table.rows[columns.first - 1][1] == columns.headers
    lines = [
        _line(number, cells, columns)
        for number, cells in table.rows[columns.first :]
        if not (is_named and cells == columns.headers)  # as each printed page begins
    ]
    for number, text in table.broken.items():
        if number > header_row:
            shown = texts.cleaned(text)[:MAX_NAME]
            lines.append(Line(number, "", "", None, problem=Remark("quote_stray", {"text": shown})))
    return Reading(sorted(lines, key=lambda line: line.row), table, columns)


def lines_of(data: bytes) -> list[Line]:
    """The lines of a file. Raises `TableUnreadable`."""
    return read(data).lines


def _header(rows: list[TableRow], given: dict[str, str | None] | None) -> Columns | None:
    return naming.found(rows, given)


def _line(number: int, cells: list[str], columns: Columns) -> Line:
    def cell(name: str, places: dict[str, int] = columns.used) -> str:
        column = places.get(name)
        text = cells[column] if column is not None and column < len(cells) else ""
        return "" if _ERROR.fullmatch(text) else text

    others = {name: cell(name, columns.others) for name in columns.others}
    name, family = naming.name_of(
        columns, cell("given_name"), cell("family_name"), cell("name"), others
    )
    address = _bare(cell("email"))
    email = emails.normal(address) or None
    raw = _without_apostrophe(cell("student_id"))
    note = None
    if columns.used["student_id"] == columns.used.get("email"):
        raw, note = address.partition("@")[0], Remark("number_from_email")
    line = Line(
        number,
        student_numbers.normal(raw),
        name,
        email,
        usernames.normal(cell("username")) or None,
        family,
        guardians=_guardians(cell("guardian_email"), cell("guardian_name")),
        tutor=emails.normal(_bare(cell("tutor_email"))) or None,
        note=note,
    )
    return replace(line, problem=_complaint(line, raw, others, only_known=columns.only_known))


def _without_apostrophe(number: str) -> str:
    """'00123 is how a spreadsheet is told to keep the zeros."""
    return number[1:] if number[:1] == "'" and number[1:2].isalnum() else number


def _bare(address: str) -> str:
    """The address of a cell: "Ann Lee <ann@school.example>" has one, "n/a" and "-" have none."""
    named = _ADDRESSED.fullmatch(address)
    bare = (named[1] if named else address).strip(" <>;,")
    bare = bare[7:] if bare[:7].lower() == "mailto:" else bare
    return "" if bare.strip(" -–—/.").lower() in _NO_ADDRESS else bare


def _guardians(addresses: str, names: str) -> tuple[tuple[str | None, str], ...]:
    """Several addresses are parted by semicolons, commas or spaces, their names by semicolons."""
    found: dict[str, str | None] = {}
    called = [name.strip() or None for name in names.split(";")]
    for place, address in enumerate(filter(None, re.split(r"[;,\s]+", addresses))):
        name = called[place] if place < len(called) else None
        found.setdefault(emails.normal(_bare(address)), name)
    return tuple((name, email) for email, name in found.items())


def _complaint(line: Line, raw: str, others: dict[str, str], *, only_known: bool) -> Remark | None:
    """Why this cannot be a student, or None."""
    role = column_names.plain(others.get("role", "") or others.get("rolle", ""))
    if role not in _STUDENTS:
        return Remark("not_a_student", {"role": role})
    if column_names.plain(others.get("status", "")) == "tobedeleted":
        return Remark("to_be_deleted")
    if not line.student_id:
        return Remark("student_id_missing")
    if spoiled := _spoiled(raw):
        return spoiled
    if not line.name and not only_known:
        return Remark("name_missing")
    if len(line.student_id) > MAX_ID:
        return Remark("student_id_too_long", {"limit": MAX_ID})
    if len(line.name) > MAX_NAME:
        return Remark("name_too_long", {"limit": MAX_NAME})
    if line.email and not _is_email(line.email):
        return Remark("email_invalid", {"email": line.email[:MAX_EMAIL]})
    if wrong := _wrong_guardian(line):
        return wrong
    if line.username and not _is_username(line.username):
        return Remark("username_irregular", {"text": line.username[:MAX_ID]})
    return None


def _wrong_guardian(line: Line) -> Remark | None:
    if len(line.guardians) > MAX_GUARDIANS:
        return Remark("too_many_guardians", {"limit": MAX_GUARDIANS})
    for name, email in line.guardians:
        if name is not None and len(name) > MAX_NAME:
            return Remark("name_too_long", {"limit": MAX_NAME})
        if not _is_email(email):
            return Remark("guardian_email_invalid", {"email": email[:MAX_EMAIL]})
        if email == line.email:
            return Remark("guardian_is_student")
    return None


def _spoiled(number: str) -> Remark | None:
    """What a spreadsheet has made of a number, if it has."""
    text = {"text": number[:MAX_ID]}
    if _ROUNDED.fullmatch(number):
        return Remark("student_id_rounded", dict(text))
    if _DECIMAL.fullmatch(number):
        return Remark("student_id_decimal", dict(text))
    if isinstance(number, Spoiled) or any(date.fullmatch(number) for date in _DATES):
        return Remark("student_id_date", dict(text))
    return None


def _is_email(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    if len(text) > MAX_EMAIL:
        return False
    if len(local) <= MAX_LOCAL and _PLAIN_LOCAL.fullmatch(local):
        return _is_domain(domain)  # one look at each domain: a school has few
    return _is_valid(text)


@lru_cache(maxsize=1000)
def _is_domain(domain: str) -> bool:
    return _is_valid(f"a@{domain}")


def _is_valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _is_username(text: str) -> bool:
    try:
        return 2 <= len(usernames.accepted(text)) <= usernames.LONGEST
    except texts.Unacceptable:
        return False
