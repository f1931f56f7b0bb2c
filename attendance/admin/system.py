"""GET /admin/system: how much is kept, and how much room it takes."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import SystemOut
from attendance.core.roles import ADMIN
from attendance.operation import storage
from attendance.web.current import services


@bp.get("/system", security=SECURITY, responses={200: SystemOut})
@requires(ADMIN)
def system() -> Response:
    """How much is stored (rows by table), and the disk space in use."""
    return jsonify(storage.in_use(services()))
