"""The school's reasons, for everybody who sees or gives one."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, requires
from attendance.courses import reasons
from attendance.courses.reason_schemas import ReasonsOut
from attendance.courses.views import TAGS
from attendance.web.current import services
from database import reasons as stored

bp = APIBlueprint("reasons", __name__, abp_tags=TAGS)


@bp.get("/reasons", security=SECURITY, responses={200: ReasonsOut})
@requires("any")
def listed() -> Response:
    """The reasons that marks and excuses can have beyond the four statuses; retired ones last."""
    with services().database.read() as tx:
        rows = stored.every(tx)
    return jsonify({"reasons": [reasons.shown(row) for row in rows]})
