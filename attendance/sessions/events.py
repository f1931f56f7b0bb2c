"""Who hears what over Socket.IO.

Rooms: `teacher:7` and `student:12` (every connection of an account), `students` (all of them:
a session without a course is open to each), `session:9` (students who joined), `session:9:teachers`
(who watch its list). Who is in a course is asked at the moment of sending: a student who was
enrolled or removed meanwhile, on whichever process, hears what he or she may hear.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec

from attendance.core import statuses
from attendance.courses import percentages
from attendance.sessions import presenting
from attendance.web.current import services
from attendance.web.extensions import socketio
from database import DatabaseUnavailable, Row, courses, marks, sessions

log = logging.getLogger("attendance")

ALL_STUDENTS = "students"
Told = ParamSpec("Told")


def _if_it_can_be_told(tell: Callable[Told, None]) -> Callable[Told, None]:
    """What is stored does not depend on who hears of it: that the database is away by now, and
    cannot say who that is, ends up in the log."""

    @functools.wraps(tell)
    def told(*args: Told.args, **kwargs: Told.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except DatabaseUnavailable as error:
            log.error("%s: nobody was told: %s", tell.__name__, error)

    return told


@_if_it_can_be_told
def session_changed(event: str, row: Row) -> None:
    """Tell everyone concerned that a session started, was locked or unlocked, or stopped."""
    now = services().clock.now()
    session_id = row["id"]
    shown = presenting.session(row, now, with_code=False)
    emit(event, {"session_id": session_id, "session": shown}, _students_of(row))
    shown = presenting.session(row, now, with_code=True)
    emit(event, {"session_id": session_id, "session": shown}, _teachers_of(row))


@_if_it_can_be_told
def attendance_marked(row: Row, student: int, mark: Row) -> None:
    """Tell the teacher, and the student concerned, that a mark was written."""
    session_id = row["id"]
    shown = {"session_id": session_id, **presenting.mark(mark)}
    emit("attendance_marked", shown, [*_teachers_of(row), f"student:{student}"])
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        counts = marks.counts(tx, session_id, now)
        own = marks.summary_of(tx, student, now)
    _emit_counts(row, counts)
    emit(
        "attendance_summary_updated",
        {
            "session_id": session_id,
            **percentages.summary(own),
        },
        [f"student:{student}"],
    )


def send_snapshot(room: str, row: Row, listed: list[Row], *, with_code: bool) -> None:
    """Send the whole list of a session, as `listed`, to a room or one connection."""
    now = services().clock.now()
    emit(
        "attendance_snapshot",
        {
            "session_id": row["id"],
            "session": presenting.session(row, now, with_code=with_code),
            "attendance": [presenting.mark(line) for line in listed],
        },
        [room],
    )


@_if_it_can_be_told
def list_replaced(row: Row) -> None:
    """Send the teacher the whole list of a session again."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        listed = marks.of_session(tx, int(row["id"]), now)
    send_snapshot(f"session:{row['id']}:teachers", row, listed, with_code=True)
    _counts_changed(row)


@_if_it_can_be_told
def appeal_changed(row: Row, student: int, shown: Row) -> None:
    """Tell the teacher, and the student concerned, that an appeal was made or decided."""
    emit("appeal_changed", {"appeal": shown}, [f"teacher:{row['teacher']}", f"student:{student}"])


def course_changed(row: Row) -> None:
    """Tell the teacher that students came into the course, or left it."""
    emit("course_changed", {"course_id": row["id"]}, [f"teacher:{row['teacher']}"])


def _counts_changed(row: Row) -> None:
    parts = services()
    with parts.database.read() as tx:
        counts = marks.counts(tx, row["id"], parts.clock.now())
    _emit_counts(row, counts)


def _emit_counts(row: Row, counts: dict[str, int]) -> None:
    emit(
        "attendance_summary_updated",
        {
            "session_id": row["id"],
            "counts": {status: counts.get(status, 0) for status in statuses.STATUSES},
        },
        _teachers_of(row),
    )


@_if_it_can_be_told
def announce_ended(session_ids: list[int]) -> None:
    """Tell everyone concerned that these sessions have come to their planned end."""
    for session_id in session_ids:
        with services().database.read() as tx:
            row = sessions.by_id(tx, session_id)
        if row is not None:
            session_changed("session_stopped", row)


def _students_of(row: Row) -> list[str]:
    if row["course"] is None:
        return [ALL_STUDENTS, f"session:{row['id']}"]
    with services().database.read() as tx:
        return [f"student:{student}" for student in courses.student_ids(tx, int(row["course"]))]


def _teachers_of(row: Row) -> list[str]:
    return [f"teacher:{row['teacher']}", f"session:{row['id']}:teachers"]


def emit(event: str, payload: Row, rooms: list[str]) -> None:
    """Send to each connection in any of the rooms, once. What is stored does not depend on it."""
    if not rooms:  # which the library takes for everybody
        return
    try:
        socketio.emit(event, payload, to=rooms)
    except Exception as error:
        log.error("%s could not be sent: %s", event, error)
