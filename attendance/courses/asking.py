"""Students who stand before a session and are not in its course: they ask, a teacher lets in."""

from __future__ import annotations

from datetime import datetime

from attendance.accounts.guard import Account
from attendance.core import pushing
from attendance.core.audit import By
from attendance.core.errors import (
    CourseArchived,
    JoinRequestDecided,
    JoinRequestNotFound,
    StudentNotFound,
    found,
)
from attendance.courses.access import RIGHTS, Right, own_course, role_of, who_may
from database import ForeignKeyViolation, Row, Transaction, courses, join_requests


def ask(tx: Transaction, course_id: int, student: int, now: datetime) -> tuple[Row, bool]:
    """The student's request for the course, and whether it is new.

    Raises:
        CourseArchived: nobody is let in any more.
        StudentNotFound: the account was deleted meanwhile.
    """
    course = courses.by_id(tx, course_id)
    if course is None or course["archived_at"] is not None:
        raise CourseArchived
    try:
        is_new = join_requests.ask(tx, course_id, student, now)
    except ForeignKeyViolation:
        raise StudentNotFound from None
    row = found(join_requests.of(tx, course_id, student), JoinRequestNotFound)
    if is_new:
        deciding = who_may(tx, Right.ORGANISE, teacher=course["teacher"], course=course_id, now=now)
        pushing.tell_teachers(tx, deciding, pushing.REQUEST_MADE, now, request=row["id"])
    return row, is_new


def waiting(tx: Transaction, account: Account, now: datetime) -> list[Row]:
    """The requests that the account may decide, the oldest first."""
    return [
        row
        for row in join_requests.waiting(tx, teacher=account.id, as_of=now)
        if may_decide(tx, account, row, now)
    ]


def may_decide(tx: Transaction, account: Account, row: Row, now: datetime) -> bool:
    """Whether the account may say who is in the course of the request."""
    role = role_of(tx, account, teacher=row["teacher"], course=int(row["course"]), now=now)
    return role is not None and Right.ORGANISE in RIGHTS[role]


def decide(
    tx: Transaction, account: Account, request: int, *, accepted: bool, by: By, now: datetime
) -> Row:
    """Let the student into the course, or decline; returns the request.

    Raises:
        JoinRequestNotFound, Forbidden
        JoinRequestDecided: somebody else was first.
        CourseArchived
    """
    row = found(join_requests.by_id(tx, request), JoinRequestNotFound)
    course = own_course(tx, account, int(row["course"]), Right.ORGANISE, now)
    if accepted and course["archived_at"] is not None:
        raise CourseArchived
    if not join_requests.decide(tx, request, accepted=accepted, now=now):
        raise JoinRequestDecided
    student = int(row["student"])
    if accepted:
        courses.enrol(tx, int(row["course"]), student, now)
    by.note(
        tx,
        now,
        "course.request",
        f"student:{student}",
        new={"course": row["course"], "accepted": accepted},
    )
    pushing.tell(tx, student, pushing.REQUEST_DECIDED, now, request=request)
    return found(join_requests.by_id(tx, request), JoinRequestNotFound)


def settled(tx: Transaction, row: Row, now: datetime) -> Row:
    """The request of somebody who is in the course by now: nobody needs to decide it."""
    join_requests.settle(tx, int(row["course"]), int(row["student"]), now)
    return found(join_requests.by_id(tx, int(row["id"])), JoinRequestNotFound)
