"""/teacher/me/digest: the weekly message about the caller's courses; /digest: its way out."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, count_attempt, requires
from attendance.core.roles import TEACHER
from attendance.notices import digests, schemas
from attendance.web.current import services
from attendance.web.origin import network
from attendance.web.schemas import refuses
from database import Row
from database import digests as stored

bp = APIBlueprint(
    "digest", __name__, abp_tags=[Tag(name="teacher", description="Teachers' accounts")]
)
TRIES_PER_MINUTE = 30


@bp.get("/teacher/me/digest", security=SECURITY, responses={200: schemas.DigestOut})
@requires(TEACHER)
def state() -> Response:
    """Whether the caller is written to each week about the own courses."""
    return jsonify(_shown())


@bp.put("/teacher/me/digest", security=SECURITY, responses={200: schemas.DigestOut})
@requires(TEACHER)
def choose(body: schemas.DigestIn) -> Response:
    """Be written to each week, or no more. A week in which nothing happened brings no message."""
    parts = services()
    if body.wanted:
        digests.want(parts, caller().id, language=body.language)
    else:
        with parts.database.write() as tx:
            stored.stop(tx, caller().id)
    return jsonify(_shown())


@bp.post("/digest", responses={200: schemas.DigestStoppedOut, **refuses(403, 429)})
def stop(query: schemas.DigestLinkQuery) -> Response:
    """Switch a digest off by the link of a message, without signing in. Mail programs do it with
    one click (RFC 8058)."""
    count_attempt("digest", network(), TRIES_PER_MINUTE)
    digests.stop_by_link(services(), query.token)
    return jsonify({"wanted": False})


def _shown() -> Row:
    parts = services()
    with parts.database.read() as tx:
        row = stored.of(tx, caller().id)
    return {
        "wanted": row is not None,
        "language": None if row is None else row["language"],
        "weekday": parts.settings.digest_weekday,
        "hour": parts.settings.digest_hour,
        "timezone": parts.settings.timezone,
        "mail": parts.mailer.configured,
    }
