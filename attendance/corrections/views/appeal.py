"""Appeals: a student who was refused asks the teacher, who sees why and decides."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core import pushing, statuses
from attendance.core.errors import (
    AlreadyPresent,
    AppealDecided,
    AppealExists,
    AppealNotFound,
    InvalidRequest,
    found,
)
from attendance.core.roles import STUDENT, TEACHER
from attendance.corrections import events, presenting, schemas
from attendance.corrections import marks as by_hand
from attendance.corrections.views import TAGS
from attendance.courses.access import Right, who_may
from attendance.sessions import events as session_events
from attendance.sessions import marking
from attendance.sessions.access import own_session
from attendance.sessions.schemas import SessionPath
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row, Transaction, UniqueViolation, appeals, marks, sessions

bp = APIBlueprint("appeal", __name__, abp_tags=TAGS)


@bp.post(
    "/session/<int:session_id>/appeal",
    security=SECURITY,
    responses={201: schemas.AppealOut, **refuses(409)},
)
@requires(STUDENT)
def create(path: SessionPath, body: schemas.AppealIn) -> tuple[Response, int]:
    """Appeal, once per session, against not being counted present."""
    parts, account = services(), caller()
    with parts.database.write() as tx:
        session = marking.open_to(tx, account.student, path.session_id)
        mark = marks.of_student_in(tx, session=path.session_id, student=account.id)
        if mark is not None and mark["status"] == statuses.PRESENT:
            raise AlreadyPresent
        try:
            appeal_id = appeals.create(
                tx,
                session=path.session_id,
                student=account.id,
                reason=body.reason,
                now=parts.clock.now(),
            )
        except UniqueViolation:
            raise AppealExists from None
        shown = _shown(tx, _existing(tx, appeal_id))
        deciding = who_may(
            tx,
            Right.CORRECT,
            teacher=session["teacher"],
            course=session["course"],
            now=parts.clock.now(),
        )
        pushing.tell_teachers(
            tx, deciding, pushing.APPEAL_MADE, parts.clock.now(), appeal=appeal_id
        )
    events.appeal_changed(parts, session, account.id, shown)
    return jsonify({"appeal": shown}), 201


@bp.get(
    "/session/<int:session_id>/appeals",
    security=SECURITY,
    responses={200: schemas.AppealsOut},
)
@requires("any")
def of_session(path: SessionPath) -> Response:
    """The appeals in a session: all of them for its teacher, only the caller's for a student."""
    account = caller()
    with services().database.read() as tx:
        if account.kind == TEACHER:
            own_session(tx, account, path.session_id, Right.SEE, services().clock.now())
            rows = appeals.select(tx, session=path.session_id)
        else:
            marking.open_to(tx, account.student, path.session_id)
            rows = appeals.select(tx, session=path.session_id, student=account.id)
        shown = [_shown(tx, row) for row in rows]
    return jsonify({"appeals": shown})


@bp.get("/appeal/mine", security=SECURITY, responses={200: schemas.AppealsOut})
@requires("any")
def mine(query: schemas.AppealsQuery) -> Response:
    """The appeals in a teacher's own sessions, or those that the student has made."""
    account = caller()
    whose = {"teacher" if account.kind == TEACHER else "student": account.id}
    now = services().clock.now()
    with services().database.read() as tx:
        rows = appeals.select(tx, state=query.state, as_of=now, **whose)
        shown = [_shown(tx, row) for row in rows]
    return jsonify({"appeals": shown})


@bp.post(
    "/appeal/<int:appeal_id>/decide",
    security=SECURITY,
    responses={200: schemas.AppealOut, **refuses(409)},
)
@requires(TEACHER)
def decide(path: schemas.AppealPath, body: schemas.DecideIn) -> Response:
    """Accept an appeal, which marks the student by hand, or reject it."""
    if body.reason_id is not None and not body.accepted:
        raise InvalidRequest.of("reason_id", "not_accepted", "Nobody is marked.")
    parts, account = services(), caller()
    marked = None
    with parts.database.write() as tx:
        appeal = _existing(tx, path.appeal_id)
        own_session(tx, account, int(appeal["session"]), Right.CORRECT, parts.clock.now())
        session = sessions.by_id_locked(tx, int(appeal["session"]))
        assert session is not None
        student, now = int(appeal["student"]), parts.clock.now()
        state = "accepted" if body.accepted else "rejected"
        if not appeals.decide(tx, path.appeal_id, state=state, remark=body.remark, now=now):
            raise AppealDecided
        acting().note(
            tx,
            now,
            "appeal.decide",
            f"student:{student}",
            new={"appeal": path.appeal_id, "session": session["id"], "state": state},
            reason=body.remark,
        )
        if body.accepted:
            marked, _ = by_hand.put(
                tx,
                session,
                student,
                status=body.status,
                remark=body.remark,
                reason=body.reason_id,
                by=acting(),
                now=now,
            )
        pushing.tell(tx, student, pushing.APPEAL_DECIDED, now, appeal=path.appeal_id)
        shown = _shown(tx, _existing(tx, path.appeal_id))
    if marked is not None:
        session_events.attendance_marked(parts, session, student, marked)
    events.appeal_changed(parts, session, student, shown)
    return jsonify({"appeal": shown})


def _existing(tx: Transaction, appeal_id: int) -> Row:
    return found(appeals.by_id(tx, appeal_id), AppealNotFound)


def _shown(tx: Transaction, row: Row) -> Row:
    refused = appeals.refusals(tx, session=int(row["session"]), student=int(row["student"]))
    return presenting.appeal(row, refused)
