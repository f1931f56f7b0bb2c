"""Marks by hand: set one, clear all of a session, bring them back."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, TEACHER, acting, caller, requires
from attendance.core import statuses
from attendance.core.errors import ConfirmationRequired, NotEnrolled, NothingToUndo, StudentNotFound
from attendance.corrections import events, schemas
from attendance.corrections.views import TAGS
from attendance.sessions import events as session_events
from attendance.sessions import presenting
from attendance.sessions.access import own_session
from attendance.sessions.schemas import SessionPath
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import (
    ForeignKeyViolation,
    Row,
    Transaction,
    clearings,
    courses,
    marks,
    sessions,
    students,
)

bp = APIBlueprint("corrections", __name__, url_prefix="/session", abp_tags=TAGS)


@bp.put(
    "/<int:session_id>/attendance/<path:student_id>",
    security=SECURITY,
    responses={200: schemas.MarkedOut},
)
@requires(TEACHER)
def put(path: schemas.StandingPath, body: schemas.MarkIn) -> Response:
    """Set a student's status by hand, replacing any mark; the change is audited."""
    parts = services()
    with parts.database.write() as tx:
        session = _own_session_held(tx, path.session_id)
        student = _student_of(tx, session, path.student_id)
        marked, changed = put_mark(
            tx, session, int(student["id"]), status=body.status, remark=body.remark
        )
    if changed:
        session_events.attendance_marked(parts, session, int(student["id"]), marked)
    return jsonify({"attendance": presenting.mark(marked)})


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
        session = _own_session_held(tx, path.session_id)
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
        session = _own_session_held(tx, path.session_id)
        last = clearings.latest(tx, path.session_id)
        if last is None:
            raise NothingToUndo
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


def put_mark(
    tx: Transaction, session: Row, student: int, *, status: str, remark: str | None
) -> tuple[Row, bool]:
    """Write a mark by hand, with a line in the audit log.

    Returns the mark as the list shows it, and whether anything changed.

    Raises:
        StudentNotFound: deleted meanwhile.
    """
    session_id, now = int(session["id"]), services().clock.now()
    before = marks.of_student_in(tx, session=session_id, student=student)
    wanted = {"status": status, "method": statuses.MANUAL, "remark": remark}
    if before is not None and all(before[key] == value for key, value in wanted.items()):
        return before, False
    try:
        marks.put(tx, session=session_id, student=student, status=status, remark=remark, now=now)
    except ForeignKeyViolation:
        raise StudentNotFound from None
    acting().note(
        tx,
        now,
        "attendance.set",
        f"student:{student}",
        old={
            "session": session_id,
            **{key: before and before[key] for key in ("status", "method", "remark")},
        },
        new={"session": session_id, "status": status, "method": statuses.MANUAL},
        reason=remark,
    )
    after = marks.of_student_in(tx, session=session_id, student=student)
    assert after is not None
    return after, True


def _own_session_held(tx: Transaction, session_id: int) -> Row:
    """The caller's own session, whose marks nobody else changes until the commit."""
    own_session(tx, caller(), session_id)
    session = sessions.by_id_locked(tx, session_id)
    assert session is not None
    return session


def _student_of(tx: Transaction, session: Row, student_id: str) -> Row:
    """A student who may have a mark in the session.

    Raises:
        StudentNotFound, NotEnrolled
    """
    student = students.by_student_id(tx, student_id)
    if student is None:
        raise StudentNotFound
    number = int(student["id"])
    if (
        session["course"] is not None
        and not courses.is_enrolled(tx, int(session["course"]), number)
        and marks.of_student_in(tx, session=int(session["id"]), student=number) is None
    ):
        raise NotEnrolled("This student is not enrolled in the course.")
    return student
