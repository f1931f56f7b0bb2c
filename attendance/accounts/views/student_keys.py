"""A student's own PIN and passkeys, for marking without a face."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts import student_keys as keys
from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.accounts.schemas import (
    KeysOut,
    OwnPasskey,
    PasskeyAskedOut,
    PasskeyIn,
    PasskeyOut,
    PasskeyPath,
    PinIn,
)
from attendance.accounts.views import students_blueprint
from attendance.core.errors import PasskeyNotFound
from attendance.core.roles import STUDENT
from attendance.web.current import services
from attendance.web.links import base_url
from attendance.web.schemas import refuses
from database import student_keys

bp = students_blueprint("student_keys", __name__)


@bp.get("/keys", security=SECURITY, responses={200: KeysOut})
@requires(STUDENT)
def own_keys() -> Response:
    """Whether the caller has a PIN, and which passkeys."""
    student = caller().id
    with services().database.read() as tx:
        pin = student_keys.pin_hash(tx, student)
        rows = student_keys.passkeys_of(tx, student)
    return jsonify({"pin": pin is not None, "passkeys": [OwnPasskey.shown(row) for row in rows]})


@bp.put("/pin", security=SECURITY, responses={204: None, **refuses(429)})
@requires(STUDENT)
def set_pin(body: PinIn) -> tuple[str, int]:
    """Give the caller a PIN, in the place of any other; the password says that it is the caller."""
    keys.set_pin(services(), caller().student, body.pin, body.password, acting())
    return "", 204


@bp.delete("/pin", security=SECURITY, responses={204: None})
@requires(STUDENT)
def drop_pin() -> tuple[str, int]:
    """Take the caller's PIN away."""
    parts, account = services(), caller()
    with parts.database.write() as tx:
        if student_keys.drop_pin(tx, account.id):
            acting().note(tx, parts.clock.now(), "pin.remove", account.name)
    return "", 204


@bp.post("/passkeys/options", security=SECURITY, responses={200: PasskeyAskedOut, **refuses(429)})
@requires(STUDENT)
def ask_for_passkey() -> Response:
    """What the browser needs to make a passkey: `options` for `navigator.credentials.create`, and
    `state` to send back with the answer within five minutes."""
    parts, account = services(), caller()
    count_attempt("passkey", account.name, parts.settings.join_tries_per_minute)
    asked = keys.ask_to_register(parts, account.student, base_url())
    return jsonify(PasskeyAskedOut.shown(asked))


@bp.post("/passkeys", security=SECURITY, responses={201: PasskeyOut})
@requires(STUDENT)
def add_passkey(body: PasskeyIn) -> tuple[Response, int]:
    """Keep the passkey that the browser has made: its public key, nothing biometric."""
    row = keys.register(
        services(),
        caller().student,
        body.credential,
        body.state,
        body.name,
        base_url(),
        acting(),
    )
    return jsonify({"passkey": OwnPasskey.shown(row)}), 201


@bp.delete("/passkeys/<int:passkey>", security=SECURITY, responses={204: None})
@requires(STUDENT)
def drop_passkey(path: PasskeyPath) -> tuple[str, int]:
    """Take a passkey of the caller's away."""
    parts, account = services(), caller()
    with parts.database.write() as tx:
        if not student_keys.drop_passkey(tx, account.id, path.passkey):
            raise PasskeyNotFound
        acting().note(tx, parts.clock.now(), "passkey.remove", account.name)
    return "", 204
