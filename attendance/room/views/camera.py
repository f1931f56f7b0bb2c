"""A session's cameras: what they may do, and what the teacher is asked."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses.access import Right
from attendance.room import comparing, events, presenting, schemas, sightings
from attendance.room.modes import OFF
from attendance.room.views import TAGS
from attendance.sessions import events as session_events
from attendance.sessions import presenting as session_presenting
from attendance.sessions import rules
from attendance.sessions.access import own_session, own_session_held
from attendance.sessions.schemas import SessionPath
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row, Transaction, cameras, students
from database.rows import SessionRow

bp = APIBlueprint("camera", __name__, url_prefix="/session", abp_tags=TAGS)


@bp.get("/<int:session_id>/camera", security=SECURITY, responses={200: schemas.CameraOut})
@requires(TEACHER)
def state(path: SessionPath) -> Response:
    """What the session's cameras may do, and how many students they know and have seen."""
    with services().database.read() as tx:
        session = own_session(tx, caller(), path.session_id, Right.SEE, services().clock.now())
        return jsonify({"camera": _state(tx, session)})


@bp.put(
    "/<int:session_id>/camera",
    security=SECURITY,
    responses={200: schemas.CameraOut, **refuses(410)},
)
@requires(TEACHER)
def set_mode(path: SessionPath, body: schemas.CameraIn) -> Response:
    """Let cameras recognise in the session: `suggest` asks the teacher, `mark` marks who is
    recognised for sure, `off` ends it. The change is audited."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, services().clock.now())
        now = parts.clock.now()
        if body.mode != OFF:
            rules.require_not_ended(session, now)
        before = cameras.mode_of(tx, path.session_id) or OFF
        if before != body.mode:
            cameras.set_mode(tx, path.session_id, body.mode, now)
            acting().note(
                tx,
                now,
                "session.camera",
                f"session:{path.session_id}",
                old={"mode": before},
                new={"mode": body.mode},
            )
        shown = _state(tx, session)
    if before != body.mode:
        events.camera_changed(parts, session, body.mode)
    return jsonify({"camera": shown})


@bp.get(
    "/<int:session_id>/camera/compared", security=SECURITY, responses={200: schemas.ComparedOut}
)
@requires(TEACHER)
def compare(path: SessionPath) -> Response:
    """Who checked in and was never seen by a camera that looked long enough, and who was seen and
    did not check in. Neither proves anything: the teacher decides."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        session = own_session(tx, caller(), path.session_id, Right.SEE, now)
        found = comparing.compared(tx, session)
    return jsonify(presenting.compared(found))


@bp.get("/<int:session_id>/sightings", security=SECURITY, responses={200: schemas.SightingsOut})
@requires(TEACHER)
def list_sightings(path: SessionPath, query: schemas.SightingsQuery) -> Response:
    """The faces of which the teacher is asked who they are, the oldest first."""
    with services().database.read() as tx:
        own_session(tx, caller(), path.session_id, Right.SEE, services().clock.now())
        shown = sightings.waiting(tx, path.session_id, every=query.all)
    return jsonify({"sightings": shown})


@bp.get(
    "/<int:session_id>/sightings/<int:sighting>/crop.jpg",
    security=SECURITY,
    responses={200: {"content": {"image/jpeg": {}}}},
)
@requires(TEACHER)
def crop(path: schemas.SightingPath) -> Response:
    """The small picture of a face that waits for an answer; it is gone with it, with the session,
    or after CAMERA_CROP_MINUTES."""
    parts = services()
    with parts.database.read() as tx:
        own_session(tx, caller(), path.session_id, Right.SEE, services().clock.now())
        picture = sightings.crop(parts, tx, path.session_id, path.sighting)
    response = Response(picture)
    response.headers["Content-Type"] = "image/jpeg"
    return response


@bp.post(
    "/<int:session_id>/sightings/<int:sighting>/decide",
    security=SECURITY,
    responses={200: schemas.SightingOut, **refuses(409)},
)
@requires(TEACHER)
def decide(path: schemas.SightingPath, body: schemas.DecideSightingIn) -> Response:
    """Say who it is, which marks the student as seen by a camera; or null: nobody of those."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, services().clock.now())
        decided = sightings.decide(
            tx, session, path.sighting, body.student_id, by=acting(), now=parts.clock.now()
        )
    if decided.is_new and decided.student is not None and decided.mark is not None:
        session_events.attendance_marked(parts, session, decided.student, decided.mark)
    events.sighting_decided(parts, session, decided.sighting)
    shown = None if decided.mark is None else session_presenting.mark(decided.mark)
    return jsonify({"sighting": decided.sighting, "attendance": shown})


@bp.post(
    "/<int:session_id>/sightings/<int:sighting>/undo",
    security=SECURITY,
    responses={200: schemas.SightingOut, **refuses(409)},
)
@requires(TEACHER)
def undo(path: schemas.SightingPath) -> Response:
    """Take a decision back, and the mark that it made; the face waits again."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, services().clock.now())
        shown = sightings.undo(tx, session, path.sighting, by=acting(), now=parts.clock.now())
    events.list_changed(parts, session)
    events.sighting_added(parts, session, shown)
    return jsonify({"sighting": shown, "attendance": None})


@bp.post(
    "/<int:session_id>/camera/marks",
    security=SECURITY,
    responses={200: schemas.CameraMarksOut},
)
@requires(TEACHER)
def confirm(path: SessionPath, body: schemas.StudentsIn) -> Response:
    """Mark the students whom the teacher has recognised in a photograph of the class; who has a
    mark keeps it. The answer names those who were marked now."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, services().clock.now())
        new = sightings.confirm(tx, session, body.student_ids, by=acting(), now=parts.clock.now())
    for student, mark in new:
        session_events.attendance_marked(parts, session, student, mark)
    return jsonify({"marked": [mark["student_id"] for _, mark in new]})


@bp.post(
    "/<int:session_id>/camera/marks/undo",
    security=SECURITY,
    responses={200: schemas.CameraMarksOut},
)
@requires(TEACHER)
def take_back(path: SessionPath, body: schemas.StudentsIn) -> Response:
    """Take back marks that came from a camera or photograph; others stay as they are."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, services().clock.now())
        gone = sightings.take_back(
            tx, session, body.student_ids, by=acting(), now=parts.clock.now()
        )
        rows = students.of_ids(tx, gone)
    if gone:
        events.list_changed(parts, session)
    return jsonify({"marked": [row["student_id"] for row in rows]})


def _state(tx: Transaction, session: SessionRow) -> Row:
    kept = cameras.of_session(tx, session["id"]) or {"mode": OFF, "seen": 0, "marked": 0}
    gallery = len(cameras.gallery(tx, session["course"]))
    return schemas.CameraState.shown(kept, gallery=gallery)
