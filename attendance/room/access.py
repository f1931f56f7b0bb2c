"""Who may look into which session."""

from __future__ import annotations

from datetime import datetime

from attendance.accounts import api_keys
from attendance.accounts.guard import Account
from attendance.core.errors import Forbidden, ScopeMissing, SessionNotFound, found
from attendance.core.roles import DEVICE, TEACHER
from attendance.courses.access import Right
from attendance.sessions.access import own_session
from database import Transaction, sessions
from database import api_keys as keys
from database.rows import SessionRow

SCOPE = "camera"


def session_for_camera(
    tx: Transaction, account: Account, session_id: int, now: datetime
) -> SessionRow:
    """The session, if this account may let a camera look into it: its teacher, or a device with
    the scope `camera` that is bound to its course or room, or to nothing.

    Raises:
        SessionNotFound, Forbidden, ScopeMissing
    """
    if account.kind == TEACHER:
        return own_session(tx, account, session_id, Right.RUN, now)
    if account.kind != DEVICE:
        raise Forbidden("Only a teacher or a camera may do this.")
    if SCOPE not in api_keys.scopes_of(account.row):
        raise ScopeMissing(f"This API key lacks the scope {SCOPE}.")
    row = found(sessions.by_id(tx, session_id), SessionNotFound)
    courses, room = keys.courses_of(tx, account.id), account.row["room"]
    if (courses or room is not None) and not (
        row["course"] in courses or (room is not None and row["room"] == room)
    ):
        raise Forbidden("This API key is bound to other courses or to another room.")
    return row
