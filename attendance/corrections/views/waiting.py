"""What waits for a teacher: appeals, requests to be excused or let in, teachers to be approved."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import PENDING, TEACHER
from attendance.corrections import absences, schemas
from attendance.corrections.views import TAGS
from attendance.courses import asking
from attendance.web.current import services
from database import appeals, teachers

bp = APIBlueprint("waiting", __name__, abp_tags=TAGS)


@bp.get("/waiting", security=SECURITY, responses={200: schemas.WaitingOut})
@requires(TEACHER)
def waiting() -> Response:
    """How much waits for the caller: for the badges of the pages."""
    account, now = caller(), services().clock.now()
    with services().database.read() as tx:
        open_appeals = appeals.select(tx, teacher=account.id, state="open", as_of=now)
        requests = asking.waiting(tx, account, now)
        refused = appeals.refused_now(tx, account.id, now)
        pending = teachers.count_in_state(tx, PENDING) if account.is_admin else 0
        asked = absences.waiting(tx, account, now)
    return jsonify(
        {
            "appeals": len(open_appeals),
            "absences": asked,
            "join_requests": len(requests),
            "refused": [
                schemas.RefusedNow.shown(row, session_id=row["session"], students=int(row["n"]))
                for row in refused
            ],
            "teachers": pending,
        }
    )
