"""Asking to be let into the course of a session that one stands before."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, count_attempt, requires
from attendance.core.errors import NoCourse
from attendance.core.roles import STUDENT
from attendance.courses import asking, events, presenting
from attendance.courses.schemas import JoinRequestOut
from attendance.sessions import marking, schemas, tickets
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import courses

bp = APIBlueprint(
    "session_asking",
    __name__,
    url_prefix="/session",
    abp_tags=[Tag(name="session", description="")],
)


@bp.post(
    "/ask-in",
    security=SECURITY,
    responses={202: JoinRequestOut, 200: JoinRequestOut, **refuses(404, 409, 410, 429)},
)
@requires(STUDENT)
def ask_in(body: schemas.JoinIn) -> tuple[Response, int]:
    """Ask to be let into the course of the session, with its code, ticket or a reservation.

    200 where the request was made before, or the caller is in the course (`state` accepted).
    """
    parts, account = services(), caller()
    count_attempt("join", account.name, parts.settings.join_tries_per_minute)
    session = marking.stood_before(
        parts,
        code=body.code,
        ticket=body.ticket,
        reservation=request.cookies.get(tickets.RESERVATION_COOKIE),
    )
    if session["course"] is None:
        raise NoCourse
    course_id, now = int(session["course"]), parts.clock.now()
    with parts.database.write() as tx:
        row, is_new = asking.ask(tx, course_id, account.id, now)
        if courses.is_enrolled(tx, course_id, account.id):
            row, is_new = asking.settled(tx, row, now), False
    shown = presenting.join_request(row)
    if is_new:
        events.join_request_changed(parts, row, shown)
    return jsonify({"request": shown}), 202 if is_new else 200
