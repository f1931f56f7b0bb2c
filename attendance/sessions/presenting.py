"""Rows of the database as the outside sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attendance.core.clock import iso
from attendance.sessions import rules
from facerecog import Face

Row = dict[str, Any]

__all__ = [
    "appeal",
    "course",
    "course_student",
    "excuse",
    "history",
    "iso",
    "mark",
    "quality",
    "session",
    "student",
    "teacher",
]


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
        **{key: row[key] for key in ("student_id", "name", "email", "templates")},
        "enrolled_at": iso(row["enrolled_at"]),
        "has_password": bool(row["has_password"]),
    }


def mark(row: Row) -> Row:
    """One line of a session's list."""
    return {**row, "marked_at": iso(row["marked_at"])}


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
    return {
        "id": row["id"],
        "course_id": row["course"],
        "student_id": row["student_id"],
        "name": row["name"],
        "from": row["first_day"],
        "to": row["last_day"],
        "reason": row["reason"],
        "created_at": iso(row["created_at"]),
    }


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


def quality(face: Face) -> Row:
    """How good a picture was."""
    found = face.quality
    return {
        "quality": round(float(found.quality), 3),
        "sharpness": round(float(found.sharpness), 1),
        "brightness": round(float(found.brightness), 1),
        "size": int(found.size),
    }
