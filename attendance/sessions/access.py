"""Whose session it is, and which course it belongs to."""

from __future__ import annotations

from datetime import datetime

from attendance.accounts.guard import Account
from attendance.core.errors import SessionNotFound, found
from attendance.core.settings import Settings
from attendance.courses.access import Right, require_session
from database import Transaction, courses, sessions
from database.rows import CourseRow, SessionRow


def own_session(
    tx: Transaction, account: Account, session_id: int, right: Right, now: datetime
) -> SessionRow:
    """The session, if the account has this right in it.

    Raises:
        SessionNotFound, Forbidden
    """
    row = found(sessions.by_id(tx, session_id), SessionNotFound)
    require_session(tx, account, row, right, now)
    return row


def own_session_held(
    tx: Transaction, account: Account, session_id: int, right: Right, now: datetime
) -> SessionRow:
    """Like `own_session`; its marks nobody else changes until the commit.

    Raises:
        SessionNotFound, Forbidden
    """
    own_session(tx, account, session_id, right, now)
    return found(sessions.by_id_locked(tx, session_id), SessionNotFound)


def course_of(tx: Transaction, session: SessionRow) -> CourseRow | None:
    """The session's course, or None where it has none."""
    return None if session["course"] is None else courses.by_id(tx, int(session["course"]))


def zone_of(course: CourseRow | None, settings: Settings) -> str:
    """The course's time zone, or the school's where there is no course."""
    return str(course["timezone"] if course else settings.timezone)
