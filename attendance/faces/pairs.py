"""Students whose faces are so alike that a mark does not tell them apart, and pairs of them that
a teacher allows: twins above all.

For an allowed pair the other's face is no reason to refuse a mark or an enrolment. Their own face
must still be near enough, and a mark that could be either's says so in its remark.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance.core import student_numbers
from attendance.core.audit import By
from attendance.core.errors import StudentNotFound
from attendance.core.services import Services
from database import ForeignKeyViolation, Row, Transaction, courses, face_pairs, students
from database.rows import StudentRow

MOST = 200
"""Pairs of an answer at most: a level at which there are more does not tell people apart."""


@dataclass(frozen=True)
class Pair:
    """Two students, the one with the smaller id first."""

    students: tuple[StudentRow, StudentRow]
    distance: float | None
    """Between their templates, where that is within the threshold."""
    allowed_at: datetime | None


def listed(parts: Services, teacher: int | None) -> list[Pair]:
    """Look-alikes and allowed pairs, the nearest first; those who have no templates last.

    Args:
        parts: of the application.
        teacher: whose students count; None: everybody, for an administrator.
    """
    with parts.database.read() as tx:
        parts.faces.catch_up(tx)
        allowed = {
            (int(row["student"]), int(row["other"])): row["allowed_at"]
            for row in face_pairs.every(tx)
        }
        near = {
            (min(int(found.one), int(found.other)), max(int(found.one), int(found.other))): found
            for found in parts.faces.look_alikes()
        }
        taught = None if teacher is None else courses.taught_by(tx, teacher)
        wanted = [
            pair
            for pair in [*near, *(pair for pair in allowed if pair not in near)]
            if taught is None or taught.issuperset(pair)
        ][:MOST]
        people = {
            int(row["id"]): row
            for row in students.of_ids(tx, [one for pair in wanted for one in pair])
        }
    return [
        Pair(
            (people[one], people[other]),
            near[one, other].distance if (one, other) in near else None,
            allowed.get((one, other)),
        )
        for one, other in wanted
        if one in people and other in people
    ]


def allow(parts: Services, numbers: list[str], teacher: int | None, by: By) -> None:
    """Allow two students, given by the school's numbers, as a pair.

    Raises:
        StudentNotFound: one is not there, or is in none of the teacher's courses.
    """
    now = parts.clock.now()

    def work(tx: Transaction) -> None:
        one, other = (_student(tx, number, teacher) for number in numbers)
        if face_pairs.allow(tx, int(one["id"]), int(other["id"]), now):
            by.note(tx, now, "face_pair.allow", f"student:{one['id']}", new=_told(one, other))

    try:
        parts.database.run(work, repeatable=True)
    except ForeignKeyViolation:
        raise StudentNotFound from None


def withdraw(parts: Services, numbers: list[str], teacher: int | None, by: By) -> None:
    """Allow the pair no longer; marks that it made stay.

    Raises:
        StudentNotFound: as for `allow`.
    """
    with parts.database.write() as tx:
        one, other = (_student(tx, number, teacher) for number in numbers)
        if face_pairs.withdraw(tx, int(one["id"]), int(other["id"])):
            now = parts.clock.now()
            by.note(tx, now, "face_pair.withdraw", f"student:{one['id']}", old=_told(one, other))


def _student(tx: Transaction, number: str, teacher: int | None) -> StudentRow:
    found = students.known_as(tx, *student_numbers.forms(number))
    if found is None:
        raise StudentNotFound
    if teacher is not None and not courses.is_taught_by(tx, int(found["id"]), teacher):
        raise StudentNotFound
    return found


def _told(one: StudentRow, other: StudentRow) -> Row:
    return {"students": [one["student_id"], other["student_id"]]}
