"""A student's own sessions: which run now, the marks, the percentages."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.accounts.views import students_blueprint
from attendance.core.roles import STUDENT
from attendance.courses import percentages
from attendance.sessions import presenting, schemas
from attendance.web.current import services
from attendance.web.paging import PageQuery, page_of, paged
from database import marks, sessions

# More at once than any student could attend.
OPEN_SESSIONS = 20

bp = students_blueprint("own_sessions", __name__)


@bp.get("/sessions", security=SECURITY, responses={200: schemas.OpenSessionsOut})
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
                {
                    **presenting.session(row, now, with_code=False),
                    "status": row["status"],
                    "timezone": row["timezone"],
                }
                for row in rows
            ]
        }
    )


@bp.get("/attendance", security=SECURITY, responses={200: schemas.HistoryOut})
@requires(STUDENT)
def attendance(query: PageQuery) -> Response:
    """The caller's marks, newest first."""
    parts, student = services(), caller().id
    with parts.database.read() as tx:
        rows = marks.history_of(tx, student, **paged(query))
        total = marks.count_of(tx, student)
    now = parts.clock.now()
    early = parts.settings.left_early_minutes
    shown = [presenting.history(row, now, early) for row in rows]
    return jsonify(page_of("attendance", shown, query, total))


@bp.get("/attendance/summary", security=SECURITY, responses={200: schemas.SummaryOut})
@requires(STUDENT)
def summary() -> Response:
    """The caller's percentages, overall and by subject."""
    parts = services()
    with parts.database.read() as tx:
        rows = marks.summary_of(tx, caller().id, parts.clock.now())
    return jsonify(percentages.summary(rows))
