"""Planned lessons that open by themselves."""

from __future__ import annotations

from attendance.core.errors import AlreadyStarted, CourseNotFound
from attendance.core.services import Services
from attendance.courses import patterns
from attendance.courses.patterns import Occurrence
from attendance.sessions import lessons
from database import ForeignKeyViolation, Transaction, courses, plans, sessions
from database.rows import SessionRow


def open_due(parts: Services) -> list[SessionRow]:
    """Open what is automatic and has begun; returns the sessions that are new.

    Where nobody served at the planned time, it opens late and counts from the planned start, so
    that who comes is as late as he or she is. What is over is left alone, and so is what was
    discarded. Where the teacher has started the course's session by hand, that is the lesson's.
    """
    now = parts.clock.now()
    first, last = lessons.days_around(now)
    with parts.database.read() as tx:
        due = [
            occurrence
            for plan in plans.automatic(tx, first.isoformat(), last.isoformat())
            for occurrence in patterns.occurrences(plan, first, last)
            if occurrence.starts_at <= now < occurrence.ends_at
        ]
        due = [found for found in due if lessons.became(tx, found) is None] if due else due
    opened = []
    for occurrence in due:
        try:
            with parts.database.write() as tx:
                row = _open(parts, tx, occurrence)
        except (AlreadyStarted, CourseNotFound, ForeignKeyViolation):
            continue  # another process was quicker, or the plan is gone
        if row is not None:
            opened.append(row)
    return opened


def _open(parts: Services, tx: Transaction, occurrence: Occurrence) -> SessionRow | None:
    """The new session, or None where one that is open already became the lesson's."""
    course = int(occurrence.plan["course"])
    courses.lock(tx, course)
    running = sessions.open_of_course(tx, course, parts.clock.now())
    if running is not None:
        lessons.adopt(tx, occurrence, running)
        return None
    return lessons.open_lesson(tx, occurrence, parts.settings, occurrence.starts_at)
