"""Authentication and authorisation: tokens, roles, limits on attempts; the calls under /auth."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, TypeVar, cast

from flask import Flask, Response, current_app, g, jsonify, make_response, request
from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    current_user,
    decode_token,
    get_jwt,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import CSRFError, JWTExtendedException
from flask_openapi3 import APIBlueprint, Tag, validate_request
from jwt import ExpiredSignatureError, PyJWTError

from attendance.accounts import api_keys, passwords, presenting, schemas
from attendance.core.audit import By
from attendance.core.errors import (
    AccountPending,
    AccountSuspended,
    CsrfFailed,
    Forbidden,
    LoginFailed,
    ScopeMissing,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from attendance.core.keys import signing_key
from attendance.web.current import services, services_of
from attendance.web.extensions import jwt
from attendance.web.logs import request_id
from attendance.web.problems import respond
from attendance.web.uploads import allow_file, allow_images
from database import Row, Transaction, students, teachers, tokens

TEACHER, STUDENT, ADMIN, DEVICE = "teacher", "student", "admin", "api_key"
# What an API key may be allowed to do. A view names the scope that lets a key in.
Scope = Literal["register", "verify", "students:read", "attendance:read"]
SECURITY: list[dict[str, list[str]]] = [{"token": []}]
DEVICE_SECURITY: list[dict[str, list[str]]] = [*SECURITY, {"api_key": []}]
View = TypeVar("View", bound=Callable[..., Any])

bp = APIBlueprint(
    "auth", __name__, url_prefix="/auth", abp_tags=[Tag(name="auth", description="Tokens")]
)


@dataclass(frozen=True)
class Account:
    """The caller: a teacher (perhaps administrator), a student, or a device with an API key."""

    kind: str
    row: Row

    @property
    def id(self) -> int:
        """The table's id of the teacher, student or API key."""
        return int(self.row["id"])

    @property
    def is_admin(self) -> bool:
        """Whether everything is open to this account, in the calls that let it in at all."""
        return self.kind == DEVICE or (self.kind == TEACHER and self.row["role"] == ADMIN)

    @property
    def name(self) -> str:
        """How tokens, limits and the audit log call the account: `teacher:7`."""
        return f"{self.kind}:{self.id}"


def caller() -> Account:
    """The signed-in account of this request."""
    return cast(Account, g.device if "device" in g else current_user)


def acting() -> By:
    """The caller of this request, for the audit log."""
    return By(caller().name, request_id())


def requires(
    kind: str,
    *,
    refresh: bool = False,
    images: int = 0,
    file: bool = False,
    scope: Scope | None = None,
) -> Callable[[View], View]:
    """Let a view be called by a teacher, a student, an administrator, or (`any`) any of them.

    With a `scope`, also a device may call it, with an API key that has this scope.

    The token is checked first; only then are body, form and query read and validated. A body is
    as large as `images` pictures, or one other `file`, at most.
    """

    def decorate(view: View) -> View:
        validated = validate_request()(view)  # type: ignore[no-untyped-call]  # has no types

        @functools.wraps(validated)
        def guarded(**kwargs: Any) -> Any:
            key = _api_key()
            if key is not None:
                g.device = _device(key, scope)
            else:
                verify_jwt_in_request(refresh=refresh)
            account = caller()
            g.account = account.name
            if file:
                allow_file()
            else:
                allow_images(images)
            if account.kind == DEVICE:
                return validated(**kwargs)
            if kind == ADMIN and not account.is_admin:
                raise Forbidden("Only an administrator may do this.")
            if kind in (TEACHER, STUDENT) and account.kind != kind:
                raise Forbidden(f"Only a {kind} may do this.")
            return validated(**kwargs)

        guarded.role = "refresh token" if refresh else kind  # type: ignore[attr-defined]  # docs
        return cast(View, guarded)

    return decorate


def count_attempt(purpose: str, account: str, per_minute: int) -> None:
    """Count one attempt of this account.

    Raises:
        TooManyAttempts: more than `per_minute` within a minute.
    """
    services().attempts.count(purpose, account, per_minute)


def check_login(kind: str, email: str, password: str) -> Account:
    """The account of this address and password.

    Raises:
        LoginFailed, AccountPending, AccountSuspended, TooManyAttempts
    """
    parts = services()
    count_attempt("login", f"{kind}:{email}", parts.settings.login_tries_per_minute)
    find = teachers.by_email if kind == TEACHER else students.by_email
    with parts.database.read() as tx:
        row = find(tx, email)
    stored = None if row is None else row["password_hash"]
    if not passwords.matches(password, stored, parts.settings.bcrypt_rounds) or row is None:
        raise LoginFailed
    _require_active(row)
    return Account(kind, row)


def with_tokens(body: dict[str, Any], account: Account, status: int = 200) -> Response:
    """`body` and a fresh pair of tokens: in the body, or (`?transport=cookie`) as cookies."""
    claims = {"ver": account.row["token_version"]}
    access = create_access_token(account.name, additional_claims=claims)
    refresh = create_refresh_token(account.name, additional_claims=claims)
    if request.args.get("transport") == "cookie":
        response = make_response(jsonify(body), status)
        set_access_cookies(response, access)
        set_refresh_cookies(response, refresh)
        return response
    return make_response(
        jsonify({**body, "access_token": access, "refresh_token": refresh}), status
    )


