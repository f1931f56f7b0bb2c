"""Who is told of what the cameras see: the session's teachers."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.room.modes import OFF
from attendance.room.watching import Looked
from attendance.sessions import events
from attendance.web.events import ALL_STUDENTS, emit, if_it_can_be_told
from database import Row, courses, marks, sessions
from database.rows import SessionRow


@if_it_can_be_told
def looked(parts: Services, seen: Looked) -> None:
    """Tell what a frame brought."""
    for student, mark in seen.news.marked:
        events.attendance_marked(parts, seen.session, student, mark)
    for told in seen.news.seen:
        emit("face_seen", told, events.listeners_of(parts, seen.session))
    for sighting in seen.news.asked:
        sighting_added(parts, seen.session, sighting)


@if_it_can_be_told
def sighting_added(parts: Services, session: SessionRow, sighting: Row) -> None:
    """Tell the teachers that they are asked about a face, or that the answer was taken back."""
    told = {"session_id": session["id"], "sighting": sighting}
    emit("sighting_added", told, events.listeners_of(parts, session))


@if_it_can_be_told
def sighting_decided(parts: Services, session: SessionRow, sighting: Row) -> None:
    """Tell the teachers that a face needs no answer any more."""
    told = {"session_id": session["id"], "sighting": sighting}
    emit("sighting_decided", told, events.listeners_of(parts, session))


@if_it_can_be_told
def camera_changed(parts: Services, session: SessionRow, mode: str) -> None:
    """Tell everybody concerned whether a camera recognises in the session."""
    told = {"session_id": session["id"], "recognises": mode != OFF}
    emit("camera_changed", told, _students_of(parts, session))
    emit("camera_changed", {**told, "mode": mode}, events.listeners_of(parts, session))


@if_it_can_be_told
def list_changed(parts: Services, session: SessionRow) -> None:
    """Send the list again: marks have gone from it."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        row = sessions.by_id(tx, session["id"])
        listed = marks.of_session(tx, session["id"], now)
    if row is not None:
        room = events.watchers_of(session["id"])
        events.send_snapshot(parts, room, row, listed, with_code=True)
        events.counts_changed(parts, row)


def _students_of(parts: Services, session: SessionRow) -> list[str]:
    if session["course"] is None:
        return [ALL_STUDENTS]
    with parts.database.read() as tx:
        return [f"student:{student}" for student in courses.student_ids(tx, session["course"])]
