"""A spot check: whom a teacher looks at when there is time for three."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses.access import Right
from attendance.sessions import evidence, presenting, schemas
from attendance.sessions.access import own_session
from attendance.web.current import services
from database import marks

STUDENTS = 3

bp = APIBlueprint(
    "spot_check",
    __name__,
    url_prefix="/session",
    abp_tags=[Tag(name="session", description="")],
)


@bp.get("/<int:session_id>/spot-check", security=SECURITY, responses={200: schemas.SpotCheckOut})
@requires(TEACHER)
def spot_check(path: schemas.SessionPath) -> Response:
    """Three students to look at: the marks that rest on the least, the weakest first.

    Who was marked by hand has been seen already and is not named. Nothing is written: whoever is
    not there is marked by hand (PUT /session/{id}/attendance/{student_id}).
    """
    now = services().clock.now()
    with services().database.read() as tx:
        own_session(tx, caller(), path.session_id, Right.SEE, now)
        listed = marks.of_session(tx, path.session_id, now)
    found = evidence.weakest(listed, STUDENTS)
    return jsonify({"students": [presenting.mark(row) for row in found]})
