"""What an administrator puts right of a student's account: name, address, number, user name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attendance.accounts.administration import existing_student
from attendance.core import student_numbers, usernames
from attendance.core.audit import By
from attendance.core.errors import (
    EmailTaken,
    Problem,
    RenamingOff,
    StudentIdTaken,
    Unavailable,
    UsernameTaken,
)
from attendance.core.services import Services
from attendance.core.settings import Settings
from database import Row, Transaction, UniqueViolation, student_changes
from database.rows import StudentRow

_TAKEN: dict[str, type[Problem]] = {
    "student_id": StudentIdTaken,
    "email": EmailTaken,
    "username": UsernameTaken,
}


def correct_student(parts: Services, student: int, given: dict[str, Any], by: By) -> StudentRow:
    """Change what is `given` of name, email, student_id and username; returns the new row.

    A number that is None is freed: the account gets one that nobody else would. Another address
    ends the account's open invitations and links, and its tokens.

    Raises:
        StudentNotFound, StudentIdTaken, EmailTaken, UsernameTaken
        Unavailable: somebody else took one of them at this moment.
    """
    if given.get("student_id", "") is None:
        given = {**given, "student_id": _nobodys_number()}
    now = parts.clock.now()
    with parts.database.write() as tx:
        kept = existing_student(tx, student)
        row: Row = {**kept}
        new = {name: value for name, value in given.items() if row[name] != value}
        if not new:
            return kept
        require_free(tx, student, new)
        try:
            student_changes.correct(tx, student, {**row, **new})
        except UniqueViolation:
            require_free(tx, student, new)
            raise Unavailable from None
        if "email" in new:
            student_changes.end_links(tx, student)
        old = {name: row[name] for name in new}
        by.note(tx, now, "student.correct", f"student:{student}", old=old, new=new)
        return existing_student(tx, student)


def require_free(tx: Transaction, student: int | None, given: dict[str, Any]) -> None:
    """Raises `StudentIdTaken`, `EmailTaken` or `UsernameTaken` for what is another student's.

    A user name is nobody else's number either, and the other way round: one of them is typed to
    sign in.
    """
    for field, problem in _TAKEN.items():
        value = given.get(field)
        if value is None:
            continue
        owners = {student_changes.who_has(tx, field, value)}
        if field == "username":
            owners.add(student_changes.known_by_number(tx, value))
        if field == "student_id":
            owners.add(student_changes.who_has(tx, "username", usernames.normal(value)))
        if owners - {None, student}:
            raise problem


def rename(
    tx: Transaction,
    settings: Settings,
    row: Mapping[str, Any],
    name: str | None,
    by: By,
    now: datetime,
) -> str:
    """The name that a student's account has after the student asked for one, noted where it is
    another.

    Raises:
        RenamingOff
    """
    if name is None or name == row["name"]:
        return str(row["name"])
    if not settings.student_renames:
        raise RenamingOff
    subject = f"student:{row['id']}"
    by.note(tx, now, "student.rename", subject, old={"name": row["name"]}, new={"name": name})
    return name


def _nobodys_number() -> str:
    number = f"FREE-{secrets.token_hex(4).upper()}"
    assert student_numbers.fits(number)
    return number
