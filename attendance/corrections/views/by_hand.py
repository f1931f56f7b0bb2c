"""Marks by hand: set one, clear all of a session, bring them back."""

from __future__ import annotations

from functools import partial

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.errors import ConfirmationRequired, NothingToUndo, found
from attendance.core.roles import TEACHER
from attendance.core.services import Services
from attendance.corrections import events, schemas
from attendance.corrections import marks as by_hand
from attendance.corrections.views import TAGS
from attendance.courses import strangers
from attendance.courses.access import Right
from attendance.sessions import events as session_events
from attendance.sessions import presenting, stays
from attendance.sessions.access import own_session_held
from attendance.sessions.schemas import SessionPath
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row, clearings, marks
from database.rows import MarkRow, SessionRow

bp = APIBlueprint("corrections", __name__, url_prefix="/session", abp_tags=TAGS)


@bp.put(
    "/<int:session_id>/attendance/<number:student_id>",
    security=SECURITY,
    responses={200: schemas.MarkedOut, **refuses(409, 429)},
)
@requires(TEACHER)
def put(path: schemas.StandingPath, body: schemas.MarkIn) -> Response:
    """Set a student's status by hand, replacing any mark; the change is audited.

    In a session without a course, students of none of the teacher's courses are counted
    (`UNKNOWN_STUDENTS_PER_HOUR`).
    """
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, parts.clock.now())
        meet = partial(strangers.meet, parts, tx, caller())
        student = by_hand.student_for(tx, session, path.student_id, meet)
        marked, changed = by_hand.put(
            tx,
            session,
            int(student["id"]),
            status=body.status,
            remark=body.remark,
            reason=body.reason_id,
            by=acting(),
            now=parts.clock.now(),
        )
    if changed:
        session_events.attendance_marked(parts, session, int(student["id"]), marked)
    return jsonify({"attendance": _shown(parts, session, marked)})


@bp.put(
    "/<int:session_id>/attendance/<number:student_id>/left",
    security=SECURITY,
    responses={200: schemas.MarkedOut, **refuses(409)},
)
@requires(TEACHER)
def left(path: schemas.StandingPath, body: schemas.LeftIn) -> Response:
    """Say when a student who was there left, or (null) that he or she stayed; audited."""
    parts = services()
    now = parts.clock.now()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, now)
        student = by_hand.student_for(tx, session, path.student_id, lambda _: None)
        marked = by_hand.put_left(tx, session, int(student["id"]), body.left_at, acting(), now)
    session_events.attendance_marked(parts, session, int(student["id"]), marked)
    return jsonify({"attendance": _shown(parts, session, marked)})


def _shown(parts: Services, session: SessionRow, mark: MarkRow) -> Row:
    early = parts.settings.left_early_minutes
    return presenting.mark(mark, stays.of(mark, session, early, parts.clock.now()))


@bp.delete(
    "/<int:session_id>/attendance",
    security=SECURITY,
    responses={200: schemas.ClearedOut, **refuses(409)},
)
@requires(TEACHER)
def clear(path: SessionPath, query: schemas.ClearQuery) -> Response:
    """Clear every mark of the session. Without `confirm=true`, 409 says how many there are."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.CORRECT, parts.clock.now())
        number = marks.count_in(tx, path.session_id)
        if not query.confirm:
            raise ConfirmationRequired(
                f"This clears {number} marks. Send confirm=true to do it.", marks=number
            )
        if number == 0:  # a second click must not hide what the first can undo
            return jsonify({"cleared": 0})
        now = parts.clock.now()
        clearing = clearings.clear(tx, path.session_id, now)
        acting().note(
            tx,
            now,
            "attendance.clear",
            f"session:{path.session_id}",
            old={"marks": number},
            new={"clearing": clearing},
        )
    events.list_replaced(parts, session)
    return jsonify({"cleared": number})


@bp.post(
    "/<int:session_id>/attendance/restore",
    security=SECURITY,
    responses={200: schemas.RestoredOut, **refuses(409)},
)
@requires(TEACHER)
def restore(path: SessionPath) -> Response:
    """Undo the last clearing. Where a new mark has been made since, the new one stays."""
    parts = services()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.CORRECT, parts.clock.now())
        last = found(clearings.latest(tx, path.session_id), NothingToUndo)
        now = parts.clock.now()
        restored = clearings.undo(tx, int(last["id"]), path.session_id, now)
        acting().note(
            tx,
            now,
            "attendance.restore",
            f"session:{path.session_id}",
            new={"marks": restored, "clearing": last["id"]},
        )
    events.list_replaced(parts, session)
    return jsonify({"restored": restored, "kept": last["marks"] - restored})
