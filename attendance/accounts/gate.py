"""Large bodies: read of whoever brings a token that this installation has signed."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError
from werkzeug.http import parse_cookie

from attendance.accounts import api_keys
from attendance.accounts.guard import claims_of_token
from attendance.admission.control import SOCKETS
from attendance.admission.door import GATE
from attendance.core.errors import Problem, TokenInvalid, TokenMissing
from attendance.web import proxies
from attendance.web.current import services_of

BEARER = "bearer"


def init_app(app: Flask) -> None:
    """Tell the server's worker who may send a large body."""

    def problem_of(environ: dict[str, Any]) -> Problem | None:
        if environ["PATH_INFO"].startswith(SOCKETS):
            return None  # where none is read
        if "HTTP_X_API_KEY" in environ:
            return None  # which a database must be asked about
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != BEARER:
            token = parse_cookie(environ).get(app.config["JWT_ACCESS_COOKIE_NAME"], "")
        elif token.startswith(api_keys.PREFIX):
            return None
        if not token:
            return TokenMissing()
        try:
            with app.app_context():
                claims_of_token(token)
        except Problem as problem:
            return problem
        except (JWTExtendedException, PyJWTError):
            return TokenInvalid()
        return None

    settings = services_of(app).settings
    judge = proxies.behind(
        lambda environ, _start: problem_of(environ), settings.trusted_proxies, settings.path
    )
    app.extensions[GATE] = lambda environ: judge(dict(environ), None)
