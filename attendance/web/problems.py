"""The one place that turns what went wrong into a problem document: RFC 9457
`application/problem+json` with type, title, status, detail, and the stable `code`.
"""

from __future__ import annotations

import logging
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json
from flask.json.provider import DefaultJSONProvider
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from attendance.core.errors import (
    InvalidRequest,
    Problem,
    Unavailable,
    from_face_error,
)
from attendance.web import uploads
from database import DatabaseUnavailable, ValueOutOfRange
from facerecog import FaceRecogError

log = logging.getLogger("attendance")


class Json(DefaultJSONProvider):
    """Flask's, which takes what nests too deeply for a mistake of the server, and reads numbers
    that JSON does not have."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError for what is no JSON, or nests too deeply to be read."""
        try:
            return super().loads(s, parse_constant=_no_number, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def document(problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 has it."""
    return {
        "type": f"/docs/errors#{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        **problem.extra,
    }


def respond(problem: Problem) -> Response:
    """The problem as a response."""
    g.problem_code = problem.code
    return Response(
        json.dumps(document(problem)),
        status=problem.status,
        headers=headers_of(problem),
        content_type="application/problem+json",
    )


def headers_of(problem: Problem) -> dict[str, str]:
    """The headers that a problem's answer has of its own."""
    # RFC 9110: a 401 says how to authenticate.
    how = {"WWW-Authenticate": "Bearer"} if problem.status == HTTPStatus.UNAUTHORIZED else {}
    return {**how, **problem.headers}


def invalid_fields(error: ValidationError) -> Response:
    """400 for a body, form or query that does not fit, naming each field."""
    problem = InvalidRequest("A field is missing or wrong.")
    problem.extra["errors"] = [
        {
            "field": ".".join(str(part) for part in item["loc"]) or "body",
            "message": item["msg"].removeprefix("Value error, "),
            "type": item["type"],
            **_limit(item.get("ctx", {})),
        }
        for item in error.errors(include_url=False, include_input=False)
    ]
    first = problem.extra["errors"][0]
    problem.detail = f"{first['field']}: {first['message']}"
    return respond(problem)


def _limit(context: dict[str, Any]) -> dict[str, Any]:
    """What a field may be at most or at least, where that is what is wrong with it."""
    names = ("min_length", "max_length", "ge", "gt", "le", "lt")
    limit = next((context[name] for name in names if name in context), None)
    if limit is None:
        return {}
    return {"limit": limit.isoformat() if isinstance(limit, date) else limit}


_HTTP_CODES = {
    400: "invalid_request",
    404: "not_found",
    405: "method_not_allowed",
    415: "invalid_request",
}


def init_app(app: Flask) -> None:
    """Answer every error with a problem document."""

    @app.errorhandler(Problem)
    def known(error: Problem) -> Response:
        return respond(error)

    @app.errorhandler(FaceRecogError)
    def face(error: FaceRecogError) -> Response:
        return respond(from_face_error(error))

    @app.errorhandler(DatabaseUnavailable)
    def database(error: DatabaseUnavailable) -> Response:
        log.error("database unavailable: %s", error)
        return respond(Unavailable())

    @app.errorhandler(ValueOutOfRange)
    def too_large(_error: ValueOutOfRange) -> Response:
        return respond(InvalidRequest("A number is too large."))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return respond(uploads.too_large())
        if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error.get_response()
        problem = Problem(error.description)
        problem.status = error.code
        problem.code = _HTTP_CODES.get(error.code, f"http_{error.code}")
        if isinstance(error, MethodNotAllowed):
            problem.headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))}
        return respond(problem)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("unexpected error", exc_info=error)
        problem = Problem("Something went wrong on the server. It has been logged.")
        problem.status, problem.code = 500, "internal_error"
        return respond(problem)
