"""In which browsers a student is told while no page is open."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, caller, count_attempt, requires
from attendance.accounts.views import students_blueprint
from attendance.core.roles import STUDENT
from attendance.push import devices, presenting
from attendance.push.schemas import PushDeviceOut, PushIn, PushOut, PushPath
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import push

bp = students_blueprint("push", __name__)


@bp.get("/push", security=SECURITY, responses={200: PushOut})
@requires(STUDENT)
def own() -> Response:
    """What a browser subscribes with, and the caller's browsers that are told already."""
    parts = services()
    with parts.database.read() as tx:
        rows = push.of_student(tx, caller().id)
    return jsonify(
        {
            "enabled": parts.settings.web_push,
            "key": parts.voucher.public,
            "devices": [presenting.device(row) for row in rows],
        }
    )


@bp.post("/push", security=SECURITY, responses={201: PushDeviceOut, **refuses(409, 429)})
@requires(STUDENT)
def add(body: PushIn) -> tuple[Response, int]:
    """Tell the caller in this browser when a session starts and when something was decided."""
    parts, account = services(), caller()
    count_attempt("push", account.name, parts.settings.join_tries_per_minute)
    row = devices.add(parts, account.id, body)
    return jsonify({"device": presenting.device(row)}), 201


@bp.delete("/push/<int:device>", security=SECURITY, responses={204: None})
@requires(STUDENT)
def drop(path: PushPath) -> tuple[str, int]:
    """Tell the caller in this browser no more."""
    devices.drop(services(), caller().id, path.device)
    return "", 204
