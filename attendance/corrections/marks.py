"""Marks by hand: who may get one, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attendance.core import statuses, student_numbers
from attendance.core.audit import By
from attendance.core.errors import NotEnrolled, StudentNotFound, found
from database import ForeignKeyViolation, Transaction, courses, marks, students
from database.rows import MarkRow, SessionRow, StudentRow


def student_for(
    tx: Transaction, session: SessionRow, student_id: str, meet: Callable[[list[int]], None]
) -> StudentRow:
    """A student who may have a mark in the session, by number: as it is, or else in any case,
    where it can be one student's only.

    Args:
        meet: told of whoever is in no list of the session's yet; may raise `TooManyAttempts`.

    Raises:
        StudentNotFound, NotEnrolled
    """
    named = students.known_as(tx, *student_numbers.forms(student_id))
    if named is None:
        alike = students.alike_by_number(tx, student_numbers.normal(student_id))
        named = alike[0] if len(alike) == 1 else None
    student = found(named, StudentNotFound)
    number = int(student["id"])
    if marks.of_student_in(tx, session=int(session["id"]), student=number) is None:
        if session["course"] is None:
            meet([number])
        elif not courses.is_enrolled(tx, int(session["course"]), number):
            raise NotEnrolled("This student is not enrolled in the course.")
    return student


def put(
    tx: Transaction,
    session: SessionRow,
    student: int,
    *,
    status: str,
    remark: str | None,
    by: By,
    now: datetime,
) -> tuple[MarkRow, bool]:
    """Write a mark by hand, with a line in the audit log.

    Returns the mark as the list shows it, and whether anything changed.

    Raises:
        StudentNotFound: deleted meanwhile.
    """
    session_id = int(session["id"])
    before = marks.of_student_in(tx, session=session_id, student=student)
    wanted = status, statuses.MANUAL, remark
    if before is not None and (before["status"], before["method"], before["remark"]) == wanted:
        return before, False
    try:
        marks.put(tx, session=session_id, student=student, status=status, remark=remark, now=now)
    except ForeignKeyViolation:
        raise StudentNotFound from None
    note(tx, session_id, student, before=before, status=status, remark=remark, by=by, now=now)
    after = marks.of_student_in(tx, session=session_id, student=student)
    assert after is not None
    return after, True


def note(
    tx: Transaction,
    session: int,
    student: int,
    *,
    before: Mapping[str, Any] | None,
    status: str,
    remark: str | None,
    by: By,
    now: datetime,
) -> None:
    """Write the audit log's line of a mark by hand; `before` is the mark that was there."""
    by.note(
        tx,
        now,
        "attendance.set",
        f"student:{student}",
        old={
            "session": session,
            **{key: before and before[key] for key in ("status", "method", "remark")},
        },
        new={"session": session, "status": status, "method": statuses.MANUAL},
        reason=remark,
    )
