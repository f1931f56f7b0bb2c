"""Who hears of a session, and of the marks in it."""

from __future__ import annotations

from datetime import datetime

from attendance.core.clock import iso
from attendance.core.services import Services
from attendance.core.statuses import STATUSES
from attendance.courses import percentages
from attendance.courses.events import teachers_of
from attendance.sessions import presenting, stays
from attendance.sessions.first_marks import Decided
from attendance.web.events import ALL_STUDENTS, emit, if_it_can_be_told
from database import Row, courses, marks, sessions, students
from database.rows import MarkRow, SessionRow


@if_it_can_be_told
def session_changed(parts: Services, event: str, row: SessionRow) -> None:
    """Tell everyone concerned that a session started, stopped, or changed between."""
    now = parts.clock.now()
    session_id = row["id"]
    shown = presenting.session(row, now, with_code=False)
    emit(event, {"session_id": session_id, "session": shown}, _students_of(parts, row))
    shown = presenting.session(row, now, with_code=True)
    emit(event, {"session_id": session_id, "session": shown}, listeners_of(parts, row))


@if_it_can_be_told
def session_discarded(parts: Services, row: SessionRow) -> None:
    """Tell everyone concerned that a session counts for nothing any more."""
    told = {"session_id": row["id"]}
    emit("session_discarded", told, [*listeners_of(parts, row), *_students_of(parts, row)])


@if_it_can_be_told
def attendance_marked(parts: Services, row: SessionRow, student: int, mark: MarkRow) -> None:
    """Tell the teacher, and the student concerned, that a mark was written."""
    session_id, now = row["id"], parts.clock.now()
    stay = stays.of(mark, row, parts.settings.left_early_minutes, now)
    shown = {"session_id": session_id, **presenting.mark(mark, stay)}
    emit("attendance_marked", shown, listeners_of(parts, row))
    own_mark = {"session_id": session_id, **presenting.own_mark(mark, stay)}
    emit("attendance_marked", own_mark, [f"student:{student}"])
    with parts.database.read() as tx:
        counts = marks.counts(tx, session_id, now)
        own = marks.summary_of(tx, student, now)
    _emit_counts(parts, row, counts)
    emit(
        "attendance_summary_updated",
        {
            "session_id": session_id,
            **percentages.summary(own),
        },
        [f"student:{student}"],
    )


@if_it_can_be_told
def refusal_noted(parts: Services, row: SessionRow, student: int, code: str) -> None:
    """Tell the teachers that a student tried to mark and was refused, and why."""
    if told := _of_student(parts, row, student):
        emit("refusal_noted", {**told, "code": code}, listeners_of(parts, row))


@if_it_can_be_told
def first_mark_added(parts: Services, row: SessionRow, student: int) -> None:
    """Tell the teachers that a student has marked with a face that waits for one of them."""
    if told := _of_student(parts, row, student):
        emit("first_mark_added", told, listeners_of(parts, row))


@if_it_can_be_told
def face_decided(parts: Services, decided: Decided, accepted: bool) -> None:
    """Tell the student, and the teachers of sessions in which a mark waited for it, that somebody
    has said whose the face is; and of the marks that came of it."""
    student = int(decided.student["id"])
    told = {"student_id": decided.student["student_id"], "accepted": accepted}
    rooms = {f"student:{student}"}
    written = []
    for session in decided.asked:
        with parts.database.read() as tx:
            row = sessions.by_id(tx, session)
            mark = marks.of_student_in(tx, session=session, student=student)
        if row is not None:
            rooms.update(listeners_of(parts, row))
            if mark is not None and session in decided.sessions:
                written.append((row, mark))
    emit("face_decided", told, sorted(rooms))
    for row, mark in written:
        attendance_marked(parts, row, student, mark)


def send_snapshot(
    parts: Services, room: str, row: SessionRow, listed: list[MarkRow], *, with_code: bool
) -> None:
    """Send the whole list of a session, as `listed`, to a room or one connection."""
    now = parts.clock.now()
    emit(
        "attendance_snapshot",
        {
            "session_id": row["id"],
            "session": presenting.session(row, now, with_code=with_code),
            "attendance": [
                (presenting.mark if with_code else presenting.own_mark)(
                    line, stays.of(line, row, parts.settings.left_early_minutes, now)
                )
                for line in listed
            ],
        },
        [room],
    )


def counts_changed(parts: Services, row: SessionRow) -> None:
    """Tell the teacher how many are in each status."""
    with parts.database.read() as tx:
        counts = marks.counts(tx, row["id"], parts.clock.now())
    _emit_counts(parts, row, counts)


def _of_student(parts: Services, row: SessionRow, student: int) -> Row | None:
    """Who did something in the session; None: the account was deleted meanwhile."""
    with parts.database.read() as tx:
        found = students.by_id(tx, student)
    if found is None:
        return None
    return {
        "session_id": row["id"],
        "student_id": found["student_id"],
        "name": found["name"],
    }


def _emit_counts(parts: Services, row: SessionRow, counts: dict[str, int]) -> None:
    emit(
        "attendance_summary_updated",
        {
            "session_id": row["id"],
            "counts": {status: counts.get(status, 0) for status in STATUSES},
        },
        listeners_of(parts, row),
    )


@if_it_can_be_told
def announce_ended(parts: Services, session_ids: list[int]) -> None:
    """Tell everyone concerned that these sessions have come to their planned end."""
    for session_id in session_ids:
        with parts.database.read() as tx:
            row = sessions.by_id(tx, session_id)
        if row is not None:
            session_changed(parts, "session_stopped", row)


def qr_rotated(connection: str, session_id: int, changes_at: datetime) -> None:
    """Tell one connection, which watches the session, that its QR code is another."""
    emit("qr_rotated", {"session_id": session_id, "changes_at": iso(changes_at)}, [connection])


def _students_of(parts: Services, row: SessionRow) -> list[str]:
    if row["course"] is None:
        return [ALL_STUDENTS, f"session:{row['id']}"]
    with parts.database.read() as tx:
        return [f"student:{student}" for student in courses.student_ids(tx, int(row["course"]))]


def listeners_of(parts: Services, row: SessionRow) -> list[str]:
    """The rooms of the teachers who hear of a session."""
    return [*teachers_of(parts, row["course"], row["teacher"]), watchers_of(row["id"])]


def watchers_of(session_id: int) -> str:
    """The room of the teachers who watch a session's list."""
    return f"session:{session_id}:teachers"
