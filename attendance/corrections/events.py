"""Who hears of what people put right."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.courses.events import teachers_of
from attendance.sessions import events, presenting
from attendance.web.events import emit, if_it_can_be_told
from database import Row, courses, marks
from database.rows import SessionRow

FEW = 5


@if_it_can_be_told
def list_replaced(parts: Services, row: SessionRow) -> None:
    """Send the teacher the whole list of a session again."""
    with parts.database.read() as tx:
        listed = marks.of_session(tx, int(row["id"]), parts.clock.now())
    events.send_snapshot(parts, events.watchers_of(row["id"]), row, listed, with_code=True)
    events.counts_changed(parts, row)


@if_it_can_be_told
def marks_replaced(parts: Services, row: SessionRow, students: list[int]) -> None:
    """Tell the teacher and each of these students of the marks; of many, or of those that are no
    more, the teacher gets the whole list again."""
    session_id = int(row["id"])
    with parts.database.read() as tx:
        current = {
            student: marks.of_student_in(tx, session=session_id, student=student)
            for student in students
        }
    if len(students) <= FEW and None not in current.values():
        for student, mark in current.items():
            assert mark is not None
            events.attendance_marked(parts, row, student, mark)
        return
    list_replaced(parts, row)
    for student, mark in current.items():
        if mark is not None:
            shown = {"session_id": session_id, **presenting.own_mark(mark)}
            emit("attendance_marked", shown, [f"student:{student}"])


@if_it_can_be_told
def absence_changed(parts: Services, absence: int, student: int) -> None:
    """Tell the student, and those who teach in his or her courses, that a request to be excused
    was made, decided or taken back."""
    with parts.database.read() as tx:
        rows = courses.attended_by(tx, student)
    rooms = {f"student:{student}"}
    for row in rows:
        rooms.update(teachers_of(parts, row["id"], row["teacher"]))
    emit("absence_changed", {"absence_id": absence}, sorted(rooms))


@if_it_can_be_told
def appeal_changed(parts: Services, row: SessionRow, student: int, shown: Row) -> None:
    """Tell the teachers, and the student concerned, that an appeal was made or decided."""
    rooms = [*teachers_of(parts, row["course"], row["teacher"]), f"student:{student}"]
    emit("appeal_changed", {"appeal": shown}, rooms)
