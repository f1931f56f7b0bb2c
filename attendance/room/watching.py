"""One frame of a camera: who may send it, what it shows, and what follows from that."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from attendance.accounts.guard import Account
from attendance.core.errors import (
    CameraOff,
    ImageMissing,
    ImageTooLarge,
    from_face_error,
)
from attendance.core.services import Services
from attendance.room import access, gallery, marking, sightings
from attendance.room.cameras import Camera
from attendance.room.modes import MARK, OFF, SUGGEST
from attendance.sessions import rules
from database import DatabaseUnavailable, Row, Transaction, cameras
from database.rows import MarkRow, SessionRow
from facerecog import FaceRecogError, Wanted
from facerecog.tracks import KNOWN, UNCERTAIN, UNKNOWN, Track

MAX_FRAME_BYTES = 1_500_000
MIN_EMBEDDED = 28
MOST_EMBEDDED = 8
COOLDOWN_SECONDS = 60.0
"""Whoever was announced is announced again after this time at the earliest."""
WRITTEN_SECONDS = 30.0
"""How often it is written down that somebody is still seen."""
FLUSH_SECONDS = 10.0
STILL_SECONDS = 20.0
"""A face that never moves is asked about only after so long: most people will have moved."""
LONGEST_PAUSE = 5.0


@dataclass
class News:
    """What one frame brings, to be told after it was written."""

    marked: list[tuple[int, MarkRow]] = field(default_factory=list)
    """Students by table id, and their marks."""
    seen: list[Row] = field(default_factory=list)
    asked: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Looked:
    """A frame's answer, its session, and its news."""

    answer: dict[str, Any]
    session: SessionRow
    news: News


def look(
    parts: Services,
    account: Account,
    connection: str,
    *,
    session_id: int,
    seq: int,
    image: object,
    name: str,
) -> Looked:
    """Judge one frame.

    Raises:
        SessionNotFound, Forbidden, SessionEnded, SessionLocked, CameraOff: not for this camera, or
            not now.
        FramePending, FrameOutOfOrder, TooManyCameras: see `attendance/room/cameras.py`.
        ImageMissing, ImageTooLarge, Problem: it is no picture.
    """
    began = time.monotonic()
    if not isinstance(image, bytes) or not image:
        raise ImageMissing
    if len(image) > MAX_FRAME_BYTES:
        raise ImageTooLarge("A frame is larger than 1.5 MB: send a smaller one.")
    with parts.database.read() as tx:
        # who may not look learns nothing of other cameras either
        session, mode, room = _admitted(parts, tx, account, session_id)
    with parts.cameras.turn(connection, session_id, name, seq) as camera:
        camera.tracker.rules = room.rules
        camera.tracker.keep(room.people)
        shown = _shown(parts, camera, room, image, began)
        news = News()
        _follow(parts, session, mode, camera, room, shown, news, began)
        _note_looking(parts, camera, session_id, began)
    _count(parts, camera, shown, news)
    seconds = time.monotonic() - began
    parts.cameras.timed(seconds)
    answer = {
        "ok": True,
        "seq": seq,
        "ms": round(1000 * seconds, 1),
        "faces": [_face(parts, room, track) for track in shown],
        "marked": [mark["student_id"] for _, mark in news.marked],
    }
    return Looked(answer, session, news)


def _admitted(
    parts: Services, tx: Transaction, account: Account, session_id: int
) -> tuple[SessionRow, str, gallery.Room]:
    session = access.session_for_camera(tx, account, session_id, parts.clock.now())
    rules.require_open(session, parts.clock.now())
    mode = cameras.mode_of(tx, session_id) or OFF
    if mode == OFF:
        raise CameraOff
    return session, mode, gallery.of_courses(parts, tx, [session["course"]])


def _shown(
    parts: Services, camera: Camera, room: gallery.Room, image: bytes, at: float
) -> list[Track]:
    usual = Wanted(
        min_face=parts.settings.camera_min_face,
        min_embedded=max(MIN_EMBEDDED, parts.settings.camera_min_face),
        most_embedded=MOST_EMBEDDED if room.people else 0,
        crops=parts.settings.camera_crop_minutes > 0,
    )
    try:
        frame = parts.faces.look(image, camera.tracker.wanted(at, usual))
    except FaceRecogError as error:
        raise from_face_error(error) from error
    return camera.tracker.update(frame, at, room.judge_of_tracks, usual.min_embedded)


