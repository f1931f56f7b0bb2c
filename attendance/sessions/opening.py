"""Opening a session: with the teacher's code, or a fresh one that no live session has."""

from __future__ import annotations

from typing import Any

from attendance.core import codes
from attendance.core.errors import CodeTaken, CourseNotFound, Unavailable
from database import ForeignKeyViolation, Row, Transaction, UniqueViolation, sessions

CODE_DRAWS = 8


def open_session(tx: Transaction, *, code: str | None = None, **fields: Any) -> Row:
    """Add the session, with `fields` as `sessions.create` takes them.

    Raises:
        CodeTaken: the code that was wanted belongs to another live session.
        CourseNotFound: the course was deleted meanwhile.
    """
    for _ in range(1 if code else CODE_DRAWS):
        try:
            return sessions.create(tx, code=code or codes.new_code(), **fields)
        except UniqueViolation:
            if code:
                raise CodeTaken from None
        except ForeignKeyViolation:
            raise CourseNotFound from None
    raise Unavailable("No free session code was found. Try again.")