def account_of_token(token: str) -> tuple[Account, str]:
    """The account of an access token that came outside a request's header (Socket.IO), and the
    token's own id.

    Raises:
        TokenExpired, TokenInvalid
    """
    try:
        claims = decode_token(token)
    except ExpiredSignatureError:
        raise TokenExpired from None
    except (PyJWTError, JWTExtendedException, ValueError):
        raise TokenInvalid from None
    if claims.get("type") != "access":
        raise TokenInvalid
    with services().database.read() as tx:
        account = account_of_claims(tx, claims)
    if account is None:
        raise TokenInvalid
    return account, str(claims["jti"])


@bp.post("/refresh", security=SECURITY, responses={200: schemas.TokenOut})
@requires("any", refresh=True)
def refresh() -> Response:
    """A new access token for a refresh token."""
    account = caller()
    _require_active(account.row)
    access = create_access_token(
        account.name, additional_claims={"ver": account.row["token_version"]}
    )
    if request.args.get("transport") == "cookie":
        response = make_response(jsonify({}))
        set_access_cookies(response, access)
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
        if other and other.get("sub") == caller().name:
            claims.append(other)
    with services().database.write() as tx:
        for claim in claims:
            tokens.revoke(tx, claim["jti"], datetime.fromtimestamp(claim["exp"], timezone.utc))
        tokens.forget_expired(tx, services().clock.now())
    response = make_response("")
    unset_jwt_cookies(response)
    return response, 204


@bp.post("/set-password", responses={200: schemas.SetPasswordOut})
def set_password(body: schemas.SetPasswordIn, query: schemas.TransportQuery) -> Response:
    """Set a password with the token of an invitation or reset link, which works once."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        _require_active(parts.invitations.account_of(tx, body.token, now).row)
    password_hash = passwords.hash_password(body.password, parts.settings.bcrypt_rounds)
    with parts.database.write() as tx:
        found = parts.invitations.redeem(tx, body.token, password_hash, now)
        account = Account(found.kind, found.row)
        By(account.name, request_id()).note(tx, now, "password.set", account.name)
    present = presenting.teacher if account.kind == TEACHER else presenting.student
    return with_tokens({account.kind: present(account.row)}, account)


@bp.post("/logout-everywhere", security=SECURITY, responses={204: None})
@requires("any")
def logout_everywhere() -> tuple[Response, int]:
    """Revoke every token of the account, on every device, including this one."""
    account = caller()
    store = teachers if account.kind == TEACHER else students
    with services().database.write() as tx:
        store.end_tokens(tx, account.id)
    response = make_response("")
    unset_jwt_cookies(response)
    return response, 204


def init_app(app: Flask) -> None:
    """Bind tokens and limits to the application and register the calls under /auth."""
    settings = services_of(app).settings
    app.config.update(
        JWT_SECRET_KEY=signing_key(settings),
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings.access_token_minutes),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=settings.refresh_token_days),
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_COOKIE_SECURE=bool(settings.public_url and settings.public_url.startswith("https")),
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_CSRF_PROTECT=True,
        JWT_REFRESH_COOKIE_PATH="/auth",
        JWT_SESSION_COOKIE=False,
    )
    jwt.init_app(app)
    app.register_api(bp)  # type: ignore[attr-defined]  # flask_openapi3.OpenAPI has it

    # The library's own answers, and ours where it tells a forged header from a missing one.
    jwt.unauthorized_loader(lambda _reason: respond(TokenMissing()))
    jwt.invalid_token_loader(lambda _reason: respond(TokenInvalid()))
    jwt.expired_token_loader(lambda _header, _claims: respond(TokenExpired()))
    jwt.user_lookup_error_loader(lambda _header, _claims: respond(TokenInvalid()))

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> Response:
        return respond(CsrfFailed())


def _api_key() -> str | None:
    """The API key that the request brings, if it brings one."""
    sent = request.headers.get("X-API-Key")
    if sent is not None:
        return sent
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    is_key = scheme.lower() == "bearer" and credentials.startswith(api_keys.PREFIX)
    return credentials if is_key else None


def _device(key: str, scope: Scope | None) -> Account:
    """The device whose key this is. Raises `ApiKeyInvalid` or `ScopeMissing`."""
    row = api_keys.authenticate(services(), key)
    if scope is None:
        raise ScopeMissing
    if scope not in api_keys.scopes_of(row):
        raise ScopeMissing(f"This API key lacks the scope {scope}.")
    return Account(DEVICE, row)


def _require_active(row: Row) -> None:
    if row["state"] == "pending":
        raise AccountPending
    if row["state"] != "active":
        raise AccountSuspended


def account_of_claims(tx: Transaction, claims: dict[str, Any]) -> Account | None:
    """The account that the claims name, if it is active and the token still counts."""
    kind, _, number = str(claims.get("sub", "")).partition(":")
    if kind not in (TEACHER, STUDENT) or not number.isdigit():
        return None
    find = teachers.by_id if kind == TEACHER else students.by_id
    row = find(tx, int(number))
    if row is None or row["state"] != "active" or row["token_version"] != claims.get("ver"):
        return None
    if tokens.is_revoked(tx, str(claims.get("jti"))):
        return None
    return Account(kind, row)


@jwt.user_lookup_loader
def _look_up(_header: dict[str, Any], claims: dict[str, Any]) -> Account | None:
    with services().database.read() as tx:
        return account_of_claims(tx, claims)
