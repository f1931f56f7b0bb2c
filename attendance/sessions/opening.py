"""Opening a session: one at a time in a course, with a code that no live session has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attendance.core import codes, pushing
from attendance.core.errors import CodeTaken, CourseNotFound, SessionOpen
from attendance.sessions import presenting
from database import ForeignKeyViolation, Transaction, UniqueViolation, courses, sessions
from database.rows import SessionRow


def open_session(
    tx: Transaction, *, code: str | None = None, code_seconds: int = 0, **fields: Any
) -> SessionRow:
    """Add the session, with `fields` as `sessions.create` takes them, and queue that the course's
    students are told by push.

    Its code turns each `code_seconds`; 0: it stays the same. So does one that was chosen.

    Raises:
        CodeTaken: the code that was wanted belongs to another live session.
        CourseNotFound: the course was deleted meanwhile.
    """
    row = _created(tx, code, code_seconds, fields)
    if row["course"] is not None:
        course = int(row["course"])
        kind = pushing.SESSION_STARTED
        pushing.tell_course(tx, course, kind, row["started_at"], session=row["id"])
    return row


def _created(
    tx: Transaction, code: str | None, code_seconds: int, fields: dict[str, Any]
) -> SessionRow:
    try:
        if not code:
            turning: dict[str, Any] = (
                {"code_seed": codes.new_seed(), "code_seconds": code_seconds}
                if code_seconds
                else {}
            )
            return codes.drawn(lambda fresh: sessions.create(tx, code=fresh, **fields, **turning))
        return sessions.create(tx, code=code, **fields)
    except UniqueViolation:
        raise CodeTaken from None
    except ForeignKeyViolation:
        raise CourseNotFound from None


def add_past(tx: Transaction, **fields: Any) -> SessionRow:
    """Add a session that was held before, with `fields` as `sessions.add_past` takes them.

    Raises:
        CourseNotFound: the course was deleted meanwhile.
    """
    try:
        return sessions.add_past(tx, code=codes.new_code(), **fields)
    except ForeignKeyViolation:
        raise CourseNotFound from None


def require_none_open(tx: Transaction, course: int, now: datetime) -> None:
    """Refuse a second session beside an open one. Until the commit, nobody else opens one.

    Raises:
        SessionOpen: the course has one; `session` is it.
    """
    courses.lock(tx, course)
    row = sessions.open_of_course(tx, course, now)
    if row is not None:
        raise SessionOpen(session=presenting.session(row, now, with_code=True))
