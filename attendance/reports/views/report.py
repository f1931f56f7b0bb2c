"""Reports over HTTP: of a course, of a student, of a session; as JSON, CSV and XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any

from flask import Response, json, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, Account, caller, requires
from attendance.core import zones
from attendance.core.clock import iso
from attendance.core.errors import StudentNotFound
from attendance.core.roles import STUDENT, TEACHER
from attendance.courses import presenting as course_presenting
from attendance.courses.access import own_course
from attendance.courses.percentages import Share
from attendance.courses.schemas import CoursePath, PeriodQuery
from attendance.reports import figures, presenting, schemas, tables
from attendance.reports.figures import Period
from attendance.sessions import presenting as session_presenting
from attendance.sessions.access import course_of, own_session, zone_of
from attendance.sessions.schemas import SessionPath
from attendance.spreadsheets import workbooks
from attendance.spreadsheets.csv_lines import CSV_TYPE, csv_lines
from attendance.web import downloads
from attendance.web.current import services
from database import Row, Transaction, marks, students
from database import reports as stored

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Any = {200: {"content": {"text/csv": {}}}}
XLSX: Any = {200: {"content": {XLSX_TYPE: {}}}}

bp = APIBlueprint(
    "report", __name__, abp_tags=[Tag(name="report", description="Reports and exports")]
)


# -- a course


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
def course_csv(path: CoursePath, query: PeriodQuery) -> Response:
    """The matrix as CSV (RFC 4180, UTF-8 with BOM)."""
    now = services().clock.now()
    with services().database.read() as tx:
        report, period = _course(tx, path.course_id, query)
        table = tables.csv_table(
            tables.matrix_columns(report, now),
            tables.matrix_rows(report, figures.standings_of(tx, report, period, now)),
        )
        file = downloads.spooled(csv_lines(table))
    return downloads.sent(file, CSV_TYPE, f"report-course-{path.course_id}.csv")


@bp.get("/course/<int:course_id>/report.xlsx", security=SECURITY, responses=XLSX)
@requires(TEACHER)
def course_xlsx(path: CoursePath, query: PeriodQuery) -> Response:
    """The matrix, the sessions and the definitions as a workbook; times in the course's zone."""
    now = services().clock.now()
    with services().database.read() as tx:
        report, period = _course(tx, path.course_id, query)
        lines = figures.standings_of(tx, report, period, now)
        file = _workbook(tables.course_sheets(report, lines, now))
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
        course = own_course(tx, caller(), path.course_id)
        period = figures.period_of(query.first_day, query.last_day, course["timezone"])
        found = figures.at_risk(tx, course, query.limit, period, now)
    return jsonify({"students": [presenting.at_risk(line) for line in found]})


# -- a student


@bp.get("/student/report", security=SECURITY, responses={200: schemas.StudentReportOut})
@requires(STUDENT)
def own_report() -> Response:
    """The caller's report across all courses, worst first."""
    return _student_report(caller().row, None)


@bp.get("/student/report.csv", security=SECURITY, responses=CSV)
@requires(STUDENT)
def own_csv() -> Response:
    """The caller's history across all courses as CSV."""
    return _student_csv(caller().row, None)


@bp.get("/student/report.xlsx", security=SECURITY, responses=XLSX)
@requires(STUDENT)
def own_xlsx() -> Response:
    """The caller's report across all courses as a workbook."""
    return _student_xlsx(caller().row, None)


@bp.get(
    "/api/students/<number:student_id>/report",
    security=SECURITY,
    responses={200: schemas.StudentReportOut},
)
@requires(TEACHER)
def student_report(path: schemas.StudentPath) -> Response:
    """A student across the caller's courses (for an administrator: all), worst first."""
    return _student_report(*_visible_student(path.student_id))


@bp.get("/api/students/<number:student_id>/report.csv", security=SECURITY, responses=CSV)
@requires(TEACHER)
def student_csv(path: schemas.StudentPath) -> Response:
    """A student's history in the caller's courses as CSV."""
    return _student_csv(*_visible_student(path.student_id))


