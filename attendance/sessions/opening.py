"""Opening a session: with the teacher's code, or a fresh one that no live session has."""

from __future__ import annotations

from typing import Any

from attendance.core import codes
from attendance.core.errors import CodeTaken, CourseNotFound
from database import ForeignKeyViolation, Row, Transaction, UniqueViolation, sessions


def open_session(tx: Transaction, *, code: str | None = None, **fields: Any) -> Row:
    """Add the session, with `fields` as `sessions.create` takes them.

    Raises:
        CodeTaken: the code that was wanted belongs to another live session.
        CourseNotFound: the course was deleted meanwhile.
    """
    try:
        if not code:
            return codes.drawn(lambda fresh: sessions.create(tx, code=fresh, **fields))
        return sessions.create(tx, code=code, **fields)
    except UniqueViolation:
        raise CodeTaken from None
    except ForeignKeyViolation:
        raise CourseNotFound from None
