"""Reports of a student over HTTP, for the student and for teachers."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core import student_numbers
from attendance.core.errors import StudentNotFound
from attendance.core.roles import STUDENT, TEACHER
from attendance.courses.access import may_follow
from attendance.courses.percentages import Share
from attendance.reports import figures, presenting, schemas, tables
from attendance.reports.views import CSV, XLSX, reports_blueprint, workbook
from attendance.spreadsheets.csv_lines import CSV_TYPE, Style, csv_lines
from attendance.spreadsheets.workbooks import XLSX_TYPE
from attendance.web import downloads
from attendance.web.current import services
from attendance.web.schemas import CsvStyleQuery
from database import reports as stored
from database import students
from database.rows import StudentRow

bp = reports_blueprint("student_report", __name__)


@bp.get("/student/report", security=SECURITY, responses={200: schemas.StudentReportOut})
@requires(STUDENT)
def own_report() -> Response:
    """The caller's report across all courses, worst first."""
    return _student_report(caller().student, None)


@bp.get("/student/report.csv", security=SECURITY, responses=CSV)
@requires(STUDENT)
def own_csv(query: CsvStyleQuery) -> Response:
    """The caller's history across all courses as CSV."""
    return _student_csv(caller().student, None, query)


@bp.get("/student/report.xlsx", security=SECURITY, responses=XLSX)
@requires(STUDENT)
def own_xlsx() -> Response:
    """The caller's report across all courses as a workbook."""
    return _student_xlsx(caller().student, None)


@bp.get(
    "/api/students/<number:student_id>/report",
    security=SECURITY,
    responses={200: schemas.StudentReportOut},
)
@requires(TEACHER)
def student_report(path: schemas.StudentPath) -> Response:
    """A student across the caller's courses (for an administrator and the student's tutor: all),
    worst first."""
    return _student_report(*_visible_student(path.student_id))


@bp.get("/api/students/<number:student_id>/report.csv", security=SECURITY, responses=CSV)
@requires(TEACHER)
def student_csv(path: schemas.StudentPath, query: CsvStyleQuery) -> Response:
    """A student's history in the caller's courses as CSV."""
    return _student_csv(*_visible_student(path.student_id), query)


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
def student_csv_by_id(path: schemas.StudentIdPath, query: CsvStyleQuery) -> Response:
    """The same as `/api/students/{student_id}/report.csv`, by the student's own id."""
    return _student_csv(*_visible_student(path.student), query)


@bp.get("/reports/student/<int:student>/report.xlsx", security=SECURITY, responses=XLSX)
@requires(TEACHER)
def student_xlsx_by_id(path: schemas.StudentIdPath) -> Response:
    """The same as `/api/students/{student_id}/report.xlsx`, by the student's own id."""
    return _student_xlsx(*_visible_student(path.student))


def _visible_student(number: int | str) -> tuple[StudentRow, int | None]:
    """The student with this own id (int) or number of the school (str), and whose courses are
    shown (None: everybody's).

    Raises:
        StudentNotFound: nobody, or nobody that this teacher has to do with.
    """
    account = caller()
    with services().database.read() as tx:
        student = students.known_as(tx, *student_numbers.forms(number))
        follows = student is not None and may_follow(tx, account, int(student["id"]))
        if student is None or not (
            follows
            or stored.has_student(tx, account.id, int(student["id"]), services().clock.now())
        ):
            raise StudentNotFound
    return student, None if follows else account.id


def _attended(student: StudentRow, teacher: int | None) -> list[figures.Attended]:
    with services().database.read() as tx:
        return figures.of_student(tx, int(student["id"]), teacher, services().clock.now())


def _student_report(student: StudentRow, teacher: int | None) -> Response:
    now = services().clock.now()
    found = _attended(student, teacher)
    return jsonify(
        {
            "student": schemas.StudentName.shown(student),
            "overall": sum((attended.share for attended in found), Share(0, 0)).shown(),
            "courses": [presenting.attended(attended, now) for attended in found],
        }
    )


def _student_csv(student: StudentRow, teacher: int | None, style: CsvStyleQuery) -> Response:
    zone, now = services().settings.timezone, services().clock.now()
    rows = tables.history_rows(_attended(student, teacher), zone, now)
    local = style.times == "local"
    table = tables.csv_table(tables.history_columns(zone), rows, local=local)
    return downloads.sent(
        downloads.spooled(csv_lines(table, Style(style.separator, style.bom))),
        CSV_TYPE,
        "report-student.csv",
    )


def _student_xlsx(student: StudentRow, teacher: int | None) -> Response:
    zone, now = services().settings.timezone, services().clock.now()
    file = workbook(tables.student_sheets(_attended(student, teacher), zone, now))
    return downloads.sent(file, XLSX_TYPE, "report-student.xlsx")
