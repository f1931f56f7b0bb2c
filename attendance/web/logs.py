"""One structured line per request: JSON, with a request id and the gate that refused.

Nothing that a request carries is logged: no token, no password, no picture, no query string.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from datetime import datetime, timezone
from typing import Any

from flask import Flask, Response, g, request

log = logging.getLogger("attendance")
access = logging.getLogger("attendance.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send the application's log to standard error, once per process."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        log.addHandler(handler)
        log.propagate = False
    log.setLevel(level)


def request_id() -> str:
    """The id of this request: the proxy's `X-Request-ID`, if it has one, else a fresh one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def init_app(app: Flask) -> None:
    """Log every request."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        request_id()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        fields = {
            "request_id": request_id(),
            "method": request.method,
            # the rule, not the path: a ticket in a URL is not for the log
            "route": request.url_rule.rule if request.url_rule else None,
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
            "account": g.get("account"),
            "session_id": g.get("session_id"),
            "refused_by": g.get("problem_code"),
        }
        access.info("request", extra={"fields": {k: v for k, v in fields.items() if v is not None}})
        return response
