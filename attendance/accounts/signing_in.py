"""Signing in: passwords are checked, tokens are given out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify, make_response, request
from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
)

from attendance.accounts import browsers
from attendance.accounts.guard import Account, count_attempt
from attendance.accounts.schemas import LoginIn
from attendance.core import emails, student_numbers, usernames
from attendance.core.errors import (
    AccountPending,
    AccountSuspended,
    InvalidRequest,
    LoginFailed,
    SignUpClosed,
)
from attendance.core.roles import ACTIVE, PENDING, STUDENT, TEACHER
from attendance.core.services import Services
from attendance.web.origin import network
from database import Transaction, students, teachers
from database.rows import StudentRow, TeacherRow

# Wrong passwords from all networks together, in proportion to those from one.
ALL_NETWORKS = 10
# There while the access token in the cookies is good, so that pages ask for a new one in time.
FRESH_COOKIE = "access_token_is_fresh"
FRESH_MARGIN = timedelta(seconds=20)


@dataclass(frozen=True)
class Named:
    """By what somebody signs in: one of the three."""

    email: str | None = None
    username: str | None = None
    student_id: str | None = None

    def __str__(self) -> str:
        if self.email is not None:
            return emails.normal(self.email)
        return f"named {usernames.normal(self.username or self.student_id or '')}"


def named(body: LoginIn) -> Named:
    """By what a request signs in."""
    return Named(body.email, body.username, body.student_id)


def check_login(parts: Services, kind: str, named: Named, password: str) -> Account:
    """The account of this address, user name or number, and password.

    Raises:
        LoginFailed, AccountPending, AccountSuspended, TooManyAttempts, SignInBusy
    """
    with parts.database.read() as tx:
        row = found(tx, kind, named)
    # What follows is the same, in words and in work, whether there is such an account or not.
    name = f"{kind} {named}" if row is None else Account(kind, row).name
    guesses = Guesses(parts, name)
    guesses.count()
    stored = None if row is None else row["password_hash"]
    if not parts.hashing.matches(password, stored, guesses.origin) or row is None:
        guesses.note_failure()
        raise LoginFailed
    require_active(row)
    return Account(kind, row)


def found(tx: Transaction, kind: str, named: Named) -> StudentRow | TeacherRow | None:
    """The account that is meant, or None."""
    store = teachers if kind == TEACHER else students
    if named.email is not None:
        row: StudentRow | TeacherRow | None = store.by_email(tx, *emails.forms(named.email))
        return row
    row = None
    if named.username is not None:
        row = store.by_username(tx, usernames.normal(named.username))
    number = named.student_id or named.username
    if row is None and kind == STUDENT and number is not None:
        row = students.known_as(tx, *student_numbers.forms(number))
    return row


class Guesses:
    """Attempts at one account: those of one network, or of one browser that it knows, do not use
    up what others have. Whoever guesses is kept out, and the owner is not."""

    def __init__(self, parts: Services, account: str) -> None:
        self._parts, self._account = parts, account
        sent = request.cookies.get(browsers.COOKIE)
        known = parts.browsers.known(sent, account, parts.clock.now())
        self.origin = known or network()
        per_hour = parts.settings.login_failures_per_hour
        self._bounds = [(f"{account} from {self.origin}", per_hour)]
        if known is None:
            self._bounds.append((account, per_hour * ALL_NETWORKS))

    def count(self) -> None:
        """Count one attempt. Raises `TooManyAttempts`."""
        attempts, settings = self._parts.attempts, self._parts.settings
        attempts.count("login", self._bounds[0][0], settings.login_tries_per_minute)
        for name, per_hour in self._bounds:
            attempts.require_unspent("failed login", name, per_hour)

    def note_failure(self) -> None:
        """The password was wrong."""
        for name, per_hour in self._bounds:
            self._parts.attempts.note_failure("failed login", name, per_hour)


def with_tokens(
    parts: Services, body: dict[str, Any], account: Account, status: int = 200
) -> Response:
    """`body` and a fresh pair of tokens: in the body, or (`?transport=cookie`) as cookies, with
    one more by which the browser is known when the account signs in again."""
    claims = {"ver": account.row["token_version"]}
    access = create_access_token(account.name, additional_claims=claims)
    refresh = create_refresh_token(account.name, additional_claims=claims)
    if request.args.get("transport") == "cookie":
        response = make_response(jsonify(body), status)
        # The access token's cookie too: an old one is enough to greet somebody.
        life = current_app.config["JWT_REFRESH_TOKEN_EXPIRES"]
        set_access_cookies(response, access, max_age=life)
        set_refresh_cookies(response, refresh, max_age=life)
        note_fresh(response)
        _remember_browser(parts, response, account)
        return response
    return make_response(
        jsonify({**body, "access_token": access, "refresh_token": refresh}), status
    )


def note_fresh(response: Response) -> None:
    """Tell the pages for how long the access token in the cookies is good: as long as this cookie
    is there, which the browser forgets by its own clock, whatever it shows."""
    response.set_cookie(
        FRESH_COOKIE,
        "1",
        max_age=current_app.config["JWT_ACCESS_TOKEN_EXPIRES"] - FRESH_MARGIN,
        samesite="Lax",
        secure=current_app.config["JWT_COOKIE_SECURE"],
    )


def _remember_browser(parts: Services, response: Response, account: Account) -> None:
    sent = request.cookies.get(browsers.COOKIE)
    response.set_cookie(
        browsers.COOKIE,
        parts.browsers.remember(sent, account.name, parts.clock.now()),
        max_age=browsers.LIFE,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["JWT_COOKIE_SECURE"],
    )


def new_password(parts: Services, account: Account, *, current: str | None, new: str) -> str:
    """The hash of a new password, which may be stored: the present one was given.

    It takes its time on purpose; no transaction should be open meanwhile.

    Raises:
        InvalidRequest: the current password was not given.
        LoginFailed: it is wrong.
        TooManyAttempts: it was guessed too often.
        SignInBusy
    """
    confirm(parts, account, current)
    return parts.hashing.hash(new, account.name)


def confirm(parts: Services, account: Account, current: str | None) -> None:
    """Let only somebody go on who knows the account's password.

    Raises:
        InvalidRequest: the current password was not given.
        LoginFailed: it is wrong.
        TooManyAttempts: it was guessed too often.
        SignInBusy
    """
    if current is None:
        raise InvalidRequest.of("current_password", "missing", "Your current password is needed.")
    count_attempt("password", account.name, parts.settings.login_tries_per_minute)
    if not parts.hashing.matches(current, account.row["password_hash"], account.name):
        raise LoginFailed("The current password is wrong.")


def first_password(parts: Services, kind: str, password: str) -> str:
    """The hash of a new account's password: whoever signs up was counted.

    Raises:
        TooManyAttempts: too many sign-ups from one network.
        SignInBusy
    """
    count_attempt(f"{kind} sign-up", network(), parts.settings.sign_ups_per_minute)
    return parts.hashing.hash(password, network())


def require_open(parts: Services, kind: str, row: Mapping[str, Any]) -> None:
    """Let nobody new in where the school is closed to new students.

    Raises:
        SignUpClosed
    """
    is_new = kind == STUDENT and row["password_hash"] is None
    if is_new and parts.settings.student_sign_up == "closed":
        raise SignUpClosed


def require_active(row: Mapping[str, Any]) -> None:
    """Let only an active account pass.

    Raises:
        AccountPending, AccountSuspended
    """
    if row["state"] == PENDING:
        raise AccountPending
    if row["state"] != ACTIVE:
        raise AccountSuspended


def signed_out() -> Response:
    """An empty answer that takes the cookies of the pages away."""
    response = make_response("")
    unset_jwt_cookies(response)
    response.delete_cookie(FRESH_COOKIE, samesite="Lax")
    return response
