"""How the outside sees terms and holidays."""

from __future__ import annotations

from attendance.planning import schemas
from database import Row


def school_days(row: Row) -> Row:
    """A term or holiday."""
    return schemas.SchoolDays.shown(row)
