"""The parts of the application that answers the request at hand."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from attendance.core.services import Services

EXTENSION = "attendance"


def services() -> Services:
    """The parts of the application that answers this request."""
    return services_of(current_app)


def services_of(app: Flask) -> Services:
    """The parts of an application, also outside its context."""
    return cast(Services, app.extensions[EXTENSION])
