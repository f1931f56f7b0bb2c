"""Marks by hand: who may get one, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attendance.core import statuses, student_numbers
from attendance.core.audit import By
from attendance.core.clock import iso
from attendance.core.errors import (
    InvalidRequest,
    NotEnrolled,
    NotMarked,
    StudentNotFound,
    found,
)
from attendance.courses import reasons
from attendance.sessions import rules
from database import ForeignKeyViolation, Transaction, courses, departures, marks, students
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
    reason: int | None = None,
    by: By,
    now: datetime,
) -> tuple[MarkRow, bool]:
    """Write a mark by hand, with a line in the audit log.

    Returns the mark as the list shows it, and whether anything changed.

    Args:
        reason: the id of one of the school's.

    Raises:
        StudentNotFound: deleted meanwhile.
        ReasonNotFound, ReasonOfOther, ReasonRetired
    """
    session_id = int(session["id"])
    before = marks.of_student_in(tx, session=session_id, student=student)
    reasons.usable(tx, reason, status, before and before["reason_id"])
    wanted = {"status": status, "remark": remark, "reason_id": reason}
    if before is not None and is_so(before, wanted):
        return before, False
    try:
        marks.put(
            tx,
            session=session_id,
            student=student,
            status=status,
            remark=remark,
            reason=reason,
            now=now,
        )
    except ForeignKeyViolation:
        raise StudentNotFound from None
    note(tx, session_id, student, before=before, wanted=wanted, by=by, now=now)
    after = marks.of_student_in(tx, session=session_id, student=student)
    assert after is not None
    return after, True


def is_so(mark: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a mark was made by hand and is as `wanted`: `status`, `remark` and `reason_id`."""
    return mark["method"] == statuses.MANUAL and all(
        mark[name] == value for name, value in wanted.items()
    )


def put_left(
    tx: Transaction,
    session: SessionRow,
    student: int,
    left_at: datetime | None,
    by: By,
    now: datetime,
) -> MarkRow:
    """Write when a student left, or (None) that he or she stayed, with a line in the audit log.

    Raises:
        NotMarked: the student was not there.
        InvalidRequest: before the session began, after its end, or still to come.
    """
    who = {"session": int(session["id"]), "student": student}
    before = found(marks.of_student_in(tx, **who), NotMarked)
    if before["status"] not in (statuses.PRESENT, statuses.LATE):
        raise NotMarked("The student has no mark of having been there.")
    if left_at is not None and left_at > (rules.end_of(session, now) or now):
        raise InvalidRequest.of("left_at", "future", "That is after the end.")
    if left_at is not None and left_at < session["started_at"]:
        raise InvalidRequest.of("left_at", "before_start", "That is before the session began.")
    departures.take_back(tx, **who)
    if left_at is not None:
        departures.add(tx, **who, left_at=left_at, left_by="manual")
    if before["left_at"] != left_at:
        old = {"session": who["session"], "left_at": iso(before["left_at"])}
        new = {"session": who["session"], "left_at": iso(left_at)}
        by.note(tx, now, "attendance.left", f"student:{student}", old=old, new=new)
    return found(marks.of_student_in(tx, **who), NotMarked)


def note(
    tx: Transaction,
    session: int,
    student: int,
    *,
    before: Mapping[str, Any] | None,
    wanted: Mapping[str, Any],
    by: By,
    now: datetime,
) -> None:
    """Write the audit log's line of a mark by hand; `before` is the mark that was there, `wanted`
    has `status`, `remark` and `reason_id`."""
    old = {key: before and before[key] for key in ("status", "method", "remark")}
    new = {"status": wanted["status"], "method": statuses.MANUAL}
    if before is not None and before["reason_id"] is not None:
        old["reason_id"] = before["reason_id"]
    if wanted["reason_id"] is not None:
        new["reason_id"] = wanted["reason_id"]
    by.note(
        tx,
        now,
        "attendance.set",
        f"student:{student}",
        old={"session": session, **old},
        new={"session": session, **new},
        reason=wanted["remark"],
    )
