"""POST /session/{id}/photograph: who is on photographs of the class."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.admission.shares import IDENTIFICATION
from attendance.core.limits import MAX_IMAGES
from attendance.core.roles import TEACHER
from attendance.courses.access import Right
from attendance.room import gallery, photographs, schemas, sightings
from attendance.room.photographs import Found
from attendance.room.views import TAGS
from attendance.sessions import events as session_events
from attendance.sessions import rules
from attendance.sessions.access import own_session, own_session_held
from attendance.sessions.schemas import SessionPath
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row
from facerecog.tracks import UNCERTAIN

bp = APIBlueprint("photograph", __name__, url_prefix="/session", abp_tags=TAGS)


@bp.post(
    "/<int:session_id>/photograph",
    security=SECURITY,
    responses={200: schemas.PhotographOut, **refuses(410, 423)},
)
@requires(TEACHER, images=MAX_IMAGES, turn=IDENTIFICATION)
def photograph(path: SessionPath, form: schemas.PhotographForm) -> Response:
    """Find every face on one to five photographs of the class and mark whom it is for sure.

    Only students who agreed to the camera are recognised. No photograph is kept.
    """
    parts = services()
    with parts.database.read() as tx:
        session = own_session(tx, caller(), path.session_id, Right.RUN, parts.clock.now())
    if form.mark:
        rules.require_open(session, parts.clock.now())
    pictures = uploads.pictures(form.image)
    found, room = photographs.recognise(parts, session, pictures)
    marked = _mark(path.session_id, found, room) if form.mark else []
    faces = [_face(each, room) for each in found]
    return jsonify(
        {
            "faces": faces,
            "marked": marked,
            "uncertain": [face for face in faces if face["state"] == UNCERTAIN],
        }
    )


def _mark(session_id: int, found: list[Found], room: gallery.Room) -> list[str]:
    parts = services()
    students = {each.student for each in found if each.student is not None}
    numbers = [
        str(person["student_id"])
        for student, person in sorted(room.people.items())
        if student in students
    ]
    if not numbers:
        return []
    with parts.database.write() as tx:
        now = parts.clock.now()
        session = own_session_held(tx, caller(), session_id, Right.RUN, now)
        rules.require_open(session, now)
        new = sightings.confirm(tx, session, numbers, by=acting(), now=now)
    for student, mark in new:
        session_events.attendance_marked(parts, session, student, mark)
    return [str(mark["student_id"]) for _, mark in new]


def _face(found: Found, room: gallery.Room) -> Row:
    parts = services()
    person = room.people.get(found.student) if found.student is not None else None
    candidates = [
        {
            "student_id": room.people[int(match.key)]["student_id"],
            "name": room.people[int(match.key)]["name"],
            "distance": parts.faces.reported(match.distance),
        }
        for match in (found.verdict.candidates if found.state == UNCERTAIN else ())
        if int(match.key) in room.people
    ]
    return schemas.PhotographFace.shown(
        {},
        image=found.image,
        box=[round(float(edge), 4) for edge in found.face.box],
        state=found.state,
        student_id=person and person["student_id"],
        name=person and person["name"],
        distance=parts.faces.reported(found.distance) if person else None,
        candidates=candidates,
    )
