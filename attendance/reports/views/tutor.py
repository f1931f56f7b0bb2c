"""/tutor: the students whom the caller looks after, in all of their courses."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses.percentages import Share
from attendance.reports import figures, schemas
from attendance.reports.views import reports_blueprint
from attendance.web.current import services
from database import Row, Transaction, tutors

bp = reports_blueprint("tutor_report", __name__)


@bp.get("/tutor/students", security=SECURITY, responses={200: schemas.TutoredOut})
@requires(TEACHER)
def tutored() -> Response:
    """The students whose tutor the caller is, with their attendance over all courses.

    `GET /reports/student/{id}` then tells each of their courses.
    """
    with services().database.read() as tx:
        shown = [_shown(tx, row) for row in tutors.students_of(tx, caller().id)]
    return jsonify({"students": shown})


def _shown(tx: Transaction, row: Row) -> Row:
    found = figures.of_student(tx, int(row["id"]), None, services().clock.now())
    return schemas.TutoredStudent.shown(
        row,
        overall=sum((attended.share for attended in found), Share(0, 0)).shown(),
        courses_at_risk=sum(bool(attended.risks) for attended in found),
    )
