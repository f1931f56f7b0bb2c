"""Reports of a session over HTTP: numbers, and the list as a workbook and as CSV."""

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
from attendance.sessions import rules, stays
from attendance.sessions.access import course_of, own_session, zone_of
from attendance.sessions.schemas import CsvQuery, SessionPath
from attendance.spreadsheets.csv_lines import CSV_TYPE, Style, csv_lines
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
        seen = comparing.compared(tx, session)
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
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        session, course = _session(tx, caller(), path.session_id)
        zone = zone_of(course, parts.settings)
        listed = marks.of_session(tx, int(session["id"]), now)
        report = figures.of_session(tx, session, course, now)
        seen = comparing.compared(tx, session)
    stayed = stays.of_list(listed, session, parts.settings.left_early_minutes, now)
    file = workbook(tables.session_sheets(session, listed, report, seen, stayed, zone, now))
    day = zones.day_of(session["started_at"], zone)
    return downloads.sent(file, XLSX_TYPE, f"attendance-{day}-session-{session['id']}.xlsx")


@bp.get(
    "/session/<int:session_id>/export.csv",
    security=SECURITY,
    responses={200: {"content": {"text/csv": {}}}},
)
@requires(TEACHER)
def session_csv(path: SessionPath, query: CsvQuery) -> Response:
    """The session's list as CSV (RFC 4180, UTF-8 with BOM for spreadsheets); last, what each mark
    rests on, and whom its cameras missed or saw without a mark."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        row, course = _session(tx, caller(), path.session_id)
        listed = marks.of_session(tx, path.session_id, now)
        seen = comparing.compared(tx, row)
    zone = zone_of(course, parts.settings)
    day = zones.day_of(row["started_at"], zone)
    is_local = query.times == "local"
    called = downloads.plain(course["code"] if course else row["subject"]) if is_local else ""
    name = "-".join(filter(None, ("attendance", str(day), called, f"session-{row['id']}.csv")))
    stayed = stays.of_list(listed, row, parts.settings.left_early_minutes, now)
    table = session_presenting.table(
        listed,
        row["started_at"],
        rules.end_of(row, now),
        tables.remarks_of(seen),
        details=query.details,
        zone=zone if is_local else None,
        stayed=stayed if any(stayed) else None,
    )
    style = Style(query.separator, query.bom)
    return downloads.sent(downloads.spooled(csv_lines(table, style)), CSV_TYPE, name)


def _session(
    tx: Transaction, account: Account, session_id: int
) -> tuple[SessionRow, CourseRow | None]:
    session = own_session(tx, account, session_id, Right.SEE, services().clock.now())
    return session, course_of(tx, session)
