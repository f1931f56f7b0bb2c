"""Courses, and the students in them, as the outside sees them."""

from __future__ import annotations

from attendance.accounts.invitations import Invitation
from attendance.core.clock import iso
from attendance.courses.enrolling import Invited
from database import Row


def course(row: Row, *, with_code: bool) -> Row:
    """A course. Students see no join code: the teacher decides who gets it."""
    shown = ("id", "code", "name", "section", "description", "timezone")
    counted = ("excused_counts_as", "min_percentage", "max_absences", "absences_in_row")
    return {
        **{key: row[key] for key in shown},
        "teacher_id": row["teacher"],
        "join_code": row["join_code"] if with_code else None,
        "students": row["students"],
        "archived": row["archived_at"] is not None,
        "created_at": iso(row["created_at"]),
        "late_counts": bool(row["late_counts"]),
        **{key: row[key] for key in counted},
    }


def course_student(row: Row) -> Row:
    """A student in the list of a course."""
    return {
        **{key: row[key] for key in ("id", "student_id", "name", "email", "templates")},
        "enrolled_at": iso(row["enrolled_at"]),
        "has_password": bool(row["has_password"]),
    }


def invitation(made: Invitation) -> Row:
    """A link, and until when it counts."""
    return {"link": made.link, "expires_at": iso(made.expires_at)}


def invited(made: Invited, *, mailed: bool) -> Row:
    """The answer to whoever asked for a link, which is told only where it may be."""
    shown = invitation(made.invitation) if made.is_shown else None
    return {"invitation": shown, "mailed": mailed}
