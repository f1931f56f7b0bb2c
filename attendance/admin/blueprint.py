"""The blueprint that every file of the package adds its calls to."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import administration
from attendance.accounts.guard import acting
from attendance.core.clock import iso
from attendance.web.current import services
from attendance.web.links import base_url

bp = APIBlueprint(
    "admin",
    __name__,
    url_prefix="/admin",
    abp_tags=[Tag(name="admin", description="For administrators")],
)


def reset_link(kind: str, account: int) -> Response:
    """A link for a teacher or student to set a new password, as the answer shows it."""
    parts = services()
    made = administration.reset_link(parts, kind, account, base_url(), acting())
    return jsonify({"link": made.link, "expires_at": iso(made.expires_at)})
