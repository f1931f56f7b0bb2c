"""Reports as the outside sees them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from attendance.core import statuses
from attendance.core.clock import iso
from attendance.courses.percentages import Share
from attendance.reports.daily import Day
from attendance.reports.figures import Attended, Standing
from attendance.sessions import rules
from database import Row


def _counted(counts: Counter[str], share: Share) -> Row:
    return {
        **{status: counts[status] for status in statuses.STATUSES},
        "total": share.total,
        "percentage": share.percentage,
    }


def _person(row: Row) -> Row:
    return {key: row[key] for key in ("student_id", "name", "email")}


def standing(line: Standing) -> Row:
    """A student of the matrix."""
    return {
        **_person(line.student),
        **_counted(line.counts, line.share),
        "absences_left": line.absences_left,
        "last_seen_at": iso(line.last_seen_at),
        "marks": line.marks,
    }


def at_risk(line: Standing) -> Row:
    """A student at risk."""
    return {
        **_person(line.student),
        **_counted(line.counts, line.share),
        "absences_left": line.absences_left,
        "absent_in_a_row": line.absent_in_a_row,
        "last_seen_at": iso(line.last_seen_at),
        "reasons": line.risks,
    }


def counted_session(row: Row, counts: Counter[str], share: Share, now: datetime) -> Row:
    """A session of the matrix."""
    return {
        "id": row["id"],
        "subject": row["subject"],
        "section": row["section"],
        "state": rules.state_of(row, now),
        "started_at": iso(row["started_at"]),
        "ended_at": iso(rules.end_of(row, now)),
        **_counted(counts, share),
    }


def attended(found: Attended, now: datetime) -> Row:
    """A student in one course."""
    course = found.course
    return {
        "course": course and {key: course[key] for key in ("id", "code", "name")},
        **_counted(found.counts, found.share),
        "absences_left": found.absences_left,
        "last_seen_at": iso(found.last_seen_at),
        "reasons": found.risks,
        "history": [
            {
                "session_id": row["session"],
                "subject": row["subject"],
                "section": row["section"],
                "started_at": iso(row["started_at"]),
                "ended_at": iso(rules.end_of(row, now)),
                "status": row["status"],
                "method": row["method"],
                "marked_at": iso(row["marked_at"]),
                "remark": row["remark"],
            }
            for row in found.history
        ],
    }


def listed_student(row: Row) -> Row:
    """A student in the list for programs."""
    return {
        **_person(row),
        "templates": row["templates"],
        "has_password": bool(row["has_password"]),
        "created_at": iso(row["created_at"]),
    }


def record(row: Row, now: datetime) -> Row:
    """Where one student stood in one session."""
    return {
        "session_id": row["session"],
        "course_id": row["course"],
        "subject": row["subject"],
        "section": row["section"],
        "started_at": iso(row["started_at"]),
        "ended_at": iso(rules.end_of(row, now)),
        **{key: row[key] for key in ("student_id", "name", "status", "method", "distance")},
        "marked_at": iso(row["marked_at"]),
        "remark": row["remark"],
    }


def day(found: Day) -> Row:
    """A day of the statistics."""
    return {
        "date": found.date.isoformat(),
        "sessions": len(found.sessions),
        **_counted(found.counts, found.share),
    }
