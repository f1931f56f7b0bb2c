"""Which column of a school's list holds what, by the names that columns have in many languages and
in the exports of other programs."""

from __future__ import annotations

from dataclasses import dataclass, field

from attendance.courses import column_names
from attendance.courses.column_names import FAMILY_FIRST, INFIXES, SECONDS, plain, word_of
from attendance.courses.name_order import Whole, called, judged
from attendance.spreadsheets.reading import TableRow

# A title and some remarks may stand above the column names.
HEADER_WITHIN = 25
FIELDS = (
    *("student_id", "name", "given_name", "family_name", "email", "username"),
    *("guardian_email", "guardian_name", "tutor_email"),
)
# Words for a given name that also mean the whole, where nothing else of a name stands there.
_ALONE = (
    *("nombre", "nombres", "nome", "nom", "nume", "ime", "jmeno", "meno", "имя", "име"),
    *("نام", "이름", "名前", "ad", "izena", "vardas", "vards", plain("ชื่อ")),
)
# Canvas and OneRoster write "Lee, Ann" below these.
_SORTABLE = frozenset(["student", "sortablename"])
# Our own files say a name as it is known, commas and all.
_OURS = "student_id"


@dataclass(frozen=True)
class Columns:
    """Where the columns of a list are: `used` by field, `headers` all that stand there; `first` is
    the place of the first student's row."""

    first: int
    headers: list[str]
    used: dict[str, int]
    only_known: bool = False
    family_first: bool = False
    whole: Whole = field(default_factory=Whole)
    others: dict[str, int] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, str]:
        """The header of each field."""
        return {name: self.headers[column] for name, column in self.used.items()}

    @property
    def unused(self) -> list[str]:
        """The headers of columns that are not used."""
        taken = {*self.used.values(), *self.others.values()}
        return [
            header for column, header in enumerate(self.headers) if header and column not in taken
        ]


def found(rows: list[TableRow], given: dict[str, str | None] | None = None) -> Columns | None:
    """Where the column names stand, and which column holds what.

    Args:
        rows: of the file.
        given: the header of each field that somebody has chosen; None: this field has none.
    """
    for place, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        columns = _judged(place, cells, rows[place + 1 :], given or {})
        if columns is not None:
            return columns
    return None


def _judged(
    place: int, cells: list[str], below: list[TableRow], given: dict[str, str | None]
) -> Columns | None:
    chosen = {name: header for name, header in given.items() if header is not None}
    if not set(chosen.values()) <= set(cells):
        return None
    words = [word_of(cell) for cell in cells]
    used = {name: cells.index(header) for name, header in chosen.items()}
    ranked: list[tuple[int, int, str]] = sorted(
        (rank, column, name)
        for column, header in enumerate(cells)
        for rank, name in column_names.fields_of(header)
        if column not in used.values()
    )
    filled = _filled(below, len(cells))
    for _, column, name in sorted(ranked, key=lambda one: (one[1] not in filled, *one)):
        if name not in used and name not in given and column not in used.values():
            used[name] = column
    _settle_names(used, words, given)
    if "guardian_email" not in used:
        used.pop("guardian_name", None)  # nobody who could be written to
    is_enrolments = "usersourcedid" in words and "role" in words
    if is_enrolments and "student_id" not in given:
        used["student_id"] = words.index("usersourcedid")
    if "student_id" not in used and "username" in used and "student_id" not in given:
        used["student_id"] = used.pop("username")
    has_name = "name" in used or {"given_name", "family_name"} <= used.keys()
    # Google Classroom names nobody but by the address; where a column is left, it may be a number
    is_whole = len(set(used.values())) == sum(map(bool, cells))
    if "student_id" not in used and has_name and "email" in used and is_whole:
        used["student_id"] = used["email"]
    if "student_id" not in used or not (has_name or is_enrolments):
        return None
    return Columns(
        place if _is_student(chosen) else place + 1,
        cells,
        used,
        only_known=is_enrolments and not has_name,
        family_first=words[used.get("family_name", 0)] in FAMILY_FIRST,
        whole=_whole(cells, words, used, below),
        others=_others(words, is_enrolments or "enableduser" in words or "sourcedid" in words),
    )


def _is_student(chosen: dict[str, str]) -> bool:
    """Whether what was chosen for headers are a student's own cells: the list has none."""
    number = chosen.get("student_id", "")
    digits = sum(map(str.isdigit, number))
    is_number = digits > 0 and digits >= sum(map(str.isalpha, number))
    return is_number or "@" in chosen.get("email", "")


def _whole(
    headers: list[str], words: list[str], used: dict[str, int], below: list[TableRow]
) -> Whole:
    """How the column of whole names writes them."""
    column = used.get("name")
    if column is None or _OURS in headers:
        return Whole()
    names = [cells[column] for _, cells in below if column < len(cells)]
    return judged(headers[column], names, sortable=words[column] in _SORTABLE)


def _others(words: list[str], has_roles: bool) -> dict[str, int]:
    """Columns that are no field and count all the same."""
    counting = {*INFIXES, *SECONDS, *(("role", "status", "rolle") if has_roles else ())}
    return {word: column for column, word in enumerate(words) if word in counting}


def name_of(
    columns: Columns, given: str, family: str, whole: str, others: dict[str, str]
) -> tuple[str, str | None]:
    """A person's name as it is said, and which part of it is the family's, where that is told."""
    if family:
        before = next((others[word] for word in INFIXES if others.get(word)), "")
        after = next((others[word] for word in SECONDS if others.get(word)), "")
        family = " ".join(part for part in (before, family, after) if part)
    elif not given:
        parts = columns.whole.parted(whole)
        if parts is None:
            return whole, None
        given, family = parts
    return called(given, family, family_first=columns.family_first), family or None


def _filled(below: list[TableRow], columns: int) -> set[int]:
    """Which columns hold anything."""
    return {
        column
        for column in range(columns)
        if any(column < len(cells) and cells[column] for _, cells in below)
    }


def _settle_names(
    used: dict[str, int],
    words: list[str],
    given: dict[str, str | None],
) -> None:
    """Of "Name" beside one of "Vorname" and "Surname", the one that is missing."""
    if "name" in given:
        return
    if "name" not in used:
        alone = {"given_name", "family_name"} & used.keys()
        if len(alone) == 1 and (part := alone.pop()) not in given and words[used[part]] in _ALONE:
            used["name"] = used.pop(part)
        return
    if {"given_name", "family_name"} <= used.keys():
        del used["name"]
    elif "given_name" in used and "family_name" not in given:
        used["family_name"] = used.pop("name")
    elif "family_name" in used and "given_name" not in given:
        used["given_name"] = used.pop("name")
