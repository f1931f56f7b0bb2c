"""What a message says: which words, about what, and the page behind it.

The words stand in the browser's service worker, in the reader's language; names are of the rows as
they are when it is sent.
"""

from __future__ import annotations

import json
from datetime import datetime

from attendance.core import pushing, statuses
from attendance.core.roles import PENDING
from attendance.sessions import rules
from database import Row, Transaction, absences, appeals, join_requests, sessions, teachers

# A subject or a course's name, so that a message stays within its room.
LONGEST = 100


def told(tx: Transaction, message: Row, now: datetime) -> Row | None:
    """{kind, subject, accepted, path}; None: it is not worth telling any more."""
    about = json.loads(message["about"])
    found = _TOLD[message["kind"]](tx, about, now)
    return None if found is None else {"kind": message["kind"], **found}


def _session(tx: Transaction, about: Row, now: datetime) -> Row | None:
    row = sessions.by_id(tx, about["session"])
    if row is None or rules.state_of(row, now) == statuses.ENDED:
        return None
    return _of(row["subject"], "/join")


def _appeal(tx: Transaction, about: Row, _now: datetime) -> Row | None:
    row = appeals.by_id(tx, about["appeal"])
    if row is None or row["decided_at"] is None:
        return None
    return _of(row["subject"], "/my/attendance", row["state"] == "accepted")


def _absence(tx: Transaction, about: Row, _now: datetime) -> Row | None:
    if absences.by_id(tx, about["absence"]) is None:
        return None
    return _of("", "/my/absences", bool(about["accepted"]))


def _request(tx: Transaction, about: Row, _now: datetime) -> Row | None:
    row = join_requests.by_id(tx, about["request"])
    if row is None or row["decided_at"] is None:
        return None
    return _of(row["course_name"], "/my", row["state"] == "accepted")


def _appeal_made(tx: Transaction, about: Row, _now: datetime) -> Row | None:
    row = appeals.by_id(tx, about["appeal"])
    if row is None or row["decided_at"] is not None:
        return None
    return _of(row["subject"], "/teach/appeals")


def _request_made(tx: Transaction, about: Row, _now: datetime) -> Row | None:
    row = join_requests.by_id(tx, about["request"])
    if row is None or row["decided_at"] is not None:
        return None
    return _of(row["course_name"], "/teach")


def _teacher_waits(tx: Transaction, _about: Row, _now: datetime) -> Row | None:
    return _of("", "/manage") if teachers.count_in_state(tx, PENDING) else None


def _of(subject: str, path: str, accepted: bool | None = None) -> Row:
    return {"subject": subject[:LONGEST], "accepted": accepted, "path": path}


_TOLD = {
    pushing.SESSION_STARTED: _session,
    pushing.APPEAL_DECIDED: _appeal,
    pushing.ABSENCE_DECIDED: _absence,
    pushing.REQUEST_DECIDED: _request,
    pushing.APPEAL_MADE: _appeal_made,
    pushing.REQUEST_MADE: _request_made,
    pushing.TEACHER_WAITS: _teacher_waits,
}
