"""/admin/reasons: the school's reasons beyond the four statuses."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.core.roles import ADMIN
from attendance.courses import reasons
from attendance.courses.reason_schemas import ReasonChangeIn, ReasonIn, ReasonOut, ReasonPath
from attendance.web.current import services
from attendance.web.schemas import refuses


@bp.post("/reasons", security=SECURITY, responses={201: ReasonOut, **refuses(409)})
@requires(ADMIN)
def add_reason(body: ReasonIn) -> tuple[Response, int]:
    """Add a reason that marks and excuses can have."""
    return jsonify({"reason": reasons.add(services(), body.model_dump(), acting())}), 201


@bp.patch("/reasons/<int:number>", security=SECURITY, responses={200: ReasonOut, **refuses(409)})
@requires(ADMIN)
def change_reason(path: ReasonPath, body: ReasonChangeIn) -> Response:
    """Change a reason, or retire it. What it means then holds for the marks so far too."""
    wanted = body.model_dump(exclude_none=True)
    return jsonify({"reason": reasons.change(services(), path.number, wanted, acting())})
