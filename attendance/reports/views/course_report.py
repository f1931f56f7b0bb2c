"""Reports of a course over HTTP: the matrix, and who is at risk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, json, jsonify

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses import presenting as course_presenting
from attendance.courses.access import Right, own_course
from attendance.courses.schemas import CoursePath, PeriodCsvQuery, PeriodQuery
from attendance.reports import figures, presenting, schemas, tables
from attendance.reports.figures import Period
from attendance.reports.views import CSV, XLSX, reports_blueprint, workbook
from attendance.spreadsheets.csv_lines import CSV_TYPE, Style, csv_lines
from attendance.spreadsheets.workbooks import XLSX_TYPE
from attendance.web import downloads
from attendance.web.current import services
from database import Transaction

bp = reports_blueprint("report", __name__)


@bp.get(
    "/course/<int:course_id>/report",
    security=SECURITY,
    responses={200: schemas.CourseReportOut},
)
@requires(TEACHER)
def course_report(path: CoursePath, query: PeriodQuery) -> Response:
    """The matrix: every student and every session of the course, with percentages."""
    now = services().clock.now()
    with services().database.read() as tx:
        report, period = _course(tx, path.course_id, query)
        lines = figures.standings_of(tx, report, period, now)
        file = downloads.spooled(_matrix_json(report, lines))
    return downloads.sent(file, "application/json")


@bp.get("/course/<int:course_id>/report.csv", security=SECURITY, responses=CSV)
@requires(TEACHER)
def course_csv(path: CoursePath, query: PeriodCsvQuery) -> Response:
    """The matrix as CSV (RFC 4180, UTF-8 with BOM)."""
    now = services().clock.now()
    with services().database.read() as tx:
        report, period = _course(tx, path.course_id, query)
        table = tables.csv_table(
            tables.matrix_columns(report, now),
            tables.matrix_rows(report, figures.standings_of(tx, report, period, now)),
            local=query.times == "local",
        )
        file = downloads.spooled(csv_lines(table, Style(query.separator, query.bom)))
    return downloads.sent(file, CSV_TYPE, f"report-course-{path.course_id}.csv")


@bp.get("/course/<int:course_id>/report.xlsx", security=SECURITY, responses=XLSX)
@requires(TEACHER)
def course_xlsx(path: CoursePath, query: PeriodQuery) -> Response:
    """The matrix, the sessions and the definitions as a workbook; times in the course's zone."""
    now = services().clock.now()
    with services().database.read() as tx:
        report, period = _course(tx, path.course_id, query)
        lines = figures.standings_of(tx, report, period, now)
        file = workbook(tables.course_sheets(report, lines, now))
    return downloads.sent(file, XLSX_TYPE, f"report-course-{path.course_id}.xlsx")


@bp.get(
    "/course/<int:course_id>/at-risk",
    security=SECURITY,
    responses={200: schemas.AtRiskOut},
)
@requires(TEACHER)
def at_risk(path: CoursePath, query: schemas.AtRiskQuery) -> Response:
    """The students below the course's limits, lowest percentage first, and why."""
    now = services().clock.now()
    with services().database.read() as tx:
        course = own_course(tx, caller(), path.course_id, Right.SEE, now)
        period = figures.period_of(query.first_day, query.last_day, course["timezone"])
        found = figures.at_risk(tx, course, query.limit, period, now, query.min_sessions)
    return jsonify({"students": [presenting.at_risk(line) for line in found]})


def _course(
    tx: Transaction, course_id: int, query: PeriodQuery
) -> tuple[figures.CourseReport, Period]:
    course = own_course(tx, caller(), course_id, Right.SEE, services().clock.now())
    period = figures.period_of(query.first_day, query.last_day, course["timezone"])
    return figures.of_course(tx, course, period), period


def _matrix_json(report: figures.CourseReport, lines: Iterable[figures.Standing]) -> Iterator[str]:
    now = services().clock.now()
    course = course_presenting.course(report.course, with_code=True)
    yield f'{{"course":{json.dumps(course)},"students":['
    for number, line in enumerate(lines):
        yield f"{',' if number else ''}{json.dumps(presenting.standing(line))}"
    sessions = [
        presenting.counted_session(
            row, report.session_counts[int(row["id"])], report.session_share(int(row["id"])), now
        )
        for row in report.sessions
    ]
    yield f'],"sessions":{json.dumps(sessions)}}}'
