"""The terms and holidays of the school, for everybody who plans or is planned for."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, requires
from attendance.planning import presenting, schemas
from attendance.planning.school_days import HOLIDAYS, TERMS
from attendance.web.current import services
from database import school_days

bp = APIBlueprint("school", __name__, abp_tags=[Tag(name="school", description="The school")])


@bp.get("/school/days", security=SECURITY, responses={200: schemas.SchoolCalendarOut})
@requires("any")
def days() -> Response:
    """The terms and holidays of the school. Plans leave holidays out."""
    with services().database.read() as tx:
        terms, holidays = school_days.every(tx, TERMS), school_days.every(tx, HOLIDAYS)
    return jsonify(
        {
            "terms": [presenting.school_days(row) for row in terms],
            "holidays": [presenting.school_days(row) for row in holidays],
        }
    )
