"""Requests to be excused: a student asks once, each of his or her courses decides."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.core.roles import STUDENT, TEACHER
from attendance.corrections import absences, events, notes, schemas
from attendance.corrections.views import TAGS
from attendance.sessions import events as session_events
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses

PER_MINUTE = 10

bp = APIBlueprint("absence", __name__, url_prefix="/absence", abp_tags=TAGS)


@bp.post("", security=SECURITY, responses={201: schemas.AbsenceOut, **refuses(429)})
@requires(STUDENT)
def ask(body: schemas.AbsenceIn) -> tuple[Response, int]:
    """Ask to be excused for some days, in advance or afterwards."""
    parts, account = services(), caller()
    now = parts.clock.now()
    count_attempt("absence", account.name, PER_MINUTE)
    last = body.last_day or body.first_day
    with parts.database.write() as tx:
        row = absences.ask(tx, account.id, body.first_day, last, body.reason, now)
        shown = absences.one(tx, account, int(row["id"]), now)
    events.absence_changed(parts, int(row["id"]), account.id)
    return jsonify({"absence": shown}), 201


@bp.get("/mine", security=SECURITY, responses={200: schemas.AbsencesOut})
@requires("any")
def mine(query: schemas.AbsencesQuery) -> Response:
    """A student's own requests, or those that a teacher may decide; an administrator sees all."""
    with services().database.read() as tx:
        shown = absences.listed(tx, caller(), services().clock.now())
    if query.state is not None:
        shown = [one for one in shown if absences.is_open(one) is (query.state == "open")]
    return jsonify({"absences": shown})


@bp.get(
    "/<int:absence_id>",
    security=SECURITY,
    responses={200: schemas.AbsenceOut, **refuses(409)},
)
@requires("any")
def one(path: schemas.AbsencePath, query: schemas.AbsenceQuery) -> Response:
    """One request, and what excusing would make of the percentage in each course."""
    now = services().clock.now()
    with services().database.read() as tx:
        shown = absences.one(tx, caller(), path.absence_id, now, query.reason_id)
    return jsonify({"absence": shown})


@bp.put(
    "/<int:absence_id>/note",
    security=SECURITY,
    responses={200: schemas.AbsenceOut, **refuses(409, 413, 429)},
)
@requires(STUDENT, images=1)
def put_note(path: schemas.AbsencePath, form: schemas.NoteForm) -> Response:
    """Add the picture of a note (a doctor's, a parent's) to a request, or replace it.

    It is drawn anew without what the file tells of place and device, encrypted, seen by whoever
    decides, and deleted `NOTE_DAYS` after the last decision.
    """
    parts, account = services(), caller()
    count_attempt("absence.note", account.name, PER_MINUTE)
    picture = uploads.picture(form.image)
    notes.put(parts, account.id, path.absence_id, picture, acting())
    with parts.database.read() as tx:
        shown = absences.one(tx, account, path.absence_id, parts.clock.now())
    events.absence_changed(parts, path.absence_id, account.id)
    return jsonify({"absence": shown})


@bp.get(
    "/<int:absence_id>/note.jpg",
    security=SECURITY,
    responses={200: {"content": {"image/jpeg": {}}}},
)
@requires(TEACHER)
def note(path: schemas.AbsencePath) -> Response:
    """The picture of the note, for whoever may decide for one of the courses."""
    response = Response(notes.seen(services(), caller(), path.absence_id))
    response.headers["Content-Type"] = "image/jpeg"
    return response


@bp.post(
    "/<int:absence_id>/decide",
    security=SECURITY,
    responses={200: schemas.AbsenceOut, **refuses(409)},
)
@requires(TEACHER)
def decide(path: schemas.AbsencePath, body: schemas.AbsenceDecideIn) -> Response:
    """Excuse the student on these days, or not: in one course, or in all of one's own at once."""
    parts = services()
    now = parts.clock.now()
    with parts.database.write() as tx:
        decided = absences.decide(
            tx,
            caller(),
            path.absence_id,
            accepted=body.accepted,
            remark=body.remark,
            only=body.course_ids,
            reason=body.reason_id,
            by=acting(),
            now=now,
        )
    for session, mark in decided.marked:
        session_events.attendance_marked(parts, session, decided.student, mark)
    events.absence_changed(parts, path.absence_id, decided.student)
    return jsonify({"absence": decided.shown})


@bp.delete("/<int:absence_id>", security=SECURITY, responses={204: None, **refuses(409)})
@requires(STUDENT)
def withdraw(path: schemas.AbsencePath) -> tuple[str, int]:
    """Take a request back that nobody has decided."""
    parts = services()
    with parts.database.write() as tx:
        absences.withdraw(tx, caller().id, path.absence_id, services().clock.now())
    events.absence_changed(parts, path.absence_id, caller().id)
    return "", 204
