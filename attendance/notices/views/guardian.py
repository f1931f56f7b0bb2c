"""/guardian: what a guardian does with a one-time link, without an account."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3 import APIBlueprint, Tag, validate_request

from attendance.accounts.guard import count_attempt
from attendance.admission import shares
from attendance.admission.shares import NoRoom
from attendance.core.errors import Unavailable
from attendance.corrections import events
from attendance.notices import guardian_links
from attendance.notices import guardian_schemas as schemas
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.origin import network
from attendance.web.schemas import refuses

bp = APIBlueprint(
    "guardian",
    __name__,
    url_prefix="/guardian",
    abp_tags=[Tag(name="guardian", description="For guardians, by a link")],
)
TRIES_PER_MINUTE = 30


@bp.post("/link", responses={200: schemas.GuardianLinkOut, **refuses(403, 410, 429)})
def look(body: schemas.GuardianLinkIn) -> Response:
    """What a link is for. Looking does not use it up."""
    parts = services()
    count_attempt("guardian", network(), TRIES_PER_MINUTE)
    with parts.database.read() as tx:
        row = guardian_links.look(tx, body.token, parts.clock.now())
    shown = {"purpose": row["purpose"], "student": row["student_name"]}
    return jsonify({**shown, "version": guardian_links.VERSION})


@bp.post("/consent", responses={200: schemas.GuardianDoneOut, **refuses(403, 410, 429)})
def agree(body: schemas.GuardianAgreeIn) -> Response:
    """Agree that a minor's face is stored. The guardian hears of it by mail, with the way back."""
    count_attempt("guardian", network(), TRIES_PER_MINUTE)
    guardian_links.agree(services(), body.token, body.name, body.language)
    return jsonify({"done": True})


@bp.post("/withdraw", responses={200: schemas.GuardianDoneOut, **refuses(403, 410, 429)})
def withdraw(body: schemas.GuardianLinkIn) -> Response:
    """Take the consent back: what is stored of the face is deleted at once."""
    count_attempt("guardian", network(), TRIES_PER_MINUTE)
    guardian_links.withdraw(services(), body.token)
    return jsonify({"done": True})


@bp.post("/absence", responses={200: schemas.GuardianDoneOut, **refuses(403, 410, 429)})
def excuse(body: schemas.GuardianAbsenceIn) -> Response:
    """Ask that the student is excused for some days; each of the courses decides."""
    parts = services()
    count_attempt("guardian", network(), TRIES_PER_MINUTE)
    last = body.last_day or body.first_day
    absence, student = guardian_links.excuse(parts, body.token, body.first_day, last, body.reason)
    events.absence_changed(parts, absence, student)
    return jsonify({"done": True})


def _uploading(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a body hold a picture although nobody has signed in: it is read while it counts as one
    of the few that may come from one network at once."""
    validated = validate_request()(view)  # type: ignore[no-untyped-call]  # has no types

    @functools.wraps(validated)
    def guarded(**kwargs: Any) -> Any:
        count_attempt("guardian", network(), TRIES_PER_MINUTE)
        uploads.allow_images(1)
        try:
            with services().uploads.turn(shares.BODY, network()):
                _ = request.form
        except NoRoom:
            raise Unavailable("Too much is being sent just now. Try again in a moment.") from None
        return validated(**kwargs)

    return guarded


@bp.post(
    "/absence-with-note",
    responses={200: schemas.GuardianDoneOut, **refuses(403, 410, 413, 429)},
)
@_uploading
def excuse_with_note(form: schemas.GuardianNoteForm) -> Response:
    """The same with the picture of a note, which is drawn anew, encrypted, and seen by whoever
    decides."""
    parts = services()
    picture = uploads.picture(form.image)
    last = form.last_day or form.first_day
    absence, student = guardian_links.excuse(
        parts, form.token, form.first_day, last, form.reason, picture
    )
    events.absence_changed(parts, absence, student)
    return jsonify({"done": True})