def _follow(
    parts: Services,
    session: SessionRow,
    mode: str,
    camera: Camera,
    room: gallery.Room,
    shown: list[Track],
    news: News,
    at: float,
) -> None:
    """Write what follows from the faces of a frame: who was seen, marks, questions."""
    present = {track.key for track in shown if track.state == KNOWN}
    for track in shown:
        student = _student(track)
        if student is None or student not in room.people:
            continue
        if track.state == KNOWN:
            _see(parts, session, camera, room, student, news, at)
            if mode == MARK:
                _mark(parts, session, student, track, camera, news)
            elif mode == SUGGEST:
                _ask(parts, session, camera, track, sightings.PROPOSED, shown, news)
        elif track.state == UNCERTAIN and student not in present:
            if not track.still:
                _ask(parts, session, camera, track, sightings.UNCERTAIN, shown, news)
            elif at - track.first_at > STILL_SECONDS:
                _ask(parts, session, camera, track, sightings.STILL, shown, news)


def _student(track: Track) -> int | None:
    nearest = track.verdict.nearest
    return None if nearest is None else int(nearest.key)


def _see(
    parts: Services,
    session: SessionRow,
    camera: Camera,
    room: gallery.Room,
    student: int,
    news: News,
    at: float,
) -> None:
    if at - camera.written.get(student, -WRITTEN_SECONDS) >= WRITTEN_SECONDS:
        if not marking.see(parts, session["id"], student):
            return
        camera.written[student] = at
    if at - camera.announced.get(student, -COOLDOWN_SECONDS) >= COOLDOWN_SECONDS:
        camera.announced[student] = at
        person = room.people[student]
        news.seen.append(
            {
                "session_id": session["id"],
                "student_id": person["student_id"],
                "name": person["name"],
                "camera": camera.name,
            }
        )


def _mark(
    parts: Services,
    session: SessionRow,
    student: int,
    track: Track,
    camera: Camera,
    news: News,
) -> None:
    if student in camera.marked:
        return
    marked = marking.mark(parts, session["id"], student, track.distance)
    if marked is None:
        return
    camera.marked.add(student)
    if not marked.already:
        news.marked.append((student, marked.mark))


def _ask(
    parts: Services,
    session: SessionRow,
    camera: Camera,
    track: Track,
    reason: str,
    shown: list[Track],
    news: News,
) -> None:
    if track.id in camera.asked:
        return
    # whoever another face of this frame may be, this one is rather somebody else: a twin
    elsewhere = {camera.asked[other.id] for other in shown if other.id in camera.asked}
    asked = sightings.ask(parts, session["id"], camera.name, track, reason, elsewhere)
    camera.asked[track.id] = None if asked is None else asked.first
    if asked is not None:
        news.asked.append(asked.sighting)


def _note_looking(parts: Services, camera: Camera, session_id: int, at: float) -> None:
    """Add up how long it looked, and write that now and then."""
    camera.frames += 1
    if camera.looked_from is None or at - camera.looked_at > LONGEST_PAUSE:
        camera.looked_from = at  # a pause is no looking
    camera.looked_at = at
    if at - camera.looked_from < FLUSH_SECONDS:
        return
    try:
        with parts.database.write() as tx:
            cameras.looked(tx, session_id, camera.frames, round(at - camera.looked_from))
    except DatabaseUnavailable:
        return
    camera.frames, camera.looked_from = 0, at


def _count(parts: Services, camera: Camera, shown: list[Track], news: News) -> None:
    decided = {
        track.id: track.state
        for track in shown
        if track.decided and camera.counted.get(track.id) != track.state
    }
    camera.counted.update(decided)
    states = list(decided.values())
    parts.cameras.count(
        frames=1,
        faces=len(shown),
        known=states.count(KNOWN),
        uncertain=states.count(UNCERTAIN),
        unknown=states.count(UNKNOWN),
        marked=len(news.marked),
    )


def _face(parts: Services, room: gallery.Room, track: Track) -> dict[str, Any]:
    face: dict[str, Any] = {
        "track": track.id,
        "box": [round(float(edge), 4) for edge in track.box],
        "state": track.state,
    }
    student = _student(track)
    if track.state == KNOWN and student in room.people and track.distance is not None:
        person = room.people[student]
        face["student_id"], face["name"] = person["student_id"], person["name"]
        face["distance"] = parts.faces.reported(track.distance)
    return face
