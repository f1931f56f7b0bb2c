"""Enrolments that wait: who confirms that a face is the student's."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_babel import gettext
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.roles import TEACHER
from attendance.faces import events as faces_events
from attendance.faces import presenting, proposals, schemas, waiting_pictures
from attendance.sessions import events, first_marks
from attendance.web import languages
from attendance.web.current import services
from attendance.web.schemas import refuses

PICTURE: dict[Any, Any] = {200: {"content": {"image/jpeg": {}}}, **refuses(404)}

bp = APIBlueprint(
    "enrolments",
    __name__,
    url_prefix="/admin/enrolments",
    abp_tags=[Tag(name="faces", description="")],
)


@bp.get("", security=SECURITY, responses={200: schemas.ProposalsOut})
@requires(TEACHER)
def listed() -> Response:
    """The enrolments that wait, of students whom the caller may mark; of everybody for an
    administrator."""
    rows = proposals.listed(services(), _teacher())
    reported = services().faces.reported
    return jsonify({"enrolments": [presenting.proposal(row, reported) for row in rows]})


@bp.get("/<int:proposal>/new.jpg", security=SECURITY, responses=PICTURE)
@requires(TEACHER)
def new(path: schemas.ProposalPath) -> Response:
    """The face that waits, as a small picture. It is gone with the decision."""
    return _jpeg(waiting_pictures.new(services(), path.proposal, _teacher()))


@bp.get("/<int:proposal>/before.jpg", security=SECURITY, responses=PICTURE)
@requires(TEACHER)
def before(path: schemas.ProposalPath) -> Response:
    """The student's face that counts now, as a small picture, where photographs are kept."""
    return _jpeg(waiting_pictures.before(services(), path.proposal, _teacher()))


@bp.post(
    "/<int:proposal>/decide",
    security=SECURITY,
    responses={200: schemas.ProposalDecidedOut, **refuses(404, 409)},
)
@requires(TEACHER)
def decide(path: schemas.ProposalPath, body: schemas.ProposalDecideIn) -> Response:
    """Say whether a face is the student's, whom the caller has before him or her, or knows from the
    school's records. Accepted, it takes the place of what was there, and what the student has
    marked with it meanwhile counts; refused, both are gone. The student is told by mail.
    """
    parts = services()
    decided = first_marks.decide(parts, path.proposal, body.accepted, _teacher(), acting())
    row = decided.student
    if decided.replaced:
        faces_events.face_changed(parts, row)
    events.face_decided(parts, decided, body.accepted)
    with languages.of_mail():
        subject = gettext("Your face")
        text = (
            gettext("Your new face was confirmed. From now on you mark with it.")
            if body.accepted
            else gettext("Your new face was not confirmed, and has been deleted.")
        )
    parts.mailer.send(proposals.told(row, subject, text, parts.clock.now()))
    shown = {"student_id": row["student_id"], "accepted": body.accepted}
    return jsonify({**shown, "sessions": decided.sessions})


def _jpeg(picture: bytes) -> Response:
    response = Response(picture)
    response.headers["Content-Type"] = "image/jpeg"
    return response


def _teacher() -> int | None:
    return None if caller().is_admin else caller().id
