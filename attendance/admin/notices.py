"""/admin/notice-rules and /admin/notices: who is told of absences."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.core.roles import ADMIN
from attendance.notices import keeping, schemas
from attendance.web.current import services
from attendance.web.schemas import refuses


@bp.get("/notice-rules", security=SECURITY, responses={200: schemas.NoticeRulesOut})
@requires(ADMIN)
def list_notice_rules() -> Response:
    """Every rule about absences."""
    with services().database.read() as tx:
        rules = keeping.listed(tx)
    return jsonify({"rules": rules, "mail": services().mailer.configured})


@bp.post("/notice-rules", security=SECURITY, responses={201: schemas.NoticeRuleOut})
@requires(ADMIN)
def add_notice_rule(body: schemas.NoticeRuleIn) -> tuple[Response, int]:
    """Add a rule. It judges a course when something in it changes next."""
    return jsonify({"rule": keeping.add(services(), body.model_dump(), acting())}), 201


@bp.post("/notice-rules/try", security=SECURITY, responses={200: schemas.NoticeTrialOut})
@requires(ADMIN)
def try_notice_rule(body: schemas.NoticeRuleIn) -> Response:
    """To whom a rule would write today. Nothing is kept, and nobody is told."""
    return jsonify(keeping.trial(services(), body.model_dump()))


@bp.put("/notice-rules/<int:rule>", security=SECURITY, responses={200: schemas.NoticeRuleOut})
@requires(ADMIN)
def change_notice_rule(path: schemas.NoticeRulePath, body: schemas.NoticeRuleIn) -> Response:
    """Change a rule, or switch it off: what it would still send is then given up."""
    return jsonify({"rule": keeping.change(services(), path.rule, body.model_dump(), acting())})


@bp.delete("/notice-rules/<int:rule>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_notice_rule(path: schemas.NoticeRulePath) -> tuple[str, int]:
    """Delete a rule with everything that it found."""
    keeping.delete(services(), path.rule, acting())
    return "", 204


@bp.post(
    "/notice-rules/<int:rule>/held",
    security=SECURITY,
    responses={200: schemas.HeldOut, **refuses(409)},
)
@requires(ADMIN)
def release_notices(path: schemas.NoticeRulePath, body: schemas.HeldIn) -> Response:
    """Confirm what a rule would write to more people at once than it may, or give it up."""
    released = keeping.release(services(), path.rule, send=body.send, by=acting())
    return jsonify({"released": released})


@bp.get("/notices", security=SECURITY, responses={200: schemas.IncidentsOut})
@requires(ADMIN)
def list_incidents(query: schemas.NoticesQuery) -> Response:
    """What the rules found, newest first, and who was told."""
    with services().database.read() as tx:
        shown, following = keeping.incidents(tx, before=query.before, limit=query.limit)
    return jsonify({"incidents": shown, "next": following})
