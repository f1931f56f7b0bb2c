"""The URL inside a QR code, and the page where a student marks."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from attendance.core.errors import JoinExpired, JoinRequired, SessionNotFound
from attendance.pages.blueprint import bp
from attendance.sessions import presenting, rules
from attendance.sessions.tickets import RESERVATION_COOKIE, TicketExpired, TicketInvalid
from attendance.web.current import services
from attendance.web.schemas import TextIn
from database import courses, sessions

# A person gets a page, a program the problem document.
PAGES: Any = {status: {"content": {"text/html": {}}} for status in (403, 404, 410, 423, 500, 503)}


class TicketPath(TextIn):
    """A QR ticket."""

    ticket: str


@bp.get("/join/<ticket>", responses={303: None, **PAGES})
def open_ticket(path: TicketPath) -> Response:
    """What a phone's camera opens: exchanges the ticket for a reservation (HttpOnly cookie).

    Nothing is written: the reservation is a sealed text that the browser keeps.
    """
    parts = services()
    now = parts.clock.now()
    try:
        session_id = parts.tickets.read_ticket(path.ticket, now)
    except TicketExpired:
        raise JoinExpired from None
    except TicketInvalid:
        raise JoinRequired("This QR code is not from this server.") from None
    with parts.database.read() as tx:
        row = sessions.by_id(tx, session_id)
    if row is None:
        raise SessionNotFound
    rules.require_open(row, now)
    sealed, _ = parts.tickets.reserve(session_id, now)
    response: Response = redirect(url_for("pages.joining"), 303)
    response.set_cookie(
        RESERVATION_COOKIE,
        sealed,
        max_age=int(parts.tickets.life.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@bp.get("/join", doc_ui=False)
def joining() -> str:
    """Names the class that was scanned, and what to do next."""
    parts = services()
    now = parts.clock.now()
    row = course = None
    sealed = request.cookies.get(RESERVATION_COOKIE)
    if sealed:
        try:
            reservation = parts.tickets.read_reservation(sealed, now)
        except (TicketInvalid, TicketExpired):
            reservation = None
        if reservation is not None:
            with parts.database.read() as tx:
                row = sessions.by_id(tx, reservation.session_id)
                if row is not None and row["course"] is not None:
                    course = courses.by_id(tx, row["course"])
    shown = None if row is None else presenting.session(row, now, with_code=False)
    return render_template(
        "student/join.html", session=shown, course=course, code=request.args.get("code", "")[:40]
    )
