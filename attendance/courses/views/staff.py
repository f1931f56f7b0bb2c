"""Who helps in a course: co-teachers, assistants, substitutes."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.core.errors import InvalidRequest
from attendance.core.roles import TEACHER
from attendance.courses import events, helping, presenting, schemas
from attendance.courses.access import Right, own_course
from attendance.courses.views import TAGS
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row, Transaction, staff

bp = APIBlueprint("staff", __name__, url_prefix="/course", abp_tags=TAGS)
ASKED_PER_MINUTE = 30


@bp.get("/<int:course_id>/staff", security=SECURITY, responses={200: schemas.StaffOut})
@requires(TEACHER)
def listed(path: schemas.CoursePath) -> Response:
    """Who helps in the course, until when, and whose time is over."""
    with services().database.read() as tx:
        own_course(tx, caller(), path.course_id, Right.SEE, services().clock.now())
        shown = _shown(tx, path.course_id)
    return jsonify({"staff": shown})


@bp.post(
    "/<int:course_id>/staff",
    security=SECURITY,
    responses={201: schemas.StaffOut, 200: schemas.StaffOut, **refuses(404, 429)},
)
@requires(TEACHER)
def ask(path: schemas.CoursePath, body: schemas.StaffIn) -> tuple[Response, int]:
    """Let another teacher help; 200 where he or she did already, and has a new part or end now.

    What each part may do: docs/administration.md.
    """
    parts, account = services(), caller()
    count_attempt("staff", account.name, ASKED_PER_MINUTE)
    with parts.database.write() as tx:
        course, teacher, is_new = helping.ask(
            tx,
            account,
            path.course_id,
            email=body.email,
            role=body.role,
            until=body.until,
            by=acting(),
            now=parts.clock.now(),
        )
        shown = _shown(tx, path.course_id)
    events.staff_changed(parts, course, teacher)
    return jsonify({"staff": shown}), 201 if is_new else 200


@bp.delete("/<int:course_id>/staff", security=SECURITY, responses={204: None})
@requires(TEACHER)
def let_go(
    path: schemas.CoursePath, query: schemas.StaffQuery, body: schemas.StaffRemoveIn
) -> tuple[str, int]:
    """End somebody's part in the course. Whoever helps may end the own one."""
    parts = services()
    email = body.email or query.email
    if email is None:
        raise InvalidRequest.of("email", "either", "Say whose part ends.")
    with parts.database.write() as tx:
        course, teacher = helping.let_go(
            tx, caller(), path.course_id, email, by=acting(), now=parts.clock.now()
        )
    events.staff_changed(parts, course, teacher)
    return "", 204


def _shown(tx: Transaction, course_id: int) -> list[Row]:
    now = services().clock.now()
    return [presenting.helper(row, now) for row in staff.of_course(tx, course_id)]
