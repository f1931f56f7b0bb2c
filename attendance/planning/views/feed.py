"""/calendar: the caller's sessions in a calendar program (iCalendar)."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.clock import iso
from attendance.planning import feeds
from attendance.web.current import services
from attendance.web.links import address_of
from attendance.web.schemas import Out, TextIn
from database import calendars as stored

bp = APIBlueprint(
    "calendar",
    __name__,
    url_prefix="/calendar",
    abp_tags=[Tag(name="calendar", description="The caller's sessions, for calendar programs")],
)


class FeedPath(TextIn):
    """The secret of a calendar's address."""

    token: str


class FeedCreatedOut(Out):
    """The new address, shown only this once."""

    url: str
    created_at: datetime


class FeedOut(Out):
    """Since when there is an address; null: there is none."""

    created_at: datetime | None


@bp.post("/feed", security=SECURITY, responses={201: FeedCreatedOut})
@requires("any")
def open_feed() -> tuple[Response, int]:
    """Make a secret address for the caller's calendar; an earlier one stops working.

    Anyone who has the address can read the calendar.
    """
    parts = services()
    token, now = feeds.open_feed(parts, caller().name)
    url = address_of("calendar.feed", token=token)
    return jsonify({"url": url, "created_at": iso(now)}), 201


@bp.get("/feed", security=SECURITY, responses={200: FeedOut})
@requires("any")
def feed_state() -> Response:
    """Whether the caller's calendar has a secret address, and since when."""
    with services().database.read() as tx:
        row = stored.feed_of(tx, caller().name)
    return jsonify({"created_at": iso(row["created_at"]) if row else None})


@bp.delete("/feed", security=SECURITY, responses={204: None})
@requires("any")
def revoke_feed() -> tuple[str, int]:
    """Revoke the secret address of the caller's calendar."""
    with services().database.write() as tx:
        stored.revoke(tx, caller().name)
    return "", 204


@bp.get("/<token>.ics", responses={200: {"content": {"text/calendar": {}}}})
def feed(path: FeedPath) -> Response:
    """The calendar behind a secret address: sessions of the last 180 days, and planned ones."""
    response = Response(feeds.text(services(), path.token))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Content-Disposition"] = 'inline; filename="attendance.ics"'
    return response
