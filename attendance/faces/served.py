"""Whom a device finds and registers: the students of the courses that its key is bound to."""

from __future__ import annotations

from attendance.accounts import api_keys
from attendance.accounts.guard import Account
from attendance.core.errors import CourseArchived
from attendance.core.roles import DEVICE
from attendance.core.services import Services
from attendance.faces.index import Index
from database import Transaction, courses


def courses_of(tx: Transaction, account: Account) -> list[int] | None:
    """The courses, by table id; None: the whole school.

    Raises:
        ScopeMissing: a key of a room only.
    """
    return api_keys.courses_served(tx, account.row) if account.kind == DEVICE else None


def gallery(parts: Services, account: Account) -> Index:
    """The faces of this moment that the account's pictures are compared with.

    Raises:
        ScopeMissing: a key of a room only.
    """
    with parts.database.read() as tx:
        served = courses_of(tx, account)
        parts.faces.catch_up(tx)
        if served is None:
            return parts.faces.index
        return parts.faces.among(courses.students_of_any(tx, served))


def enrol(parts: Services, tx: Transaction, account: Account, student: int) -> None:
    """Put a new student into every course that the account serves.

    Raises:
        ScopeMissing: a key of a room only.
        CourseArchived: one of the courses is.
    """
    for course in courses_of(tx, account) or ():
        row = courses.by_id(tx, course)
        if row is None or row["archived_at"] is not None:
            raise CourseArchived
        courses.enrol(tx, course, student, parts.clock.now())
