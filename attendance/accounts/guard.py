"""Who may: authentication and authorisation of each call by tokens, roles and scopes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar, cast

from flask import Flask, Response, g, request
from flask_jwt_extended import current_user, decode_token, verify_jwt_in_request
from flask_jwt_extended.exceptions import CSRFError, JWTExtendedException
from flask_openapi3 import validate_request
from jwt import ExpiredSignatureError, PyJWTError

from attendance.accounts import api_keys
from attendance.accounts.claims import account_in, are_ours
from attendance.admission import shares
from attendance.admission.control import SMALL_BYTES
from attendance.admission.shares import NoRoom
from attendance.core.audit import By
from attendance.core.errors import (
    AccountChanged,
    CsrfFailed,
    Forbidden,
    ScopeMissing,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    Unavailable,
    from_face_error,
)
from attendance.core.roles import ACTIVE, ADMIN, DEVICE, STUDENT, TEACHER
from attendance.crypto.keys import signing_key
from attendance.web.current import services, services_of
from attendance.web.extensions import jwt
from attendance.web.logs import request_id
from attendance.web.problems import respond
from attendance.web.uploads import allow_file, allow_images
from database import Transaction, students, teachers, tokens
from database.rows import StudentRow, TeacherRow
from facerecog import RecognizerBusy

# What an API key may be allowed to do. A view names the scope that lets a key in.
Scope = Literal["register", "verify", "students:read", "attendance:read", "mark", "camera"]
SECURITY: list[dict[str, list[str]]] = [{"token": []}]
DEVICE_SECURITY: list[dict[str, list[str]]] = [*SECURITY, {"api_key": []}]
# What a page of ours says with each call: whom it was made for, as tokens call the account.
PAGE_ACCOUNT = "X-Page-Account"
BUSY = "Too many pictures are being judged right now. Try again in a moment."
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Account:
    """The caller: a teacher (perhaps administrator), a student, or a device with an API key."""

    kind: str
    row: Mapping[str, Any]

    @property
    def id(self) -> int:
        """The table's id of the teacher, student or API key."""
        return int(self.row["id"])

    @property
    def student(self) -> StudentRow:
        """The row of a student's account."""
        return cast(StudentRow, self.row)

    @property
    def teacher(self) -> TeacherRow:
        """The row of a teacher's account."""
        return cast(TeacherRow, self.row)

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
    turn: str | None = None,
) -> Callable[[View], View]:
    """Let a view be called by a teacher, a student, an administrator, or (`any`) any of them.

    With a `scope`, also a device may call it, with an API key that has this scope.

    The token is checked first; only then are body, form and query read and validated. A body is
    as large as `images` pictures, or one other `file`, at most. Where the call is of a kind that
    has shares (`attendance/admission/shares.py`), `turn` names it.
    """

    def decorate(view: View) -> View:
        validated = validate_request()(view)  # type: ignore[no-untyped-call]  # has no types

        @functools.wraps(validated)
        def guarded(**kwargs: Any) -> Any:
            key = _api_key()
            if key is not None:
                g.device = _device(key, scope)
            else:
                _spell_bearer()
                verify_jwt_in_request(refresh=refresh)
            account = caller()
            g.account = account.name
            _require_own_page(account)
            if file:
                allow_file()
            else:
                allow_images(images)
            _require_kind(account, kind)
            with _turn(turn, file=file):
                if images or file:
                    _read_large(account)
                return validated(**kwargs)

        guarded.role = "refresh token" if refresh else kind  # type: ignore[attr-defined]  # docs
        return cast(View, guarded)

    return decorate


@contextmanager
def _turn(kind: str | None, *, file: bool) -> Iterator[None]:
    """A place among the uploads of a kind. Raises `Problem` (503) where there is none."""
    if kind is None:
        yield
        return
    try:
        with services().uploads.turn(kind, caller().name):
            yield
    except NoRoom:
        raise Unavailable() if file else from_face_error(RecognizerBusy(BUSY)) from None


def _read_large(account: Account) -> None:
    """Read a form that is large, and so may take its time, while it counts as one of the few that
    an account may have coming at once. Raises `Unavailable`."""
    if (request.content_length or 0) <= SMALL_BYTES:
        return
    try:
        with services().uploads.turn(shares.BODY, account.name):
            _ = request.form
    except NoRoom:
        raise Unavailable("Too much is being sent just now. Try again in a moment.") from None


