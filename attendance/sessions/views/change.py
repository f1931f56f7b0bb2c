"""Sessions put right: changed, opened again, entered afterwards, discarded, brought back."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.errors import InvalidRequest
from attendance.core.roles import TEACHER
from attendance.courses.access import Right, course_in_use, require_session
from attendance.sessions import changing, events, lessons, presenting, schemas
from attendance.sessions.access import own_session, own_session_held
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Transaction, sessions
from database.rows import SessionRow

bp = APIBlueprint(
    "session_changes",
    __name__,
    url_prefix="/session",
    abp_tags=[Tag(name="session", description="")],
)


@bp.patch(
    "/<int:session_id>", security=SECURITY, responses={200: schemas.SessionOut, **refuses(410)}
)
@requires(TEACHER)
def change(path: schemas.SessionPath, body: schemas.SessionPatchIn) -> Response:
    """Change a session's words, its note, when a mark is late, or when it closes."""
    parts, now = services(), services().clock.now()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.RUN, now)
        row = changing.change(tx, session, body.model_dump(exclude_unset=True), acting(), now)
    if row != session:
        events.session_changed(parts, "session_changed", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)})


@bp.post("/reopen", security=SECURITY, responses={200: schemas.SessionOut, **refuses(404, 409)})
@requires(TEACHER)
def reopen(body: schemas.ReopenIn) -> Response:
    """Open an ended session again for some minutes, within a day of its end."""
    parts, now = services(), services().clock.now()

    def work(tx: Transaction) -> tuple[SessionRow, SessionRow]:
        session = own_session_held(tx, caller(), body.session_id, Right.RUN, now)
        return session, changing.reopen(tx, session, body.minutes, acting(), now)

    session, row = parts.database.run(work)
    if row != session:
        events.session_changed(parts, "session_started", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)})


@bp.post("/past", security=SECURITY, responses={201: schemas.SessionOut, **refuses(404, 409)})
@requires(TEACHER)
def past(body: schemas.PastIn) -> tuple[Response, int]:
    """Enter a session that was held before. Who is in the course now is absent until marked.

    If a lesson was planned then, that is it. A second one of the same section at the same time
    is refused (`already_started`).
    """
    parts, now = services(), services().clock.now()
    if body.ended_at <= body.started_at:
        raise InvalidRequest.of("ended_at", "before_start", "The end lies before the start.")
    if body.ended_at > now:
        raise InvalidRequest.of("ended_at", "future", "The session lies in the future.")
    if body.ended_at - body.started_at > changing.LONGEST:
        raise InvalidRequest.of("ended_at", "too_many_days", "A session lasts at most a day.")
    with parts.database.write() as tx:
        course = course_in_use(tx, caller(), body.course_id, Right.CORRECT, now)
        row = lessons.add_past(
            tx,
            teacher=int(course["teacher"]),
            course=body.course_id,
            subject=body.subject or course["name"],
            section=body.section or course["section"],
            room=body.room,
            started_at=body.started_at,
            ended_at=body.ended_at,
            now=now,
        )
        acting().note(tx, now, "session.past", f"session:{row['id']}")
    return jsonify({"session": presenting.session(row, now, with_code=True)}), 201


@bp.delete("/<int:session_id>", security=SECURITY, responses={204: None})
@requires(TEACHER)
def discard(path: schemas.SessionPath) -> tuple[str, int]:
    """Discard a session: it is in no list, report or percentage. It can be brought back."""
    parts, now = services(), services().clock.now()
    with parts.database.write() as tx:
        session = own_session_held(tx, caller(), path.session_id, Right.CORRECT, now)
        was_open = changing.discard(tx, session, acting(), now)
    if was_open:
        events.session_changed(parts, "session_stopped", {**session, "ended_at": now})
    events.session_discarded(parts, session)
    return "", 204


@bp.post(
    "/<int:session_id>/restore",
    security=SECURITY,
    responses={200: schemas.SessionOut, **refuses(409)},
)
@requires(TEACHER)
def restore(path: schemas.SessionPath) -> Response:
    """Bring back a session that was discarded within the last thirty days."""
    parts, now = services(), services().clock.now()
    with parts.database.write() as tx:
        session = sessions.discarded(tx, path.session_id)
        if session is None:
            row = own_session(
                tx, caller(), path.session_id, Right.CORRECT, now
            )  # it is there: a second click
        else:
            require_session(tx, caller(), session, Right.CORRECT, now)
            row = changing.restore(tx, session, acting(), now)
    if session is not None:
        events.session_changed(parts, "session_changed", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)})
