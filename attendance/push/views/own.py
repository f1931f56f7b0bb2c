"""In which browsers a student is told while no page is open."""

from __future__ import annotations

from flask import Response

from attendance.accounts.guard import SECURITY, requires
from attendance.accounts.views import students_blueprint
from attendance.core.roles import STUDENT
from attendance.push.schemas import PushDeviceOut, PushIn, PushOut, PushPath
from attendance.push.views import add_for_caller, drop_of_caller, of_caller
from attendance.web.schemas import refuses

bp = students_blueprint("push", __name__)


@bp.get("/push", security=SECURITY, responses={200: PushOut})
@requires(STUDENT)
def own() -> Response:
    """What a browser subscribes with, and the caller's browsers that are told already."""
    return of_caller()


@bp.post("/push", security=SECURITY, responses={201: PushDeviceOut, **refuses(409, 429)})
@requires(STUDENT)
def add(body: PushIn) -> tuple[Response, int]:
    """Tell the caller in this browser when a session starts and when something was decided."""
    return add_for_caller(body)


@bp.delete("/push/<int:device>", security=SECURITY, responses={204: None})
@requires(STUDENT)
def drop(path: PushPath) -> tuple[str, int]:
    """Tell the caller in this browser no more."""
    return drop_of_caller(path)
