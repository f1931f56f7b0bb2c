"""Students who say that they leave."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, count_attempt, requires
from attendance.core.roles import STUDENT
from attendance.sessions import events, leaving, schemas, stays
from attendance.web.current import services
from attendance.web.origin import origin
from attendance.web.schemas import refuses

bp = APIBlueprint(
    "leaving",
    __name__,
    url_prefix="/session",
    abp_tags=[Tag(name="leaving", description="Leaving")],
)


@bp.post(
    "/leave",
    security=SECURITY,
    responses={200: schemas.LeftOut, **refuses(404, 409, 410, 423, 429)},
)
@requires(STUDENT)
def leave(body: schemas.LeaveIn) -> Response:
    """Say that the caller leaves the session now, where its course wants that.

    It takes what a mark takes: the join token of a scan, or the present code. Whoever comes back
    marks again.
    """
    parts, account = services(), caller()
    count_attempt("join", account.name, parts.settings.join_tries_per_minute)
    left = leaving.leave(
        parts,
        account.student,
        join_token=body.join_token,
        code=body.code,
        origin=origin(parts),
    )
    if not left.already:
        events.attendance_marked(parts, left.session, account.id, left.mark)
    now, early = parts.clock.now(), parts.settings.left_early_minutes
    stay = stays.of(left.mark, left.session, early, now)
    return jsonify(
        schemas.LeftOut.shown(
            left,
            session_id=left.session["id"],
            left_at=left.mark["left_at"],
            stay=stay and schemas.StayOut.shown(stay),
        )
    )
