"""What people are told by push while no page is open, and for how long that is worth anything.

Queued here, in the transaction of what it tells; `attendance/push` sends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from database import Transaction, push

SESSION_STARTED, APPEAL_DECIDED = "session_started", "appeal_decided"
ABSENCE_DECIDED, REQUEST_DECIDED = "absence_decided", "request_decided"
# To teachers: what waits for them.
APPEAL_MADE, REQUEST_MADE, TEACHER_WAITS = "appeal_made", "request_made", "teacher_waits"
LIVES = {
    SESSION_STARTED: timedelta(minutes=30),
    APPEAL_DECIDED: timedelta(days=1),
    ABSENCE_DECIDED: timedelta(days=1),
    REQUEST_DECIDED: timedelta(days=1),
    APPEAL_MADE: timedelta(days=1),
    REQUEST_MADE: timedelta(minutes=30),
    TEACHER_WAITS: timedelta(days=1),
}


def tell_course(tx: Transaction, course: int, kind: str, now: datetime, **about: Any) -> None:
    """Queue it for every browser of the students who are in the course."""
    push.queue_to_course(tx, course, kind, now=now, until=now + LIVES[kind], **about)


def tell_teachers(
    tx: Transaction, teachers: list[int], kind: str, now: datetime, **about: Any
) -> None:
    """Queue it for every browser of these teachers."""
    push.queue_to_teachers(tx, teachers, kind, now=now, until=now + LIVES[kind], **about)


def tell(tx: Transaction, student: int, kind: str, now: datetime, **about: Any) -> None:
    """Queue it for every browser of the student."""
    push.queue(tx, student, kind, now=now, until=now + LIVES[kind], **about)
