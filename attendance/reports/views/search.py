"""GET /search: what a teacher looks for by a few letters, from every page."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, Account, caller, requires
from attendance.core.roles import TEACHER
from attendance.reports import schemas
from attendance.web.current import services
from database import Row, Transaction, courses, finding, students
from database.rows import CourseRow

bp = APIBlueprint(
    "search", __name__, abp_tags=[Tag(name="search", description="One search over everything")]
)


@bp.get("/search", security=SECURITY, responses={200: schemas.FoundOut})
@requires(TEACHER)
def search(query: schemas.SearchQuery) -> Response:
    """Courses, students and sessions of the caller that are called like this, some of each;
    administrators also find the students of others, after their own. Accents and capitals do not
    count."""
    account, now = caller(), services().clock.now()
    wanted: dict[str, Any] = {
        "teacher": account.id,
        "as_of": now,
        "text": query.q,
        "limit": query.limit,
    }
    with services().database.read() as tx:
        own = courses.of_teacher(tx, account.id, now)
        people = _people(tx, account, finding.students(tx, **wanted), query)
        held = finding.sessions(tx, **wanted)
    by_id = {int(row["id"]): row for row in own}
    named = [row for row in own if finding.fits(query.q, row["name"], row["section"], row["code"])]
    return jsonify(
        {
            "courses": [_course(row) for row in named[: query.limit]],
            "students": [
                schemas.FoundStudent.shown(
                    row, course=row["course"] and _course(by_id[int(row["course"])])
                )
                for row in people
            ],
            "sessions": [schemas.FoundSession.shown(row) for row in held],
        }
    )


def _people(
    tx: Transaction, account: Account, own: list[Row], query: schemas.SearchQuery
) -> list[Row]:
    """An administrator's own students, and then everybody else's, who are in no own course."""
    if not account.is_admin:
        return own
    known = {int(row["id"]) for row in own}
    others, _ = students.search(tx, text=query.q, limit=query.limit, offset=0)
    more = [{**row, "course": None} for row in others if int(row["id"]) not in known]
    return (own + more)[: query.limit]


def _course(row: CourseRow) -> Row:
    return schemas.FoundCourse.shown(row)
