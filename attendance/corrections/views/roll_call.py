"""A roll call over HTTP: many marks at once, and the way back."""

from __future__ import annotations

from functools import partial

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.roles import TEACHER
from attendance.corrections import events, roll_call, schemas
from attendance.corrections.views import TAGS
from attendance.courses import strangers
from attendance.courses.access import Right
from attendance.sessions.access import own_session_held
from attendance.sessions.schemas import SessionPath
from attendance.web.current import services
from attendance.web.schemas import refuses

bp = APIBlueprint("roll_call", __name__, url_prefix="/session", abp_tags=TAGS)


@bp.put(
    "/<int:session_id>/attendance",
    security=SECURITY,
    responses={200: schemas.RollCallOut, **refuses(409, 429)},
)
@requires(TEACHER)
def put(path: SessionPath, body: schemas.RollCallIn) -> Response:
    """Set the status of many students at once, all or none; `rest` is for all without a mark whom
    no apology excuses."""
    parts = services()
    changes = [
        roll_call.Wanted(change.student_id, change.status, change.remark, change.reason_id)
        for change in body.changes
    ]
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, parts.clock.now())
        corrected = roll_call.correct(
            tx,
            session,
            changes,
            body.rest,
            by=acting(),
            now=parts.clock.now(),
            meet=partial(strangers.meet, parts, tx, caller()),
        )
    if corrected.students:
        events.marks_replaced(parts, session, corrected.students)
    return jsonify(
        {
            "changed": len(corrected.students),
            "excused": corrected.excused,
            "undo": corrected.undo,
        }
    )


@bp.post(
    "/<int:session_id>/attendance/undo",
    security=SECURITY,
    responses={200: schemas.UndoneOut, **refuses(409)},
)
@requires(TEACHER)
def undo(path: SessionPath, body: schemas.UndoIn) -> Response:
    """Take a roll call back. Where a mark has been changed since, it stays and is counted."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, parts.clock.now())
        restored, kept = roll_call.undo(tx, session, body.undo, by=acting(), now=parts.clock.now())
    if restored:
        events.marks_replaced(parts, session, restored)
    return jsonify({"restored": len(restored), "kept": kept})
