"""/look-alikes: students whose faces a mark does not tell apart, and pairs that are allowed."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.core.roles import TEACHER
from attendance.faces import pairs, presenting, schemas
from attendance.web.current import services
from attendance.web.schemas import refuses

bp = APIBlueprint(
    "look_alikes",
    __name__,
    url_prefix="/look-alikes",
    abp_tags=[Tag(name="look-alikes", description="Students with like faces, such as twins")],
)


@bp.get("", security=SECURITY, responses={200: schemas.LookAlikesOut})
@requires(TEACHER)
def look_alikes() -> Response:
    """Every two students who are nearer than a mark's threshold, and every allowed pair.

    A teacher is shown pairs of whom both are in courses of his or hers, an administrator all; the
    nearest first, 200 at most.
    """
    parts = services()
    found = pairs.listed(parts, _teacher())
    return jsonify(
        {
            "threshold": parts.faces.reported(parts.faces.thresholds.own(parts.faces.model)),
            "pairs": [presenting.pair(pair, parts.faces.reported) for pair in found],
        }
    )


@bp.post("/allowed", security=SECURITY, responses={204: None, **refuses(404)})
@requires(TEACHER)
def allow_pair(body: schemas.PairIn) -> tuple[str, int]:
    """Allow two students as a pair: neither's face refuses the other's marks or enrolment.

    Each must still be as near to the own templates as anybody. A mark that could be either's says
    so in its remark. The audit log keeps who allowed it.
    """
    pairs.allow(services(), body.student_ids, _teacher(), acting())
    return "", 204


@bp.delete("/allowed", security=SECURITY, responses={204: None, **refuses(404)})
@requires(TEACHER)
def withdraw_pair(query: schemas.PairQuery) -> tuple[str, int]:
    """Allow two students as a pair no longer."""
    pairs.withdraw(services(), [query.student_id, query.other_id], _teacher(), acting())
    return "", 204


def _teacher() -> int | None:
    """Whose students count for the caller; None: everybody."""
    account = caller()
    return None if account.is_admin else account.id
