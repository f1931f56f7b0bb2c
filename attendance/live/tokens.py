"""The token with which a line says who it is."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError
from werkzeug.http import parse_cookie

from attendance.accounts import guard
from attendance.core.errors import TokenInvalid, TokenMissing


def token_of(credentials: Any, cookie: str | None) -> str | None:
    """What the client sends, `{token}`, else the cookie of the pages."""
    token = credentials.get("token") if isinstance(credentials, dict) else None
    token = token or cookie
    return str(token) if token else None


def key_of(credentials: Any) -> str | None:
    """The API key that a camera sends, `{api_key}`."""
    key = credentials.get("api_key") if isinstance(credentials, dict) else None
    return key if isinstance(key, str) and key else None


def cookie_of(app: Flask, environ: dict[str, Any]) -> str | None:
    """The access token among the request's cookies."""
    return parse_cookie(environ).get(app.config["JWT_ACCESS_COOKIE_NAME"])


def subject_of(token: str | None) -> str:
    """Whom a token names, `student:7`, if this installation has signed it and it has not expired.
    No database is asked whether it still counts.

    Raises:
        TokenMissing, TokenExpired, TokenInvalid
    """
    if token is None:
        raise TokenMissing
    try:
        return str(guard.claims_of_token(token)["sub"])
    except (JWTExtendedException, PyJWTError):
        raise TokenInvalid from None


def subject_of_cookie(app: Flask, environ: dict[str, Any]) -> str | None:
    """Whom the request's cookie names, if it is such a token."""
    cookie = cookie_of(app, environ)
    if not cookie:
        return None
    try:
        with app.app_context():
            return subject_of(cookie)
    except Exception:  # of a dozen kinds; a stranger, then
        return None
