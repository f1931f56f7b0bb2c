"""Who hears of what happens in a course."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.web.events import emit, if_it_can_be_told
from database import Row, courses, staff
from database.rows import CourseRow


@if_it_can_be_told
def course_changed(parts: Services, row: CourseRow) -> None:
    """Tell those who teach in the course that students came into it, or left it."""
    emit("course_changed", {"course_id": row["id"]}, teachers_of(parts, row["id"], row["teacher"]))


@if_it_can_be_told
def staff_changed(parts: Services, row: CourseRow, teacher: int) -> None:
    """Tell those who teach in the course, and the one concerned, that somebody came to help in it,
    changed his or her part, or left."""
    rooms = teachers_of(parts, row["id"], row["teacher"])
    emit("staff_changed", {"course_id": row["id"]}, sorted({*rooms, f"teacher:{teacher}"}))


@if_it_can_be_told
def join_request_changed(parts: Services, row: Row, shown: Row) -> None:
    """Tell those who teach in the course, and the student, of a request to be let in."""
    rooms = [*teachers_of(parts, int(row["course"]), row["teacher"]), f"student:{row['student']}"]
    emit("join_request_changed", {"request": shown}, rooms)


def teachers_of(parts: Services, course: int | None, teacher: int) -> list[str]:
    """The rooms of those who teach in a course: its own teacher and who helps now. Without a
    course, that of `teacher`, whose session it is."""
    if course is None:
        return [f"teacher:{teacher}"]
    with parts.database.read() as tx:
        row = courses.by_id(tx, course)
        helpers = staff.teachers_of(tx, course, parts.clock.now())
    own = teacher if row is None else int(row["teacher"])
    return [f"teacher:{number}" for number in dict.fromkeys([own, *helpers])]
