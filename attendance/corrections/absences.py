"""Students ask to be excused, in advance or afterwards; each of their courses decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
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
from attendance.corrections import presenting, schemas
from attendance.courses import percentages
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
    reports,
)

MOST_DAYS = 366
MOST_LISTED = 200
REASON_LENGTH = 200  # of an excuse


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


def one(tx: Transaction, account: Account, absence: int, now: datetime) -> Row:
    """One request. Raises `AbsenceNotFound`, also where it is none of the account's concern."""
    row = found(absences.by_id(tx, absence), AbsenceNotFound)
    if account.kind == STUDENT and row["student"] != account.id:
        raise AbsenceNotFound
    shown = _shown(tx, [row], account, now)
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
    by: By,
    now: datetime,
) -> Row:
    """Decide for the courses that are meant (None: all that the account may decide for).

    Where it is accepted, what the student misses on these days counts as excused.

    Raises:
        AbsenceNotFound
        Forbidden: the account may not decide for one of `only`.
        AbsenceDecided: nothing is left to decide.
    """
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
    for line in meant:
        course = int(line["course"])
        try:
            absences.decide(
                tx, absence=absence, course=course, accepted=accepted, remark=remark, now=now
            )
        except UniqueViolation:  # somebody else was first
            raise AbsenceDecided from None
        except ForeignKeyViolation:
            raise AbsenceNotFound from None
        if accepted:
            _excuse(tx, row, line, now)
        by.note(
            tx,
            now,
            "absence.decide",
            f"student:{row['student']}",
            new={
                "course": course,
                "from": row["first_day"],
                "to": row["last_day"],
                "accepted": accepted,
            },
            reason=remark,
        )
    pushing.tell(
        tx,
        int(row["student"]),
        pushing.ABSENCE_DECIDED,
        now,
        absence=absence,
        accepted=accepted,
    )
    return one(tx, account, absence, now)


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


def _excuse(tx: Transaction, row: Row, line: Row, now: datetime) -> None:
    first, last = date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"])
    begins_at, ends_at = zones.days(first, last, line["timezone"])
    excuses.create(
        tx,
        course=int(line["course"]),
        student=int(row["student"]),
        first_day=row["first_day"],
        last_day=row["last_day"],
        begins_at=begins_at,
        ends_at=ends_at,
        reason=row["reason"][:REASON_LENGTH],
        now=now,
    )


def _may(tx: Transaction, account: Account, line: Row, now: datetime) -> bool:
    role = role_of(tx, account, teacher=line["teacher"], course=int(line["course"]), now=now)
    return role is not None and Right.CORRECT in RIGHTS[role]


def _shown(tx: Transaction, rows: list[Row], account: Account, now: datetime) -> list[Row]:
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
        shown.append(
            presenting.absence(row, [_course(tx, row, line, histories[student]) for line in lines])
        )
    return shown


def _course(tx: Transaction, row: Row, line: Row, history: list[Row]) -> Row:
    first, last = date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"])
    begins_at, ends_at = zones.days(first, last, line["timezone"])
    course = courses.by_id(tx, int(line["course"]))
    definitions = percentages.definitions_of(course) if course else percentages.Definitions()
    held = [one for one in history if one["course"] == line["course"] and one["status"]]
    is_meant = [
        one["status"] == statuses.ABSENT and begins_at <= one["started_at"] < ends_at
        for one in held
    ]
    as_is = Counter(one["status"] for one in held)
    excused = Counter(
        statuses.EXCUSED if meant else one["status"]
        for one, meant in zip(held, is_meant, strict=True)
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
