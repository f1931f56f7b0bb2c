"""GET /admin/accuracy: what the school's own data say of the level in force."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import AccuracyOut
from attendance.core.roles import ADMIN
from attendance.faces import own_data
from attendance.web.current import services


@bp.get("/accuracy", security=SECURITY, responses={200: AccuracyOut})
@requires(ADMIN)
def accuracy() -> Response:
    """Error rates on the school's own templates and marks, as `flask evaluate` prints them."""
    return jsonify({"accuracy": own_data.as_json(own_data.measured(services()))})
