"""Guardians of students, and minors: who may be told, and whose consent is asked for."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.administration import existing_student
from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.core.clock import iso
from attendance.core.roles import ADMIN
from attendance.notices import guardian_links, keeping
from attendance.notices import guardian_schemas as schemas
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import consents, guardians

MOST_MISSING = 1000


@bp.get(
    "/students/<int:student>/guardians",
    security=SECURITY,
    responses={200: schemas.GuardiansOut},
)
@requires(ADMIN)
def list_guardians(path: schemas.GuardiansPath) -> Response:
    """A student's guardians."""
    with services().database.read() as tx:
        existing_student(tx, path.student)
        rows = guardians.of_student(tx, path.student)
        minor = consents.is_minor(tx, path.student)
        given = consents.of_student(tx, path.student)
    return jsonify(
        {
            "guardians": [schemas.Guardian.shown(row) for row in rows],
            "minor": minor,
            "consents": [schemas.GuardianConsent.shown(row) for row in given],
        }
    )


@bp.put("/students/<int:student>/minor", security=SECURITY, responses={204: None})
@requires(ADMIN)
def set_minor(path: schemas.GuardiansPath, body: schemas.MinorIn) -> tuple[str, int]:
    """Say whether the consent of a student is a guardian's."""
    keeping.set_minor(services(), path.student, body.minor, acting())
    return "", 204


@bp.post(
    "/students/<int:student>/guardians/<int:guardian>/ask",
    security=SECURITY,
    responses={201: schemas.GuardianAskedOut},
)
@requires(ADMIN)
def ask_guardian(path: schemas.GuardianPath) -> tuple[Response, int]:
    """Send a guardian the one-time link to agree for a minor."""
    parts = services()
    link, expires_at = guardian_links.ask(parts, path.student, path.guardian, acting())
    shown = {"link": link, "expires_at": iso(expires_at), "mail": parts.mailer.configured}
    return jsonify(shown), 201


@bp.get("/consents/missing", security=SECURITY, responses={200: schemas.MissingConsentsOut})
@requires(ADMIN)
def list_missing_consents() -> Response:
    """Minors of whom no guardian's consent is in force."""
    with services().database.read() as tx:
        rows = consents.missing(tx, MOST_MISSING)
    return jsonify({"missing": [schemas.MissingConsent.shown(row) for row in rows]})


@bp.post(
    "/students/<int:student>/guardians",
    security=SECURITY,
    responses={201: schemas.GuardianOut, **refuses(409)},
)
@requires(ADMIN)
def add_guardian(path: schemas.GuardiansPath, body: schemas.GuardianIn) -> tuple[Response, int]:
    """Add a guardian, who can be told of absences."""
    row = keeping.add_guardian(services(), path.student, body.model_dump(), acting())
    return jsonify({"guardian": schemas.Guardian.shown(row)}), 201


@bp.delete(
    "/students/<int:student>/guardians/<int:guardian>", security=SECURITY, responses={204: None}
)
@requires(ADMIN)
def delete_guardian(path: schemas.GuardianPath) -> tuple[str, int]:
    """Remove a guardian; what waits to be sent is not sent."""
    keeping.delete_guardian(services(), path.student, path.guardian, acting())
    return "", 204
