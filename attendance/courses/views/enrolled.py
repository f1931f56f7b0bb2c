"""Students of a course by their own id: a school's number need not be fit for a path."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.roles import TEACHER
from attendance.courses import enrolling, events, presenting, schemas, slips
from attendance.courses.views import TAGS, invitation_words
from attendance.web.current import services
from attendance.web.links import base_url
from attendance.web.schemas import refuses

bp = APIBlueprint("enrolled", __name__, url_prefix="/course", abp_tags=TAGS)


@bp.delete("/<int:course_id>/enrolments/<int:student>", security=SECURITY, responses={204: None})
@requires(TEACHER)
def remove(path: schemas.EnrolmentPath) -> tuple[str, int]:
    """Remove a student, by `id`, from the course. Marks already made stay with the student."""
    parts = services()
    row = enrolling.remove(parts, caller(), path.course_id, path.student, acting())
    events.course_changed(parts, row)
    return "", 204


@bp.post(
    "/<int:course_id>/enrolments/<int:student>/invitation",
    security=SECURITY,
    responses={201: schemas.InvitationOut, **refuses(409, 429)},
)
@requires(TEACHER)
def invite(path: schemas.EnrolmentPath) -> tuple[Response, int]:
    """A new invitation link for a student, by `id`, who has set no password yet."""
    parts = services()
    words = invitation_words()
    made = enrolling.invite(
        parts, caller(), path.course_id, path.student, acting(), base_url(), words
    )
    return jsonify(presenting.invited(made, mailed=parts.mailer.configured)), 201


@bp.post(
    "/<int:course_id>/enrolments/<int:student>/first-pin",
    security=SECURITY,
    responses={201: schemas.FirstPinOut, **refuses(403, 409, 429)},
)
@requires(TEACHER)
def first_pin(path: schemas.EnrolmentPath) -> tuple[Response, int]:
    """A PIN for a printed slip, with which a student without a mailbox sets a password, also where
    an earlier one is forgotten. Whose roster made the account sees it, and administrators do."""
    row, made = slips.make(services(), caller(), path.course_id, path.student, acting())
    shown = schemas.FirstPinOut.shown(row, pin=presenting.first_pin(made))
    return jsonify(shown), 201
