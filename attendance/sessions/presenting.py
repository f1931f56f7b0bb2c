"""Sessions, and the marks in them, as the outside sees them."""

from __future__ import annotations

from datetime import datetime

from attendance.core.clock import iso
from attendance.sessions import rules
from database import Row


def session(row: Row, now: datetime, *, with_code: bool) -> Row:
    """A session. Students see no code that they did not type: a scan is not to be passed on."""
    return {
        "id": row["id"],
        "code": row["code"] if with_code else None,
        "subject": row["subject"],
        "section": row["section"],
        "course_id": row["course"],
        "state": rules.state_of(row, now),
        "locked": bool(row["locked"]),
        "started_at": iso(row["started_at"]),
        "closes_at": iso(row["closes_at"]),
        "ended_at": iso(rules.end_of(row, now)),
        "late_after_minutes": row["late_after_minutes"],
    }


def mark(row: Row) -> Row:
    """One line of a session's list."""
    return {**row, "marked_at": iso(row["marked_at"])}


def history(row: Row, now: datetime) -> Row:
    """One line of a student's own history."""
    shown = {key: row[key] for key in ("session_id", "subject", "section", "status", "method")}
    return {
        **shown,
        "distance": row["distance"],
        "started_at": iso(row["started_at"]),
        "ended_at": iso(rules.end_of(row, now)),
        "marked_at": iso(row["marked_at"]),
        "remark": row["remark"],
    }
