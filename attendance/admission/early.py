"""What is answered before the application is reached: problem documents, as it gives them itself,
with the headers of every answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from attendance.core.errors import Problem, RequestTooLarge, Unavailable
from attendance.web import headers, problems

Headers = list[tuple[str, str]]


def problem_of(status: int, detail: str) -> Problem:
    """The problem of a status that a server gives by itself."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return Unavailable(detail, retry_after=5)
    problem = RequestTooLarge(detail) if status == RequestTooLarge.status else Problem(detail)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        problem.code = "internal_error"
    problem.status = status
    return problem


def answer(problem: Problem, secure: bool = False) -> tuple[str, Headers, bytes]:
    """Status line, headers and body."""
    body = json.dumps(problems.document(problem)).encode()
    return (
        f"{problem.status} {HTTPStatus(problem.status).phrase}",
        [
            *headers.of_every_answer(secure).items(),
            *problems.headers_of(problem).items(),
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
        ],
        body,
    )


def over_wsgi(
    problem: Problem, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """The answer, as a WSGI application gives it."""
    status, fields, body = answer(problem, environ.get("wsgi.url_scheme") == "https")
    start_response(status, fields)
    return [body]


def over_the_line(problem: Problem, secure: bool) -> bytes:
    """The answer, as it goes over the line, which ends with it."""
    status, fields, body = answer(problem, secure)
    fields.append(("Connection", "close"))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body
