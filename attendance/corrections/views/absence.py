"""Requests to be excused: a student asks once, each of his or her courses decides."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.core.roles import STUDENT, TEACHER
from attendance.corrections import absences, events, schemas
from attendance.corrections.views import TAGS
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import students

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


@bp.get("/<int:absence_id>", security=SECURITY, responses={200: schemas.AbsenceOut})
@requires("any")
def one(path: schemas.AbsencePath) -> Response:
    """One request, and what excusing would make of the percentage in each course."""
    with services().database.read() as tx:
        shown = absences.one(tx, caller(), path.absence_id, services().clock.now())
    return jsonify({"absence": shown})


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
        shown = absences.decide(
            tx,
            caller(),
            path.absence_id,
            accepted=body.accepted,
            remark=body.remark,
            only=body.course_ids,
            by=acting(),
            now=now,
        )
        row = students.by_student_id(tx, shown["student_id"])
    if row is not None:
        events.absence_changed(parts, path.absence_id, int(row["id"]))
    return jsonify({"absence": shown})


@bp.delete("/<int:absence_id>", security=SECURITY, responses={204: None, **refuses(409)})
@requires(STUDENT)
def withdraw(path: schemas.AbsencePath) -> tuple[str, int]:
    """Take a request back that nobody has decided."""
    parts = services()
    with parts.database.write() as tx:
        absences.withdraw(tx, caller().id, path.absence_id, services().clock.now())
    events.absence_changed(parts, path.absence_id, caller().id)
    return "", 204
