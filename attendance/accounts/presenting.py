"""Accounts as the outside sees them: never the password hash."""

from __future__ import annotations

from attendance.core.clock import iso
from database import Row


def teacher(row: Row) -> Row:
    """A teacher, without the password hash."""
    return {
        **{key: row[key] for key in ("id", "name", "email", "department", "role", "state")},
        "created_at": iso(row["created_at"]),
    }


def student(row: Row) -> Row:
    """A student, without the password hash."""
    return {
        **{key: row[key] for key in ("id", "student_id", "name", "email", "course", "templates")},
        "consent_at": iso(row["consent_at"]),
        "created_at": iso(row["created_at"]),
    }
