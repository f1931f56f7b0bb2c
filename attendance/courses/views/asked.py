"""Requests to be let into a course, as its teachers see and decide them."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses import asking, events, presenting, schemas
from attendance.courses.access import Right, own_course
from attendance.courses.views import TAGS
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import courses, join_requests

bp = APIBlueprint("asked", __name__, url_prefix="/course", abp_tags=TAGS)


@bp.get("/requests", security=SECURITY, responses={200: schemas.JoinRequestsOut})
@requires(TEACHER)
def mine() -> Response:
    """Who waits to be let into a course in which the caller says who is in it."""
    now = services().clock.now()
    with services().database.read() as tx:
        rows = asking.waiting(tx, caller(), now)
    return jsonify({"requests": [presenting.join_request(row) for row in rows]})


@bp.get("/<int:course_id>/requests", security=SECURITY, responses={200: schemas.JoinRequestsOut})
@requires(TEACHER)
def of_course(path: schemas.CoursePath) -> Response:
    """Who waits to be let into the course."""
    now = services().clock.now()
    with services().database.read() as tx:
        own_course(tx, caller(), path.course_id, Right.SEE, now)
        rows = join_requests.waiting(tx, course=path.course_id, as_of=now)
    return jsonify({"requests": [presenting.join_request(row) for row in rows]})


@bp.post(
    "/requests/<int:request_id>/decide",
    security=SECURITY,
    responses={200: schemas.JoinRequestOut, **refuses(409)},
)
@requires(TEACHER)
def decide(path: schemas.JoinRequestPath, body: schemas.JoinDecisionIn) -> Response:
    """Let a student into the course, or decline."""
    parts = services()
    with parts.database.write() as tx:
        row = asking.decide(
            tx,
            caller(),
            path.request_id,
            accepted=body.accepted,
            by=acting(),
            now=parts.clock.now(),
        )
        course = courses.by_id(tx, int(row["course"]))
    shown = presenting.join_request(row)
    events.join_request_changed(parts, row, shown)
    if body.accepted and course is not None:
        events.course_changed(parts, course)
    return jsonify({"request": shown})
