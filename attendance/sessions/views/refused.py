"""Who was refused in a session, or waits for somebody to confirm the face, for its teachers."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses.access import Right
from attendance.sessions import presenting, schemas
from attendance.sessions.access import own_session
from attendance.web.current import services
from database import appeals, first_marks

bp = APIBlueprint(
    "refused",
    __name__,
    url_prefix="/session",
    abp_tags=[Tag(name="session", description="")],
)


@bp.get("/<int:session_id>/refused", security=SECURITY, responses={200: schemas.RefusedOut})
@requires(TEACHER)
def refused(path: schemas.SessionPath) -> Response:
    """Who tried to mark, was refused and has no mark yet: why, when, how often."""
    with services().database.read() as tx:
        own_session(tx, caller(), path.session_id, Right.SEE, services().clock.now())
        rows = appeals.refused_in(tx, path.session_id)
    return jsonify(
        {"refused": [schemas.Refused.shown(row, attempts=int(row["n"])) for row in rows]}
    )


@bp.get("/<int:session_id>/first-marks", security=SECURITY, responses={200: schemas.FirstMarksOut})
@requires(TEACHER)
def first(path: schemas.SessionPath) -> Response:
    """Who has marked with a first face that nobody has confirmed yet."""
    with services().database.read() as tx:
        own_session(tx, caller(), path.session_id, Right.RUN, services().clock.now())
        rows = first_marks.in_session(tx, path.session_id)
    return jsonify({"first_marks": [presenting.first_mark(row) for row in rows]})
