"""What has had its time: rows that expired, and faces that nobody uses."""

from __future__ import annotations

from datetime import datetime

from database.core import Transaction
from database.filters import where

# What has expired at a moment, and what is of interest for a while longer.
_EXPIRED = {
    "guardian_links": "expires_at <= :moment",
    "revoked_tokens": "expires_at <= :moment",
    "reservation_uses": "expires_at <= :moment",
}
_OUTLIVED = {
    "sessions": "discarded_at <= :moment",
    "proposed_templates": "proposed_at <= :moment",
    "api_keys": "expires_at <= :moment",
    "first_pins": "expires_at <= :moment",
    "webhook_deliveries": "state <> 'pending' AND created_at <= :moment",
    "incidents": "ended_at <= :moment",
    # those that an appeal speaks of stay with it
    "refusals": """refused_at <= :moment AND NOT EXISTS (
        SELECT 1 FROM appeals
        WHERE appeals.session = refusals.session AND appeals.student = refusals.student)""",
}


_TERM = {"used_pictures": "used_at <= :moment"}


def expired(
    tx: Transaction, *, now: datetime, long_ago: datetime, last_term: datetime
) -> dict[str, int]:
    """How many rows of each table have no use any more."""
    return {
        table: int(tx.scalar(f"SELECT COUNT(*) FROM {table} WHERE {condition}", moment=moment))
        for table, condition, moment in _conditions(now, long_ago, last_term)
    }


def delete_expired(
    tx: Transaction, *, now: datetime, long_ago: datetime, last_term: datetime
) -> None:
    """Delete the rows that `expired` counts."""
    for table, condition, moment in _conditions(now, long_ago, last_term):
        tx.execute(f"DELETE FROM {table} WHERE {condition}", moment=moment)


def students_with_unused_faces(
    tx: Transaction, before: datetime, student: int | None = None
) -> list[int]:
    """Students, or this one, whose face was neither enrolled nor recognised for a mark since
    `before`."""
    used = """
        SELECT 1 FROM attendance
        WHERE attendance.student = face_templates.student
          AND attendance.method <> 'manual' AND attendance.marked_at >= :before
    """
    clause, params = where(
        (f"NOT EXISTS ({used})", {"before": before}),
        ("face_templates.student = :student", {"student": student}),
    )
    rows = tx.all(
        f"""
        SELECT student FROM face_templates {clause}
        GROUP BY student HAVING MAX(created_at) < :before ORDER BY student
        """,
        **params,
    )
    return [int(row["student"]) for row in rows]


def _conditions(
    now: datetime, long_ago: datetime, last_term: datetime
) -> list[tuple[str, str, datetime]]:
    return [
        *((table, condition, now) for table, condition in _EXPIRED.items()),
        *((table, condition, long_ago) for table, condition in _OUTLIVED.items()),
        *((table, condition, last_term) for table, condition in _TERM.items()),
    ]
