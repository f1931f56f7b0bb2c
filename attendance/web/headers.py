"""What every response tells a browser to allow: as little as the pages need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # data: for the small pictures inside Pico's style sheet, blob: for previews of own pictures
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# Swagger UI writes style attributes; nothing else may.
DOCS_POLICY = {**POLICY, "style-src": "'self' 'unsafe-inline'"}
DOCS_ENDPOINTS = ("docs",)
# Which an answer may have of its own: files that are the same for everybody are kept.
OF_THEIR_OWN = ("Content-Security-Policy", "Cache-Control")
YEAR = 365 * 24 * 3600


def of_every_answer(secure: bool) -> dict[str, str]:
    """What all answers have, those from before the application too."""
    headers = {
        "Content-Security-Policy": _joined(POLICY),
        # Answers are about people, and some have secrets that are shown once: no browser and no
        # proxy keeps a copy, and on a shared computer nobody sees the pages of whoever signed
        # out, not even by going back.
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)",
    }
    if secure:
        # browsers complain about it where they do not trust the address
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    return headers


def init_app(app: Flask) -> None:
    """Put the headers on every response."""

    @app.after_request
    def restrict(response: Response) -> Response:
        headers = of_every_answer(request.is_secure)
        if request.endpoint in DOCS_ENDPOINTS:
            headers["Content-Security-Policy"] = _joined(DOCS_POLICY)
        for name in OF_THEIR_OWN:
            if name in response.headers:
                del headers[name]
        response.headers.update(headers)
        return response

    @app.after_request
    def cookies_of_this_place(response: Response) -> Response:
        """Below a path of a host, cookies are for that path: other programs there get none."""
        cookies = response.headers.getlist("Set-Cookie")
        if cookies and request.script_root:
            del response.headers["Set-Cookie"]
            for cookie in cookies:
                response.headers.add("Set-Cookie", _below(request.script_root, cookie))
        return response


def _below(root: str, cookie: str) -> str:
    """`Path=/` and `Path=/auth` become `Path=/attendance` and `Path=/attendance/auth`."""
    return re.sub(r"; Path=(/[^;]*)", lambda found: f"; Path={root}{found[1].rstrip('/')}", cookie)


def over_wsgi(app: Callable[..., Iterable[bytes]], path: str) -> Callable[..., Iterable[bytes]]:
    """The WSGI application with these headers also where Flask sees no answer: below `path`."""

    def restricted(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not str(environ.get("PATH_INFO", "")).startswith(path):
            return app(environ, start)

        def with_headers(status: str, fields: list[tuple[str, str]], *more: Any) -> Any:
            known = {name.title() for name, _ in fields}
            ours = of_every_answer(environ.get("wsgi.url_scheme") == "https")
            added = [(name, value) for name, value in ours.items() if name not in known]
            return start(status, [*fields, *added], *more)

        return app(environ, with_headers)

    return restricted


def _joined(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