def _require_own_page(account: Account) -> None:
    """A page says for whom it was made: it never acts as whoever has signed in since, in another
    tab of the same browser. Raises `AccountChanged`."""
    if request.headers.get(PAGE_ACCOUNT, account.name) != account.name:
        raise AccountChanged


def _require_kind(account: Account, kind: str) -> None:
    if account.kind == DEVICE:
        return
    if kind == ADMIN and not account.is_admin:
        raise Forbidden("Only an administrator may do this.")
    if kind in (TEACHER, STUDENT) and account.kind != kind:
        raise Forbidden(f"Only a {kind} may do this.")


def count_attempt(purpose: str, account: str, per_minute: int) -> None:
    """Count one attempt of this account.

    Raises:
        TooManyAttempts: more than `per_minute` within a minute.
    """
    services().attempts.count(purpose, account, per_minute)


def account_of_token(token: str) -> tuple[Account, dict[str, Any]]:
    """The account of an access token that came outside a request's header (Socket.IO), and what
    the token says: its own id (`jti`), and when it expires (`exp`, seconds since 1970).

    Raises:
        TokenExpired, TokenInvalid
    """
    claims = claims_of_token(token)
    with services().database.read() as tx:
        account = account_of_claims(tx, claims)
    if account is None:
        raise TokenInvalid
    return account, claims


def claims_of_token(token: str) -> dict[str, Any]:
    """What an access token of this installation says. No database is asked whether it still counts.

    Raises:
        TokenExpired, TokenInvalid
    """
    try:
        claims: dict[str, Any] = decode_token(token)
    except ExpiredSignatureError:
        raise TokenExpired from None
    except (PyJWTError, JWTExtendedException, ValueError):
        raise TokenInvalid from None
    if not are_ours(claims, "access"):
        raise TokenInvalid
    return claims


def account_of_camera(key: str) -> Account:
    """The device of an API key that came outside a request's header (Socket.IO).

    Raises:
        ApiKeyInvalid, ScopeMissing
    """
    return _device(key, "camera")


def init_app(app: Flask) -> None:
    """Bind the tokens to the application."""
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

    # The library's own answers, and ours where it tells a forged header from a missing one.
    jwt.unauthorized_loader(lambda _reason: respond(TokenMissing()))
    jwt.invalid_token_loader(lambda _reason: respond(TokenInvalid()))
    jwt.expired_token_loader(lambda _header, _claims: respond(TokenExpired()))
    jwt.user_lookup_error_loader(lambda _header, _claims: respond(TokenInvalid()))
    jwt.token_verification_loader(
        lambda _header, claims: any(are_ours(claims, kind) for kind in ("access", "refresh"))
    )
    jwt.token_verification_failed_loader(lambda _header, _claims: respond(TokenInvalid()))

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


def _spell_bearer() -> None:
    """Write the scheme as the library wants it: RFC 9110 has it in capitals or small letters."""
    scheme, space, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        request.environ["HTTP_AUTHORIZATION"] = f"Bearer{space}{credentials}"


def _device(key: str, scope: Scope | None) -> Account:
    """The device whose key this is. Raises `ApiKeyInvalid` or `ScopeMissing`."""
    row = api_keys.authenticate(services(), key)
    if scope is None:
        raise ScopeMissing
    if scope not in api_keys.scopes_of(row):
        raise ScopeMissing(f"This API key lacks the scope {scope}.")
    return Account(DEVICE, row)


def account_of_claims(tx: Transaction, claims: dict[str, Any]) -> Account | None:
    """The account that the claims name, if it is active and the token still counts."""
    named = account_in(claims)
    if named is None:
        return None
    kind, number = named
    find = teachers.by_id if kind == TEACHER else students.by_id
    row = find(tx, number)
    if row is None or row["state"] != ACTIVE or row["token_version"] != claims.get("ver"):
        return None
    if tokens.is_revoked(tx, str(claims.get("jti"))):
        return None
    return Account(kind, row)


@jwt.user_lookup_loader
def _look_up(_header: dict[str, Any], claims: dict[str, Any]) -> Account | None:
    with services().database.read() as tx:
        return account_of_claims(tx, claims)
