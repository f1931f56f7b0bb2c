"""In which browsers a teacher is told while no page is open."""

from __future__ import annotations

from flask import Response

from attendance.accounts.guard import SECURITY, requires
from attendance.core.roles import TEACHER
from attendance.push.schemas import PushDeviceOut, PushIn, PushOut, PushPath
from attendance.push.views import add_for_caller, drop_of_caller, of_caller
from attendance.web.apidocs import part_of
from attendance.web.schemas import refuses

bp = part_of("teacher", "push_teachers", __name__, prefix="/teacher")


@bp.get("/push", security=SECURITY, responses={200: PushOut})
@requires(TEACHER)
def listed() -> Response:
    """What a browser subscribes with, and the caller's browsers that are told already."""
    return of_caller()


@bp.post("/push", security=SECURITY, responses={201: PushDeviceOut, **refuses(409, 429)})
@requires(TEACHER)
def add(body: PushIn) -> tuple[Response, int]:
    """Tell the caller in this browser when a student writes about a mark or asks to be let in, and
    an administrator when a teacher waits for approval."""
    return add_for_caller(body)


@bp.delete("/push/<int:device>", security=SECURITY, responses={204: None})
@requires(TEACHER)
def drop(path: PushPath) -> tuple[str, int]:
    """Tell the caller in this browser no more."""
    return drop_of_caller(path)
