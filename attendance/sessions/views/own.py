"""A student's own sessions: which run now, the marks, the percentages."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, STUDENT, caller, requires
from attendance.accounts.views import students_blueprint
from attendance.courses import percentages
from attendance.sessions import presenting
from attendance.sessions import schemas as session_schemas
from attendance.web import schemas
from attendance.web.current import services
from database import marks, sessions

# More at once than any student could attend.
OPEN_SESSIONS = 20

bp = students_blueprint("own_sessions", __name__)


@bp.get("/sessions", security=SECURITY, responses={200: session_schemas.OpenSessionsOut})
@requires(STUDENT)
def open_sessions() -> Response:
    """The sessions running now: those of the caller's courses, and those open to everyone."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        rows = sessions.live_for(tx, caller().id, now, limit=OPEN_SESSIONS)
    return jsonify(
        {
            "sessions": [
                {**presenting.session(row, now, with_code=False), "status": row["status"]}
                for row in rows
            ]
        }
    )


@bp.get("/attendance", security=SECURITY, responses={200: session_schemas.HistoryOut})
@requires(STUDENT)
def attendance(query: schemas.PageQuery) -> Response:
    """The caller's marks, newest first."""
    parts, student = services(), caller().id
    with parts.database.read() as tx:
        rows = marks.history_of(
            tx, student, limit=query.per_page, offset=(query.page - 1) * query.per_page
        )
        total = marks.count_of(tx, student)
    now = parts.clock.now()
    return jsonify(
        {
            "attendance": [presenting.history(row, now) for row in rows],
            "page": query.page,
            "per_page": query.per_page,
            "total": total,
        }
    )


@bp.get("/attendance/summary", security=SECURITY, responses={200: session_schemas.SummaryOut})
@requires(STUDENT)
def summary() -> Response:
    """The caller's percentages, overall and by subject."""
    parts = services()
    with parts.database.read() as tx:
        rows = marks.summary_of(tx, caller().id, parts.clock.now())
    return jsonify(percentages.summary(rows))
