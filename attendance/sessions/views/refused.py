"""Who was refused in a session, for its teachers."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses.access import Right
from attendance.sessions import schemas
from attendance.sessions.access import own_session
from attendance.web.current import services
from database import appeals

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
