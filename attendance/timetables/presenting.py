"""How the outside sees timetables."""

from __future__ import annotations

from attendance.core.clock import iso
from attendance.courses.schemas import CourseName
from attendance.timetables import comparing, schemas
from attendance.timetables.comparing import Change, Slot
from attendance.timetables.looking import Done
from database import Row
from database.rows import CourseRow

MOST_SHOWN = 500


def done(what: Done, *, dry_run: bool) -> Row:
    """What was taken over, or would be."""
    changes = [one for one in what.changes if one.result != comparing.UNCHANGED]
    return {
        "dry_run": dry_run,
        "timetable": what.timetable and schemas.Timetable.shown(what.timetable),
        "until": iso(what.last_day),
        "counts": what.counts,
        "changes": [_change(one, what.courses) for one in changes[:MOST_SHOWN]],
        "more": max(0, len(changes) - MOST_SHOWN),
        "labels": [
            schemas.TimetableLabel.shown(one, course=_course(what.courses.get(one.course or 0)))
            for one in what.labels
        ],
        "courses": [
            schemas.TimetableCourse.shown(course)
            for course in sorted(what.courses.values(), key=lambda one: (one["code"], one["id"]))
        ],
    }


def _change(change: Change, courses: dict[int, CourseRow]) -> Row:
    course = courses.get(change.course or 0)
    return schemas.TimetableChange.shown(
        change,
        course=_course(course),
        timezone=course and course["timezone"],
        before=_slot(change.before),
        after=_slot(change.after),
    )


def _course(course: CourseRow | None) -> Row | None:
    return None if course is None else CourseName.shown(course)


def _slot(slot: Slot | None) -> Row | None:
    return None if slot is None else schemas.SlotOut.shown(slot)
