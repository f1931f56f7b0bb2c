"""Tokens: a new one for an old one, their end, and the password that a link lets one set."""

from __future__ import annotations

import time
from datetime import datetime, timezone

from flask import Response, current_app, jsonify, make_response, request
from flask_jwt_extended import (
    create_access_token,
    decode_token,
    get_jwt,
    set_access_cookies,
)
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_openapi3 import APIBlueprint, Tag
from jwt import PyJWTError

from attendance.accounts import first_pins, presenting, schemas, signing_in
from attendance.accounts.claims import are_ours
from attendance.accounts.guard import SECURITY, Account, caller, requires
from attendance.core.audit import By
from attendance.core.roles import STUDENT, TEACHER
from attendance.web.current import services
from attendance.web.logs import request_id
from attendance.web.origin import network
from attendance.web.schemas import refuses
from database import push, students, teachers, tokens

bp = APIBlueprint(
    "auth", __name__, url_prefix="/auth", abp_tags=[Tag(name="auth", description="Tokens")]
)


@bp.post("/refresh", security=SECURITY, responses={200: schemas.TokenOut})
@requires("any", refresh=True)
def refresh() -> Response:
    """A new access token for a refresh token."""
    account = caller()
    signing_in.require_active(account.row)
    access = create_access_token(
        account.name, additional_claims={"ver": account.row["token_version"]}
    )
    if request.args.get("transport") == "cookie":
        response = make_response(jsonify({}))
        left = int(get_jwt()["exp"] - time.time())  # of the token that was sent
        set_access_cookies(response, access, max_age=max(1, left))
        signing_in.note_fresh(response)
        return response
    return jsonify({"access_token": access})


@bp.post("/logout", security=SECURITY, responses={204: None})
@requires("any")
def logout(body: schemas.LogoutIn) -> tuple[Response, int]:
    """Revoke the token that is sent, and the refresh token named in the body or cookie."""
    claims = [get_jwt()]
    sent = body.refresh_token or request.cookies.get(current_app.config["JWT_REFRESH_COOKIE_NAME"])
    if sent:
        try:
            other = decode_token(sent)
        except (PyJWTError, JWTExtendedException, ValueError):
            other = None
        if other and are_ours(other, "refresh") and other["sub"] == caller().name:
            claims.append(other)
    with services().database.write() as tx:
        for claim in claims:
            tokens.revoke(tx, claim["jti"], datetime.fromtimestamp(claim["exp"], timezone.utc))
        tokens.forget_expired(tx, services().clock.now())
    return signing_in.signed_out(), 204


@bp.post("/set-password", responses={200: schemas.SetPasswordOut, **refuses(403, 410)})
def set_password(body: schemas.SetPasswordIn, query: schemas.TransportQuery) -> Response:
    """Set a password with the token of an invitation or reset link, which works once."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        found = parts.invitations.account_of(tx, body.token, now)
    signing_in.require_active(found.row)
    signing_in.require_open(parts, found.kind, found.row)
    password_hash = parts.hashing.hash(body.password, network())
    with parts.database.write() as tx:
        found = parts.invitations.redeem(tx, body.token, password_hash, now)
        account = Account(found.kind, found.row)
        By(account.name, request_id()).note(tx, now, "password.set", account.name)
    if account.kind == TEACHER:
        shown = presenting.teacher(account.teacher)
    else:
        shown = presenting.own_student(account.student)
    return signing_in.with_tokens(parts, {account.kind: shown}, account)


@bp.post("/first-sign-in", responses={200: schemas.StudentTokensOut, **refuses(401, 403, 410, 429)})
def first_sign_in(body: schemas.FirstSignInIn, query: schemas.TransportQuery) -> Response:
    """Set a student's password with the PIN of a printed slip, which works once, and sign in."""
    parts = services()
    named = signing_in.Named(None, body.username, body.student_id)
    account = first_pins.redeem(parts, named, body.pin, body.password, request_id())
    shown = presenting.own_student(account.student)
    return signing_in.with_tokens(parts, {STUDENT: shown}, account)


@bp.post("/logout-everywhere", security=SECURITY, responses={204: None})
@requires("any")
def logout_everywhere() -> tuple[Response, int]:
    """Revoke every token of the account, on every device, including this one; no browser is told
    anything by push any more."""
    account = caller()
    store = teachers if account.kind == TEACHER else students
    with services().database.write() as tx:
        store.end_tokens(tx, account.id)
        push.drop_all(tx, account.kind, account.id)
    return signing_in.signed_out(), 204
