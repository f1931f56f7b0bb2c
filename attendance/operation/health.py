"""Liveness and readiness."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.core.errors import Unavailable
from attendance.web import schemas
from attendance.web.current import services

bp = APIBlueprint("health", __name__, abp_tags=[Tag(name="health", description="For operators")])


@bp.get("/health", responses={200: schemas.HealthOut})
def health() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@bp.get("/health/ready", responses={200: schemas.ReadyOut, 503: schemas.ProblemOut})
def ready() -> Response:
    """Database and networks are ready; 503 while one is not, or the server is about to stop."""
    parts = services()
    if parts.leaving.is_set():
        raise Unavailable("This server is about to stop.")
    parts.database.ping()
    return jsonify(
        {
            "status": "ready",
            "database": parts.database.dialect,
            "recognizer": parts.faces.recognizer.info,
        }
    )