@bp.get("/api/students/<number:student_id>/report.xlsx", security=SECURITY, responses=XLSX)
@requires(TEACHER)
def student_xlsx(path: schemas.StudentPath) -> Response:
    """A student's report in the caller's courses as a workbook."""
    return _student_xlsx(*_visible_student(path.student_id))


# Also by the student's own id: a school's number need not be fit for a path.


@bp.get(
    "/reports/student/<int:student>",
    security=SECURITY,
    responses={200: schemas.StudentReportOut},
)
@requires(TEACHER)
def student_report_by_id(path: schemas.StudentIdPath) -> Response:
    """The same as `/api/students/{student_id}/report`, by the student's own id."""
    return _student_report(*_visible_student(path.student))


@bp.get("/reports/student/<int:student>/report.csv", security=SECURITY, responses=CSV)
@requires(TEACHER)
def student_csv_by_id(path: schemas.StudentIdPath) -> Response:
    """The same as `/api/students/{student_id}/report.csv`, by the student's own id."""
    return _student_csv(*_visible_student(path.student))


@bp.get("/reports/student/<int:student>/report.xlsx", security=SECURITY, responses=XLSX)
@requires(TEACHER)
def student_xlsx_by_id(path: schemas.StudentIdPath) -> Response:
    """The same as `/api/students/{student_id}/report.xlsx`, by the student's own id."""
    return _student_xlsx(*_visible_student(path.student))


# -- a session


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
    file = _workbook(tables.session_sheets(session, listed, report, zone, now))
    day = zones.day_of(session["started_at"], zone)
    return downloads.sent(file, XLSX_TYPE, f"attendance-{day}-session-{session['id']}.xlsx")


# -- what they share


def _course(
    tx: Transaction, course_id: int, query: PeriodQuery
) -> tuple[figures.CourseReport, Period]:
    course = own_course(tx, caller(), course_id)
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


def _visible_student(number: int | str) -> tuple[Row, int | None]:
    """The student with this own id (int) or number of the school (str), and whose courses are
    shown (None: everybody's).

    Raises:
        StudentNotFound: nobody, or nobody that this teacher has to do with.
    """
    account = caller()
    with services().database.read() as tx:
        student = students.known_as(tx, number)
        if student is None or not (
            account.is_admin or stored.has_student(tx, account.id, int(student["id"]))
        ):
            raise StudentNotFound
    return student, None if account.is_admin else account.id


def _attended(student: Row, teacher: int | None) -> list[figures.Attended]:
    with services().database.read() as tx:
        return figures.of_student(tx, int(student["id"]), teacher, services().clock.now())


def _student_report(student: Row, teacher: int | None) -> Response:
    now = services().clock.now()
    found = _attended(student, teacher)
    return jsonify(
        {
            "student": {key: student[key] for key in ("student_id", "name", "email")},
            "overall": sum((attended.share for attended in found), Share(0, 0)).shown(),
            "courses": [presenting.attended(attended, now) for attended in found],
        }
    )


def _student_csv(student: Row, teacher: int | None) -> Response:
    zone, now = services().settings.timezone, services().clock.now()
    rows = tables.history_rows(_attended(student, teacher), zone, now)
    table = tables.csv_table(tables.history_columns(zone), rows)
    return downloads.sent(
        downloads.spooled(csv_lines(table)),
        CSV_TYPE,
        "report-student.csv",
    )


def _student_xlsx(student: Row, teacher: int | None) -> Response:
    zone, now = services().settings.timezone, services().clock.now()
    file = _workbook(tables.student_sheets(_attended(student, teacher), zone, now))
    return downloads.sent(file, XLSX_TYPE, "report-student.xlsx")


def _session(tx: Transaction, account: Account, session_id: int) -> tuple[Row, Row | None]:
    session = own_session(tx, account, session_id)
    return session, course_of(tx, session)


def _workbook(sheets: Iterable[workbooks.Sheet]) -> IO[bytes]:
    file = downloads.empty()
    workbooks.write(sheets, file)
    return file
