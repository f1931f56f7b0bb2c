"""The blueprint that every file of the package adds its calls to."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import administration
from attendance.accounts.guard import acting
from attendance.core.clock import iso
from attendance.web.current import services
from attendance.web.schemas import PageQuery
from database import Row

bp = APIBlueprint(
    "admin",
    __name__,
    url_prefix="/admin",
    abp_tags=[Tag(name="admin", description="For administrators")],
)


def reset_link(kind: str, account: int) -> Response:
    """A link for a teacher or student to set a new password, as the answer shows it."""
    parts = services()
    base = parts.settings.public_url or request.host_url
    made = administration.reset_link(parts, kind, account, base, acting())
    response = jsonify({"link": made.link, "expires_at": iso(made.expires_at)})
    response.headers["Cache-Control"] = "no-store"
    return response


def paged(query: PageQuery) -> dict[str, int]:
    """`limit` and `offset` of a page."""
    return {"limit": query.per_page, "offset": (query.page - 1) * query.per_page}


def page_of(name: str, rows: list[Row], query: PageQuery, total: int) -> Row:
    """A page as the answer shows it."""
    return {name: rows, "page": query.page, "per_page": query.per_page, "total": total}
