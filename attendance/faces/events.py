"""Who hears of what happens to a face."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.web.events import emit, if_it_can_be_told
from database import courses, staff
from database.rows import StudentRow


@if_it_can_be_told
def face_changed(parts: Services, student: StudentRow) -> None:
    """Tell the teachers of the student's courses that another face was put in the place of the
    one before."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        attended = courses.attended_by(tx, int(student["id"]))
        teachers = {int(course["teacher"]) for course in attended}
        for course in attended:
            teachers.update(staff.teachers_of(tx, int(course["id"]), now))
    told = {"student_id": student["student_id"], "name": student["name"]}
    emit("face_changed", told, [f"teacher:{number}" for number in sorted(teachers)])


@if_it_can_be_told
def registered(parts: Services, student: int) -> None:
    """Tell those who teach in the courses of a student whom a device has registered."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        told = [
            (int(course["id"]), {int(course["teacher"]), *staff.teachers_of(tx, course["id"], now)})
            for course in courses.attended_by(tx, student)
        ]
    for course, teachers in told:
        rooms = [f"teacher:{number}" for number in sorted(teachers)]
        emit("course_changed", {"course_id": course}, rooms)


def face_removed(student: int) -> None:
    """Tell the student that the school has taken the face out."""
    emit("face_removed", {}, [f"student:{student}"])
