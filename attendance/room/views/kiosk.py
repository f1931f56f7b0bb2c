"""/kiosk: what a tablet at the door asks and sends; /student/pass: what a student shows there."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import DEVICE_SECURITY, SECURITY, caller, count_attempt, requires
from attendance.admission.shares import IDENTIFICATION
from attendance.core.clock import iso
from attendance.core.errors import Forbidden
from attendance.core.limits import MAX_IMAGES
from attendance.core.roles import DEVICE, STUDENT, TEACHER
from attendance.courses import check_in
from attendance.room import kiosk, passes, schemas
from attendance.room.views import TAGS
from attendance.sessions import events as session_events
from attendance.sessions.tickets import png
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses

bp = APIBlueprint("kiosk", __name__, abp_tags=TAGS)


@bp.get("/kiosk/state", security=DEVICE_SECURITY, responses={200: schemas.KioskOut})
@requires(TEACHER, scope="mark")
def state() -> Response:
    """The sessions in which this kiosk marks now, and the next lesson that is planned."""
    parts = services()
    _require_device()
    with parts.database.read() as tx:
        opened = kiosk.open_sessions(parts, tx, caller())
        planned = kiosk.next_planned(parts, tx, caller())
    return jsonify(
        {
            "now": iso(parts.clock.now()),
            "sessions": [
                schemas.KioskSession.shown(row, check_out=check_in.of(row).check_out)
                for row in opened
            ],
            "next": planned and schemas.KioskPlanned.shown(planned),
        }
    )


@bp.post(
    "/kiosk/mark",
    security=DEVICE_SECURITY,
    responses={200: schemas.KioskMarkOut, **refuses(403, 404, 409, 410, 422, 423, 429)},
)
@requires(TEACHER, images=MAX_IMAGES, scope="mark", turn=IDENTIFICATION)
def mark(form: schemas.KioskForm) -> Response:
    """Mark whoever stands at the door: by one to five pictures of one moment, if the student
    agreed to be recognised by cameras, or by the pass of the student's own page, or by student
    number and PIN. With `leaving`, note when he or she left, where the course wants that; whoever
    comes in again is here again."""
    parts = services()
    _require_device()
    count_attempt("kiosk", caller().name, parts.settings.identify_tries_per_minute)
    door = kiosk.AtDoor(caller(), timedelta(seconds=form.waited_seconds), form.leaving)
    if form.pass_:
        passed = kiosk.by_pass(parts, door, form.pass_)
    elif form.student_id and form.pin:
        passed = kiosk.by_pin(parts, door, form.student_id, form.pin)
    else:
        passed = kiosk.by_face(parts, door, uploads.pictures(form.image))
    if not passed.already or passed.returned:
        session_events.attendance_marked(parts, passed.session, passed.student, passed.mark)
    return jsonify(schemas.KioskMarkOut.shown(kiosk.shown(passed)))


@bp.get(
    "/student/pass.png",
    security=SECURITY,
    responses={200: {"content": {"image/png": {}}}},
)
@requires(STUDENT)
def own_pass() -> Response:
    """The student's pass as a QR code, for a kiosk. `X-QR-Changes-At` says when it changes."""
    parts = services()
    now = parts.clock.now()
    response = Response(png(passes.made(parts.settings, caller().id, now)))
    response.headers["Content-Type"] = "image/png"
    response.headers["X-QR-Changes-At"] = str(iso(kiosk.until(now)))
    return response


def _require_device() -> None:
    if caller().kind != DEVICE:
        raise Forbidden("Only a kiosk with an API key may do this.")
