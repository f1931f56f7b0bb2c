"""Reports of a session over HTTP: numbers, and the list as a workbook."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, Account, caller, requires
from attendance.core import zones
from attendance.core.clock import iso
from attendance.core.roles import TEACHER
from attendance.courses.access import Right
from attendance.reports import figures, schemas, tables
from attendance.reports.views import XLSX, reports_blueprint, workbook
from attendance.room import comparing
from attendance.room import presenting as room_presenting
from attendance.sessions import presenting as session_presenting
from attendance.sessions.access import course_of, own_session, zone_of
from attendance.sessions.schemas import SessionPath
from attendance.spreadsheets.workbooks import XLSX_TYPE
from attendance.web import downloads
from attendance.web.current import services
from database import Transaction, marks
from database.rows import CourseRow, SessionRow

bp = reports_blueprint("session_report", __name__)


@bp.get(
    "/session/<int:session_id>/report",
    security=SECURITY,
    responses={200: schemas.SessionReportOut},
)
@requires(TEACHER)
def session_report(path: SessionPath) -> Response:
    """One session in numbers: counts, rate, times of arrival."""
    now = services().clock.now()
    with services().database.read() as tx:
        session, course = _session(tx, caller(), path.session_id)
        report = figures.of_session(tx, session, course, now)
        seen = comparing.compared(tx, session, now)
    return jsonify(
        {
            "session": session_presenting.session(session, now, with_code=True),
            "counts": report.counts,
            "rate": report.share.shown(),
            "arrivals": {
                "first_at": iso(report.arrivals[0] if report.arrivals else None),
                "median_at": iso(report.median_at),
                "last_at": iso(report.arrivals[-1] if report.arrivals else None),
                "by_minute": report.by_minute,
            },
            "evidence": report.evidence,
            "weak": report.weak,
            "camera": room_presenting.compared(seen),
        }
    )


@bp.get("/session/<int:session_id>/export.xlsx", security=SECURITY, responses=XLSX)
@requires(TEACHER)
def session_xlsx(path: SessionPath) -> Response:
    """The session's list as a workbook; times in the course's zone, or the school's."""
    now = services().clock.now()
    with services().database.read() as tx:
        session, course = _session(tx, caller(), path.session_id)
        zone = zone_of(course, services().settings)
        listed = marks.of_session(tx, int(session["id"]), now)
        report = figures.of_session(tx, session, course, now)
        seen = comparing.compared(tx, session, now)
    file = workbook(tables.session_sheets(session, listed, report, seen, zone, now))
    day = zones.day_of(session["started_at"], zone)
    return downloads.sent(file, XLSX_TYPE, f"attendance-{day}-session-{session['id']}.xlsx")


def _session(
    tx: Transaction, account: Account, session_id: int
) -> tuple[SessionRow, CourseRow | None]:
    session = own_session(tx, account, session_id, Right.SEE, services().clock.now())
    return session, course_of(tx, session)
