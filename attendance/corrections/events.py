"""Who hears of what people put right."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.sessions import events, presenting
from attendance.web.events import emit, if_it_can_be_told
from database import Row, marks


@if_it_can_be_told
def list_replaced(parts: Services, row: Row) -> None:
    """Send the teacher the whole list of a session again."""
    with parts.database.read() as tx:
        listed = marks.of_session(tx, int(row["id"]), parts.clock.now())
    events.send_snapshot(parts, events.watchers_of(row["id"]), row, listed, with_code=True)
    events.counts_changed(parts, row)


@if_it_can_be_told
def marks_replaced(parts: Services, row: Row, students: list[int]) -> None:
    """Send the teacher the whole list again, and each of these students the own mark."""
    list_replaced(parts, row)
    session_id = int(row["id"])
    with parts.database.read() as tx:
        current = {
            student: marks.of_student_in(tx, session=session_id, student=student)
            for student in students
        }
    for student, mark in current.items():
        if mark is not None:
            shown = {"session_id": session_id, **presenting.mark(mark)}
            emit("attendance_marked", shown, [f"student:{student}"])


def appeal_changed(row: Row, student: int, shown: Row) -> None:
    """Tell the teacher, and the student concerned, that an appeal was made or decided."""
    emit("appeal_changed", {"appeal": shown}, [f"teacher:{row['teacher']}", f"student:{student}"])
