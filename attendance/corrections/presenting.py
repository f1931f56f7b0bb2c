"""Appeals and excuses as the outside sees them."""

from __future__ import annotations

from attendance.core.clock import iso
from attendance.corrections import schemas
from database import Row


def appeal(row: Row, refusals: list[Row]) -> Row:
    """An appeal with the refusals before it."""
    return {
        "id": row["id"],
        "session_id": row["session"],
        "subject": row["subject"],
        "started_at": iso(row["started_at"]),
        **{key: row[key] for key in ("student_id", "name", "reason")},
        "refusals": [
            {"code": refusal["code"], "refused_at": iso(refusal["refused_at"])}
            for refusal in refusals
        ],
        "state": row["state"],
        "remark": row["remark"],
        "created_at": iso(row["created_at"]),
        "decided_at": iso(row["decided_at"]),
    }


def excuse(row: Row) -> Row:
    """An excuse for some days of a course."""
    return schemas.Excuse.shown(row, course_id=row["course"])
