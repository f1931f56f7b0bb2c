"""What every response tells a browser to allow: as little as the pages need."""

from __future__ import annotations

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
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Put the headers on every response."""

    @app.after_request
    def restrict(response: Response) -> Response:
        policy = DOCS_POLICY if request.endpoint in DOCS_ENDPOINTS else POLICY
        response.headers.setdefault("Content-Security-Policy", _joined(policy))
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        if request.is_secure:
            # browsers complain about it where they do not trust the address
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        return response


def _joined(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
