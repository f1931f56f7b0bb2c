"""A roll call: many marks by hand at once, all or none, and taken back with one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from attendance.core.audit import By
from attendance.core.errors import InvalidRequest, NotEnrolled, NothingToUndo, StudentNotFound
from attendance.corrections import marks as by_hand
from attendance.courses import reasons
from database import ForeignKeyViolation, Row, Transaction, corrections, courses, marks, students
from database import reasons as stored_reasons
from database.corrections import Wanted as Mark
from database.rows import SessionRow


@dataclass(frozen=True)
class Wanted:
    """The status that a student (by the school's number) shall have, and why; `reason` is the id
    of one of the school's."""

    student_id: str
    status: str
    remark: str | None
    reason: int | None = None


@dataclass(frozen=True)
class Corrected:
    """What was written: the students (by table id), what takes it back (None: nothing), and how
    many the rest did not concern, since an apology excuses them."""

    students: list[int]
    undo: int | None
    excused: int = 0


def correct(
    tx: Transaction,
    session: SessionRow,
    changes: Sequence[Wanted],
    rest: str | None,
    *,
    by: By,
    now: datetime,
    meet: Callable[[list[int]], None],
) -> Corrected:
    """Write these marks by hand, each with a line in the audit log.

    Args:
        session: the row, held by this transaction.
        rest: the status of everybody in the session's course who has no mark, is not among the
            changes and is not excused by an apology for this time; None leaves them alone. Who is
            excused was not expected: whoever came all the same is named, or marks.
        meet: told of those in a session without a course who have no mark there yet; may raise
            `TooManyAttempts`.

    Raises:
        StudentNotFound, NotEnrolled: one of them may have no mark in the session.
        ReasonNotFound, ReasonOfOther, ReasonRetired: one of them may not have this reason.
        InvalidRequest: one is named twice.
    """
    session_id = int(session["id"])
    current = corrections.marks_of(tx, session_id)
    wanted = _by_student(tx, session, changes, current)
    if session["course"] is None:
        meet([student for student in wanted if student not in current])
    excused = 0
    if rest is not None:
        for row in marks.missing_in(tx, session_id, now):
            if row["id"] in wanted:
                continue
            if row["excused"]:
                excused += 1
            else:
                wanted[int(row["id"])] = (rest, None, None)
    wanted = {
        student: mark
        for student, mark in wanted.items()
        if student not in current or not by_hand.is_so(current[student], _named(mark))
    }
    if not wanted:
        return Corrected([], None, excused)
    try:
        correction = corrections.add(tx, session_id, wanted, current, now)
    except ForeignKeyViolation:
        raise StudentNotFound from None
    for student, mark in wanted.items():
        before = current.get(student)
        by_hand.note(tx, session_id, student, before=before, wanted=_named(mark), by=by, now=now)
    return Corrected(list(wanted), correction, excused)


def undo(
    tx: Transaction, session: SessionRow, correction: int, *, by: By, now: datetime
) -> tuple[list[int], int]:
    """Take a roll call back; a mark that was changed since stays as it is.

    Returns the students (by table id) whose mark is as before, and how many marks stayed.

    Args:
        session: the row, held by this transaction.

    Raises:
        NothingToUndo: it is no roll call of this session, or was undone before.
    """
    session_id = int(session["id"])
    row = corrections.by_id(tx, correction, session_id)
    if row is None or row["undone_at"] is not None:
        raise NothingToUndo
    restored, kept = corrections.undo(tx, correction, session_id, now)
    by.note(
        tx,
        now,
        "attendance.undo",
        f"session:{session_id}",
        new={"correction": correction, "restored": len(restored), "kept": kept},
    )
    return restored, kept


def _by_student(
    tx: Transaction, session: SessionRow, changes: Sequence[Wanted], current: dict[int, Row]
) -> dict[int, Mark]:
    given = stored_reasons.of_ids(tx, [one.reason for one in changes if one.reason is not None])
    found = students.ids_by_number(tx, [change.student_id for change in changes])
    course = session["course"]
    enrolled = None if course is None else set(courses.student_ids(tx, int(course)))
    wanted: dict[int, Mark] = {}
    for place, change in enumerate(changes):
        student = found.get(change.student_id)
        if student is None:
            raise StudentNotFound(f"There is no student with the number {change.student_id}.")
        if student in wanted:
            raise InvalidRequest.of(
                f"changes.{place}.student_id", "named_twice", f"{change.student_id} is named twice."
            )
        if enrolled is not None and student not in enrolled and student not in current:
            raise NotEnrolled(f"{change.student_id} is not enrolled in the course.")
        if change.reason is not None:
            kept = current.get(student, {}).get("reason_id")
            reasons.checked(given.get(change.reason), change.status, kept)
        wanted[student] = (change.status, change.remark, change.reason)
    return wanted


def _named(mark: Mark) -> dict[str, str | int | None]:
    return dict(zip(("status", "remark", "reason_id"), mark, strict=True))
