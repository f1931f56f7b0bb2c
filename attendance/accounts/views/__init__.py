"""Accounts over HTTP, one file a resource."""

from __future__ import annotations

from flask_openapi3 import APIBlueprint

from attendance.web.apidocs import part_of


def students_blueprint(name: str, module: str) -> APIBlueprint:
    """A blueprint for what students call about themselves, which stands in several wings."""
    return part_of("student", name, module, prefix="/student")
