"""What has had its time: rows that expired, and faces that nobody uses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
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
    "first_marks": "marked_at <= :moment",
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
# Pictures of notes: so long after the last decision, and of requests that nobody decides.
_DECIDED = {
    "absence_notes": """absence IN (SELECT absence FROM absence_decisions
                                    GROUP BY absence HAVING MAX(decided_at) <= :moment)"""
}
_UNDECIDED = {
    "absence_notes": """added_at <= :moment
                        AND absence NOT IN (SELECT absence FROM absence_decisions)"""
}


@dataclass(frozen=True)
class Times:
    """What is older than these has had its time."""

    now: datetime
    long_ago: datetime
    last_term: datetime
    notes_decided: datetime
    notes_undecided: datetime


def expired(tx: Transaction, times: Times) -> dict[str, int]:
    """How many rows of each table have no use any more."""
    found: Counter[str] = Counter()
    for table, condition, moment in _conditions(times):
        found[table] += int(
            tx.scalar(f"SELECT COUNT(*) FROM {table} WHERE {condition}", moment=moment)
        )
    return dict(found)


def delete_expired(tx: Transaction, times: Times) -> None:
    """Delete the rows that `expired` counts."""
    for table, condition, moment in _conditions(times):
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


def _conditions(times: Times) -> list[tuple[str, str, datetime]]:
    kinds = (
        (_EXPIRED, times.now),
        (_OUTLIVED, times.long_ago),
        (_TERM, times.last_term),
        (_DECIDED, times.notes_decided),
        (_UNDECIDED, times.notes_undecided),
    )
    return [
        (table, condition, moment)
        for conditions, moment in kinds
        for table, condition in conditions.items()
    ]
