"""The parts of the application that answers the request at hand."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, request

from attendance.core.services import Services

EXTENSION = "attendance"


def services() -> Services:
    """The parts of the application that answers this request."""
    return services_of(current_app)


def base_url() -> str:
    """Where this installation is reached, without a slash at the end: as it is configured, or as
    the request found it."""
    return (services().settings.public_url or request.host_url).rstrip("/")


def services_of(app: Flask) -> Services:
    """The parts of an application, also outside its context."""
    return cast(Services, app.extensions[EXTENSION])
