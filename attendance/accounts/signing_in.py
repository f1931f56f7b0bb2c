"""Signing in: passwords are checked, tokens are given out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, request
from flask_jwt_extended import (
    create_access_token,
    create_refresh_token,
    set_access_cookies,
    set_refresh_cookies,
)

from attendance.accounts.guard import TEACHER, Account, count_attempt
from attendance.core.errors import AccountPending, AccountSuspended, InvalidRequest, LoginFailed
from attendance.core.services import Services
from attendance.web.origin import network
from database import Row, students, teachers


def check_login(parts: Services, kind: str, email: str, password: str) -> Account:
    """The account of this address and password.

    Raises:
        LoginFailed, AccountPending, AccountSuspended, TooManyAttempts, SignInBusy
    """
    count_attempt("login", f"{kind}:{email}", parts.settings.login_tries_per_minute)
    find = teachers.by_email if kind == TEACHER else students.by_email
    with parts.database.read() as tx:
        row = find(tx, email)
    stored = None if row is None else row["password_hash"]
    if not parts.hashing.matches(password, stored, network()) or row is None:
        raise LoginFailed
    require_active(row)
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


def new_password(parts: Services, account: Account, *, current: str | None, new: str) -> str:
    """The hash of a new password, which may be stored: the present one was given.

    It takes its time on purpose; no transaction should be open meanwhile.

    Raises:
        InvalidRequest: the current password was not given.
        LoginFailed: it is wrong.
        TooManyAttempts: it was guessed too often.
        SignInBusy
    """
    if current is None:
        raise InvalidRequest.of("current_password", "missing", "Needed to set a new password.")
    count_attempt("password", account.name, parts.settings.login_tries_per_minute)
    if not parts.hashing.matches(current, account.row["password_hash"], account.name):
        raise LoginFailed("The current password is wrong.")
    return parts.hashing.hash(new, account.name)


def first_password(parts: Services, kind: str, password: str) -> str:
    """The hash of a new account's password: whoever signs up was counted.

    Raises:
        TooManyAttempts: too many sign-ups from one network.
        SignInBusy
    """
    count_attempt(f"{kind} sign-up", network(), parts.settings.sign_ups_per_minute)
    return parts.hashing.hash(password, network())


def require_active(row: Row) -> None:
    """Let only an active account pass.

    Raises:
        AccountPending, AccountSuspended
    """
    if row["state"] == "pending":
        raise AccountPending
    if row["state"] != "active":
        raise AccountSuspended
