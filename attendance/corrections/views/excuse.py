"""Excuses: an apology for some days, entered before the sessions or after."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core import statuses, zones
from attendance.core.errors import ExcuseNotFound, found
from attendance.core.roles import TEACHER
from attendance.corrections import presenting, schemas
from attendance.corrections.views import TAGS
from attendance.courses import reasons
from attendance.courses.access import Right, enrolled_student, own_course, visible_course
from attendance.courses.schemas import CoursePath
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import excuses

bp = APIBlueprint("excuse", __name__, abp_tags=TAGS)


@bp.post(
    "/course/<int:course_id>/excuses",
    security=SECURITY,
    responses={201: schemas.ExcuseOut, **refuses(409)},
)
@requires(TEACHER)
def create(path: CoursePath, body: schemas.ExcuseIn) -> tuple[Response, int]:
    """Excuse a student for some days: what is missed then counts as excused, not absent."""
    parts, account = services(), caller()
    now = parts.clock.now()
    last_day = body.last_day or body.first_day
    with parts.database.write() as tx:
        course = own_course(tx, account, path.course_id, Right.CORRECT, now)
        student = enrolled_student(tx, path.course_id, body.student_id)
        reasons.usable(tx, body.reason_id, statuses.EXCUSED)
        begins_at, ends_at = zones.days(body.first_day, last_day, course["timezone"])
        excuse_id = excuses.create(
            tx,
            course=path.course_id,
            student=int(student["id"]),
            first_day=body.first_day.isoformat(),
            last_day=last_day.isoformat(),
            begins_at=begins_at,
            ends_at=ends_at,
            reason=body.reason,
            reason_id=body.reason_id,
            now=now,
        )
        row = excuses.by_id(tx, excuse_id)
        assert row is not None
        shown = presenting.excuse(row)
        acting().note(
            tx,
            now,
            "excuse.create",
            f"student:{student['id']}",
            new={"course": path.course_id, "from": shown["from"], "to": shown["to"]},
            reason=body.reason,
        )
    return jsonify({"excuse": shown}), 201


@bp.get(
    "/course/<int:course_id>/excuses",
    security=SECURITY,
    responses={200: schemas.ExcusesOut},
)
@requires("any")
def listed(path: CoursePath) -> Response:
    """The excuses of a course: all of them for its teacher, only the caller's for a student."""
    account = caller()
    with services().database.read() as tx:
        visible_course(tx, account, path.course_id, services().clock.now())
        only = None if account.kind == TEACHER else account.id
        rows = excuses.of_course(tx, path.course_id, only)
    return jsonify({"excuses": [presenting.excuse(row) for row in rows]})


@bp.delete("/excuse/<int:excuse_id>", security=SECURITY, responses={204: None})
@requires(TEACHER)
def delete(path: schemas.ExcusePath) -> tuple[str, int]:
    """Delete an excuse: what was missed counts as absent again."""
    parts, account = services(), caller()
    with parts.database.write() as tx:
        row = found(excuses.by_id(tx, path.excuse_id), ExcuseNotFound)
        own_course(tx, account, int(row["course"]), Right.CORRECT, parts.clock.now())
        excuses.delete(tx, path.excuse_id, parts.clock.now())
        acting().note(
            tx,
            parts.clock.now(),
            "excuse.delete",
            f"student:{row['student']}",
            old={"course": row["course"], "from": row["first_day"], "to": row["last_day"]},
        )
    return "", 204
