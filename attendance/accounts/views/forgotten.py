"""Forgotten passwords, and whose account a link is for."""

from __future__ import annotations

from flask import Response, jsonify
from flask_babel import gettext
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import forgotten, schemas, signing_in
from attendance.accounts.guard import count_attempt
from attendance.core.mail import Words
from attendance.web.current import services
from attendance.web.links import base_url
from attendance.web.origin import network
from attendance.web.schemas import refuses

bp = APIBlueprint(
    "forgotten", __name__, url_prefix="/auth", abp_tags=[Tag(name="auth", description="Tokens")]
)
# Of one network: a class after the holidays may ask, a list of addresses is not tried.
ASKED_PER_MINUTE = 30


@bp.post("/forgot-password", responses={202: schemas.ForgotPasswordOut, **refuses(429)})
def forgot_password(body: schemas.ForgotPasswordIn) -> tuple[Response, int]:
    """Have a link sent that sets a new password. The answer is the same whoever asks for whom.

    `mail` says whether this installation sends mail at all; without it, an administrator makes
    the link.
    """
    parts = services()
    count_attempt("forgot-password", network(), ASKED_PER_MINUTE)
    words = Words(
        gettext("Set a new password"),
        gettext(
            "Hello {name},\n\n"
            "somebody, probably you, asked for a new password of your attendance account. Set it "
            "here:\n\n{link}\n\n"
            "The link works once, for {minutes} minutes. If it was not you, do nothing: your "
            "password stays as it is.\n"
        ),
    )
    forgotten.send_link(parts, body.email, base_url(), words)
    return jsonify({"mail": parts.mailer.configured}), 202


@bp.post("/password-link", responses={200: schemas.PasswordLinkOut, **refuses(403, 410, 429)})
def password_link(body: schemas.PasswordLinkIn) -> Response:
    """Whose password a link sets, for whoever has the whole link."""
    parts = services()
    count_attempt("password-link", network(), ASKED_PER_MINUTE)
    with parts.database.read() as tx:
        found = parts.invitations.account_of(tx, body.token, parts.clock.now())
        signing_in.require_active(found.row)
    return jsonify(
        schemas.PasswordLinkOut.shown(
            found.row,
            kind=found.kind,
            student_id=found.row.get("student_id"),
            has_password=found.row["password_hash"] is not None,
        )
    )
