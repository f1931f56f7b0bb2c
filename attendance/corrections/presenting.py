"""Appeals, excuses and requests for them as the outside sees them."""

from __future__ import annotations

from attendance.corrections import schemas
from database import Row


def appeal(row: Row, refusals: list[Row]) -> Row:
    """An appeal with the refusals before it."""
    shown = [schemas.Refusal.shown(refusal) for refusal in refusals]
    return schemas.Appeal.shown(row, session_id=row["session"], refusals=shown)


def excuse(row: Row) -> Row:
    """An excuse for some days of a course."""
    return schemas.Excuse.shown(row, course_id=row["course"])


def absence(row: Row, courses: list[Row]) -> Row:
    """A request to be excused, with what is shown of its courses."""
    return schemas.Absence.shown(row, courses=courses)
