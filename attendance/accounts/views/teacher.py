"""Teachers: sign up, sign in, account."""

from __future__ import annotations

from flask import Response, jsonify, make_response
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import events, own_account, presenting, schemas, signing_in
from attendance.accounts.guard import SECURITY, Account, acting, caller, requires
from attendance.accounts.views import address_changed
from attendance.core import pushing
from attendance.core.audit import By
from attendance.core.errors import EmailTaken
from attendance.core.roles import ACTIVE, PENDING, TEACHER
from attendance.web.current import services
from attendance.web.logs import request_id
from attendance.web.schemas import refuses
from database import UniqueViolation, teachers

bp = APIBlueprint(
    "teacher", __name__, url_prefix="/teacher", abp_tags=[Tag(name="teacher", description="")]
)


@bp.post(
    "/signup",
    responses={201: schemas.TeacherTokensOut, 202: schemas.TeacherOut, **refuses(409, 429)},
)
def signup(body: schemas.TeacherSignUpIn, query: schemas.TransportQuery) -> Response:
    """Sign up as a teacher. The first is the administrator; later ones wait for approval (202)."""
    parts = services()
    password_hash = signing_in.first_password(parts, TEACHER, body.password)
    try:
        with parts.database.write() as tx:
            row = teachers.create(
                tx,
                name=body.name,
                email=body.email,
                password_hash=password_hash,
                department=body.department,
                open_sign_up=parts.settings.teacher_sign_up == "open",
                now=parts.clock.now(),
            )
            subject = f"teacher:{row['id']}"
            By(subject, request_id()).note(
                tx,
                parts.clock.now(),
                "teacher.signup",
                subject,
                new={"role": row["role"], "state": row["state"]},
            )
            if row["state"] == PENDING:
                deciding = teachers.active_administrators(tx)
                pushing.tell_teachers(tx, deciding, pushing.TEACHER_WAITS, parts.clock.now())
    except UniqueViolation:
        raise EmailTaken from None
    shown = {"teacher": presenting.teacher(row)}
    if row["state"] != ACTIVE:
        events.teachers_waiting(parts)
        return make_response(jsonify(shown), 202)
    return signing_in.with_tokens(parts, shown, Account(TEACHER, row), 201)


@bp.post("/login", responses={200: schemas.TeacherTokensOut, **refuses(401, 403, 429)})
def login(body: schemas.LoginIn, query: schemas.TransportQuery) -> Response:
    """Sign in as a teacher."""
    parts = services()
    account = signing_in.check_login(parts, TEACHER, signing_in.named(body), body.password)
    return signing_in.with_tokens(parts, {"teacher": presenting.teacher(account.teacher)}, account)


@bp.get("/me", security=SECURITY, responses={200: schemas.TeacherOut})
@requires(TEACHER)
def me() -> Response:
    """The caller's account."""
    return jsonify({"teacher": presenting.teacher(caller().teacher)})


@bp.patch("/me", security=SECURITY, responses={200: schemas.TeacherChangedOut, **refuses(409, 429)})
@requires(TEACHER)
def change_me(body: schemas.TeacherPatchIn) -> Response:
    """Change the caller's account. Address and password need the current password; a new
    password ends all tokens, and the response has new ones."""
    parts, account = services(), caller()
    if body.email is not None and not body.password:
        signing_in.confirm(parts, account, body.current_password)
    password_hash = body.password and signing_in.new_password(
        parts, account, current=body.current_password, new=body.password
    )
    with parts.database.write() as tx:
        teachers.update_profile(
            tx,
            account.id,
            name=account.row["name"] if body.name is None else body.name,
            department=body.department
            if "department" in body.model_fields_set
            else account.row["department"],
        )
        before = body.email and own_account.change_email(
            tx, account, body.email, acting(), parts.clock.now()
        )
        if password_hash:
            teachers.set_password(tx, account.id, password_hash)
        row = teachers.by_id(tx, account.id)
    assert row is not None
    own_account.tell_of_change(parts, before, row["name"], address_changed())
    shown = {"teacher": presenting.teacher(row)}
    return (
        signing_in.with_tokens(parts, shown, Account(TEACHER, row))
        if body.password
        else jsonify(shown)
    )


@bp.get("/me/deletion", security=SECURITY, responses={200: schemas.LeavingOut})
@requires(TEACHER)
def deletion(query: schemas.LeavingQuery) -> Response:
    """What deleting the caller's account would do, and whether it can be done now."""
    parts = services()
    with parts.database.read() as tx:
        found = own_account.leaving(tx, caller(), parts.clock.now(), query.transfer_to)
    return jsonify(
        schemas.LeavingOut.shown(
            found,
            last_administrator=found.is_last_administrator,
            heir=None if found.heir is None else schemas.Heir.shown(found.heir),
        )
    )


@bp.delete("/me", security=SECURITY, responses={204: None, **refuses(409, 429)})
@requires(TEACHER)
def delete_me(body: schemas.TeacherDeleteIn) -> tuple[Response, int]:
    """Delete the caller's account. Courses and sessions go to `transfer_to` or an administrator."""
    parts, account = services(), caller()
    signing_in.confirm(parts, account, body.current_password)
    own_account.delete_teacher(parts, account, body.transfer_to, acting())
    return signing_in.signed_out(), 204
