"""Students: sign up, sign in, account, and everything that is kept about them."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts import (
    administration,
    correcting,
    own_account,
    personal_data,
    presenting,
    schemas,
    signing_in,
)
from attendance.accounts.guard import SECURITY, Account, acting, caller, requires
from attendance.accounts.views import address_changed, students_blueprint
from attendance.core.errors import EmailTaken, SignUpClosed, StudentIdTaken
from attendance.core.roles import STUDENT
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import UniqueViolation, sightings, students

bp = students_blueprint("student", __name__)


@bp.post("/signup", responses={201: schemas.StudentTokensOut, **refuses(403, 409, 429)})
def signup(body: schemas.StudentSignUpIn, query: schemas.TransportQuery) -> Response:
    """Sign up as a student, where the school lets students do that."""
    parts = services()
    if parts.settings.student_sign_up != "open":
        raise SignUpClosed
    password_hash = signing_in.first_password(parts, STUDENT, body.password)
    with parts.database.write() as tx:
        correcting.require_free(tx, None, {"student_id": body.student_id})
        try:
            row = students.create(
                tx,
                student_id=body.student_id,
                name=body.name,
                email=body.email,
                password_hash=password_hash,
                course=body.course,
                now=parts.clock.now(),
            )
        except UniqueViolation:
            if students.by_student_id(tx, body.student_id) is not None:
                raise StudentIdTaken from None
            raise EmailTaken from None
    return signing_in.with_tokens(
        parts, {"student": presenting.own_student(row)}, Account(STUDENT, row), 201
    )


@bp.post("/login", responses={200: schemas.StudentTokensOut, **refuses(401, 403, 429)})
def login(body: schemas.LoginIn, query: schemas.TransportQuery) -> Response:
    """Sign in as a student."""
    parts = services()
    account = signing_in.check_login(parts, STUDENT, signing_in.named(body), body.password)
    return signing_in.with_tokens(
        parts, {"student": presenting.own_student(account.student)}, account
    )


@bp.get("/me", security=SECURITY, responses={200: schemas.StudentOut})
@requires(STUDENT)
def me() -> Response:
    """The caller's account."""
    return jsonify({"student": presenting.own_student(caller().student)})


@bp.patch("/me", security=SECURITY, responses={200: schemas.StudentChangedOut, **refuses(409, 429)})
@requires(STUDENT)
def change_me(body: schemas.StudentPatchIn) -> Response:
    """Change the caller's account. Address and password need the current password; a new
    password ends all tokens, and the response has new ones."""
    parts, account = services(), caller()
    if body.email is not None and not body.password:
        signing_in.confirm(parts, account, body.current_password)
    password_hash = body.password and signing_in.new_password(
        parts, account, current=body.current_password, new=body.password
    )
    now = parts.clock.now()
    with parts.database.write() as tx:
        students.update_profile(
            tx,
            account.id,
            name=correcting.rename(tx, parts.settings, account.row, body.name, acting(), now),
            course=body.course if "course" in body.model_fields_set else account.row["course"],
        )
        if body.camera_consent is not None:
            students.set_camera_consent(tx, account.id, body.camera_consent, parts.clock.now())
            if not body.camera_consent:
                sightings.withdraw(tx, account.id)
        before = body.email and own_account.change_email(
            tx, account, body.email, acting(), parts.clock.now()
        )
        if password_hash:
            students.set_password(tx, account.id, password_hash)
        row = students.by_id(tx, account.id)
    assert row is not None
    own_account.tell_of_change(parts, before, row["name"], address_changed())
    shown = {"student": presenting.own_student(row)}
    return (
        signing_in.with_tokens(parts, shown, Account(STUDENT, row))
        if body.password
        else jsonify(shown)
    )


@bp.get("/export", security=SECURITY, responses={200: schemas.PersonalDataOut})
@requires(STUDENT)
def export() -> Response:
    """Everything that is kept about the caller: account, templates, photographs, marks, audit."""
    return jsonify(personal_data.of_student(services(), caller().student))


@bp.delete("/me", security=SECURITY, responses={204: None, **refuses(429)})
@requires(STUDENT)
def delete_me(body: schemas.StudentDeleteIn) -> tuple[Response, int]:
    """Delete the caller's account with everything, as an administrator would."""
    parts, account = services(), caller()
    signing_in.confirm(parts, account, body.current_password)
    administration.delete_student(parts, account.id, acting())
    return signing_in.signed_out(), 204
