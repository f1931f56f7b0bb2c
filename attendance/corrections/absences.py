"""Students ask to be excused, in advance or afterwards; each of their courses decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from attendance.accounts.guard import Account
from attendance.core import pushing, statuses, zones
from attendance.core.audit import By
from attendance.core.errors import (
    AbsenceDecided,
    AbsenceNotFound,
    Forbidden,
    InvalidRequest,
    StudentNotFound,
    found,
)
from attendance.core.roles import STUDENT
from attendance.corrections import marks as by_hand
from attendance.corrections import presenting, schemas
from attendance.courses import percentages, reasons
from attendance.courses.access import RIGHTS, Right, role_of
from attendance.courses.schemas import CourseName
from database import (
    ForeignKeyViolation,
    Row,
    Transaction,
    UniqueViolation,
    absences,
    courses,
    excuses,
    marks,
    reports,
    sessions,
)
from database.rows import MarkRow, SessionRow

MOST_DAYS = 366
MOST_LISTED = 200
REASON_LENGTH = 200  # of an excuse


@dataclass(frozen=True)
class Decided:
    """A request after the decision, and the marks that it changed."""

    shown: Row
    student: int
    marked: list[tuple[SessionRow, MarkRow]] = field(default_factory=list)


def ask(tx: Transaction, student: int, first: date, last: date, reason: str, now: datetime) -> Row:
    """A new request for the days from first to last.

    Raises:
        InvalidRequest: these are more than 366 days.
        StudentNotFound: the account was deleted meanwhile.
    """
    if last - first >= timedelta(days=MOST_DAYS):
        raise InvalidRequest.of("to", "too_many_days", f"At most {MOST_DAYS} days at once.")
    try:
        number = absences.create(
            tx,
            student=student,
            first_day=first.isoformat(),
            last_day=last.isoformat(),
            reason=reason,
            now=now,
        )
    except ForeignKeyViolation:
        raise StudentNotFound from None
    return found(absences.by_id(tx, number), AbsenceNotFound)


def listed(tx: Transaction, account: Account, now: datetime) -> list[Row]:
    """The newest requests that concern the account: a student's own; for who teaches, those of
    students in courses for which he or she may decide."""
    if account.kind == STUDENT:
        rows = absences.select(tx, student=account.id, limit=MOST_LISTED)
    else:
        mine = None
        if not account.is_admin:
            mine = [int(row["id"]) for row in courses.of_teacher(tx, account.id, now)]
        rows = absences.select(tx, courses=mine, limit=MOST_LISTED)
    return _shown(tx, rows, account, now)


def waiting(tx: Transaction, account: Account, now: datetime) -> int:
    """How many requests wait for the courses in which the account decides."""
    mine = [
        int(row["id"])
        for row in courses.of_teacher(tx, account.id, now)
        if row["archived_at"] is None
        and _may(tx, account, {"teacher": row["teacher"], "course": row["id"]}, now)
    ]
    return absences.count_open(tx, mine)


def one(
    tx: Transaction, account: Account, absence: int, now: datetime, reason: int | None = None
) -> Row:
    """One request, and what excusing it would do for this reason of the school's.

    Raises:
        AbsenceNotFound: also where it is none of the account's concern.
        ReasonNotFound, ReasonOfOther, ReasonRetired
    """
    row = found(absences.by_id(tx, absence), AbsenceNotFound)
    if account.kind == STUDENT and row["student"] != account.id:
        raise AbsenceNotFound
    given = reasons.usable(tx, reason, statuses.EXCUSED)
    shown = _shown(tx, [row], account, now, None if given is None else str(given["meaning"]))
    if not shown:
        raise AbsenceNotFound
    return shown[0]


def is_open(shown: Row) -> bool:
    """Whether one of the courses of a request, as it is shown, has not decided."""
    return any(course["state"] == "open" for course in shown["courses"])


def decide(
    tx: Transaction,
    account: Account,
    absence: int,
    *,
    accepted: bool,
    remark: str | None,
    only: Collection[int] | None,
    reason: int | None = None,
    by: By,
    now: datetime,
) -> Decided:
    """Decide for the courses that are meant (None: all that the account may decide for): for all
    of them or, where that fails, for none.

    Where it is accepted, what the student misses on these days counts as excused, for a reason of
    the school's or without one; so do marks of being absent that are there.

    Raises:
        AbsenceNotFound
        Forbidden: the account may not decide for one of `only`.
        AbsenceDecided: nothing is left to decide.
        ReasonNotFound, ReasonOfOther, ReasonRetired
        InvalidRequest: a reason, and nothing is accepted.
    """
    if reason is not None and not accepted:
        raise InvalidRequest.of("reason_id", "not_accepted", "Nothing is excused.")
    row = found(absences.by_id(tx, absence), AbsenceNotFound)
    mine = [line for line in absences.concerned(tx, [absence]) if _may(tx, account, line, now)]
    if not mine:
        raise AbsenceNotFound
    if only is not None and not set(only) <= {int(line["course"]) for line in mine}:
        raise Forbidden("You may not decide for one of these courses.")
    meant = [
        line
        for line in mine
        if line["accepted"] is None and (only is None or int(line["course"]) in only)
    ]
    if not meant:
        raise AbsenceDecided
    reasons.usable(tx, reason, statuses.EXCUSED)
    student, marked = int(row["student"]), []
    for line in meant:
        course = int(line["course"])
        try:
            absences.decide(
                tx,
                absence=absence,
                course=course,
                accepted=accepted,
                remark=remark,
                reason_id=reason,
                now=now,
            )
        except UniqueViolation:  # somebody else was first
            raise AbsenceDecided from None
        except ForeignKeyViolation:
            raise AbsenceNotFound from None
        if accepted:
            marked += _excuse(tx, row, line, reason, by, now)
        by.note(
            tx,
            now,
            "absence.decide",
            f"student:{student}",
            new={
                "course": course,
                "from": row["first_day"],
                "to": row["last_day"],
                "accepted": accepted,
                **({} if reason is None else {"reason_id": reason}),
            },
            reason=remark,
        )
    pushing.tell(
        tx,
        student,
        pushing.ABSENCE_DECIDED,
        now,
        absence=absence,
        accepted=accepted,
    )
    return Decided(one(tx, account, absence, now), student, marked)


def withdraw(tx: Transaction, student: int, absence: int, now: datetime) -> None:
    """Take the student's own request back, before anybody has decided.

    Raises:
        AbsenceNotFound, AbsenceDecided
    """
    row = found(absences.by_id(tx, absence), AbsenceNotFound)
    if row["student"] != student:
        raise AbsenceNotFound
    if any(line["accepted"] is not None for line in absences.concerned(tx, [absence])):
        raise AbsenceDecided
    absences.delete(tx, absence, student, now)


def _excuse(
    tx: Transaction, row: Row, line: Row, reason: int | None, by: By, now: datetime
) -> list[tuple[SessionRow, MarkRow]]:
    """Excuse the student in one course; returns the marks of being absent that were there."""
    begins_at, ends_at = _moments(row, line)
    excuses.create(
        tx,
        course=int(line["course"]),
        student=int(row["student"]),
        first_day=row["first_day"],
        last_day=row["last_day"],
        begins_at=begins_at,
        ends_at=ends_at,
        reason=row["reason"][:REASON_LENGTH],
        reason_id=reason,
        now=now,
    )
    course, student = int(line["course"]), int(row["student"])
    marked = []
    for number in marks.absent_between(tx, course, student, begins_at, ends_at):
        session = sessions.by_id_locked(tx, number)
        mark = marks.of_student_in(tx, session=number, student=student)
        if session is None or mark is None or mark["status"] != statuses.ABSENT:
            continue  # put right meanwhile
        mark, _ = by_hand.put(
            tx,
            session,
            student,
            status=statuses.EXCUSED,
            remark=mark["remark"],
            reason=reason,
            by=by,
            now=now,
        )
        marked.append((session, mark))
    return marked


def _moments(row: Row, line: Row) -> tuple[datetime, datetime]:
    """When the days of a request begin and end in a course."""
    first, last = date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"])
    return zones.days(first, last, line["timezone"])


def _may(tx: Transaction, account: Account, line: Row, now: datetime) -> bool:
    role = role_of(tx, account, teacher=line["teacher"], course=int(line["course"]), now=now)
    return role is not None and Right.CORRECT in RIGHTS[role]


def _shown(
    tx: Transaction,
    rows: list[Row],
    account: Account,
    now: datetime,
    meaning: str | None = None,
) -> list[Row]:
    by_absence: dict[int, list[Row]] = {int(row["id"]): [] for row in rows}
    for line in absences.concerned(tx, list(by_absence)) if rows else []:
        if account.kind == STUDENT or _may(tx, account, line, now):
            by_absence[int(line["absence"])].append(line)
    histories: dict[int, list[Row]] = {}
    shown = []
    for row in rows:
        lines = by_absence[int(row["id"])]
        if not lines and account.kind != STUDENT:
            continue
        student = int(row["student"])
        if student not in histories:
            histories[student] = reports.history(tx, student, None, now)
        concerned = [_course(tx, row, line, histories[student], meaning) for line in lines]
        shown.append(presenting.absence(row, concerned))
    return shown


def _course(tx: Transaction, row: Row, line: Row, history: list[Row], meaning: str | None) -> Row:
    begins_at, ends_at = _moments(row, line)
    course = courses.by_id(tx, int(line["course"]))
    definitions = percentages.definitions_of(course) if course else percentages.Definitions()
    held = [one for one in history if one["course"] == line["course"] and one["status"]]
    is_meant = [
        one["status"] == statuses.ABSENT and begins_at <= one["started_at"] < ends_at
        for one in held
    ]
    counted = [percentages.counted_as(one["status"], one["meaning"]) for one in held]
    then = percentages.counted_as(statuses.EXCUSED, meaning)
    as_is = Counter(counted)
    excused = Counter(
        then if meant else as_now for as_now, meant in zip(counted, is_meant, strict=True)
    )
    state = "open" if line["accepted"] is None else "accepted" if line["accepted"] else "rejected"
    return schemas.AbsenceCourse.shown(
        line,
        course=CourseName.shown(line, id=line["course"]),
        state=state,
        missed=sum(is_meant),
        now=percentages.share(as_is, definitions).shown(),
        excused=percentages.share(excused, definitions).shown(),
    )
