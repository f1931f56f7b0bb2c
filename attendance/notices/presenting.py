"""How rules, and what they found, look from outside."""

from __future__ import annotations

from attendance.courses.schemas import CourseName
from attendance.notices import schemas
from database import Row


def rule(row: Row, held: int) -> Row:
    """A rule, of which so many messages wait to be confirmed."""
    return schemas.NoticeRule.shown(row, held=held)


def incident(row: Row, sent: list[Row]) -> Row:
    """What a rule found, with its messages."""
    return schemas.Incident.shown(
        row,
        rule=schemas.IncidentRule.shown(row, id=row["rule"], name=row["rule_name"]),
        student=schemas.IncidentStudent.shown(row, id=row["student"]),
        course=CourseName.shown(row, id=row["course"], name=row["course_name"]),
        day=row["day"] or None,
        found=float(row["found"]),
        notices=[_notice(one) for one in sent],
    )


def _notice(row: Row) -> Row:
    names = {
        "student": row["name"],
        "teacher": row["teacher_name"],
        "tutor": row["tutor_name"],
        "guardian": row["guardian_name"] or row["guardian_email"],
    }
    due_at = row["due_at"] if row["state"] == "pending" else None
    return schemas.Notice.shown(row, to=names.get(row["whom"]), due_at=due_at)
