"""/admin/terms and /admin/holidays: when the school is held."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.core.roles import ADMIN
from attendance.planning import presenting, schemas, school_days
from attendance.planning.school_days import HOLIDAYS, TERMS
from attendance.web.current import services


@bp.post("/terms", security=SECURITY, responses={201: schemas.TermOut})
@requires(ADMIN)
def add_term(body: schemas.SchoolDaysIn) -> tuple[Response, int]:
    """Add a term."""
    row = school_days.add(services(), TERMS, body.name, body.first_day, body.last_day, acting())
    return jsonify({"term": presenting.school_days(row)}), 201


@bp.put("/terms/<int:number>", security=SECURITY, responses={200: schemas.TermOut})
@requires(ADMIN)
def change_term(path: schemas.SchoolDaysPath, body: schemas.SchoolDaysIn) -> Response:
    """Give a term another name or other days."""
    row = school_days.change(
        services(), TERMS, path.number, body.name, body.first_day, body.last_day, acting()
    )
    return jsonify({"term": presenting.school_days(row)})


@bp.delete("/terms/<int:number>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_term(path: schemas.SchoolDaysPath) -> tuple[str, int]:
    """Delete a term. Nothing else changes."""
    school_days.delete(services(), TERMS, path.number, acting())
    return "", 204


@bp.post("/holidays", security=SECURITY, responses={201: schemas.HolidayOut})
@requires(ADMIN)
def add_holiday(body: schemas.SchoolDaysIn) -> tuple[Response, int]:
    """Add a holiday: plans leave its days out. A session that runs then goes on."""
    row = school_days.add(services(), HOLIDAYS, body.name, body.first_day, body.last_day, acting())
    return jsonify({"holiday": presenting.school_days(row)}), 201


@bp.put("/holidays/<int:number>", security=SECURITY, responses={200: schemas.HolidayOut})
@requires(ADMIN)
def change_holiday(path: schemas.SchoolDaysPath, body: schemas.SchoolDaysIn) -> Response:
    """Give a holiday another name or other days."""
    row = school_days.change(
        services(), HOLIDAYS, path.number, body.name, body.first_day, body.last_day, acting()
    )
    return jsonify({"holiday": presenting.school_days(row)})


@bp.delete("/holidays/<int:number>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_holiday(path: schemas.SchoolDaysPath) -> tuple[str, int]:
    """Delete a holiday: what is planned on its days takes place again."""
    school_days.delete(services(), HOLIDAYS, path.number, acting())
    return "", 204


@bp.get("/holidays/countries", security=SECURITY, responses={200: schemas.CountriesOut})
@requires(ADMIN)
def list_countries() -> Response:
    """The countries whose public holidays are known, and their parts."""
    known = [
        {"code": code, "subdivisions": parts} for code, parts in school_days.countries().items()
    ]
    return jsonify({"countries": known})


@bp.post("/holidays/public", security=SECURITY, responses={201: schemas.PublicHolidaysOut})
@requires(ADMIN)
def add_public_holidays(body: schemas.PublicHolidaysIn) -> tuple[Response, int]:
    """Add the public holidays of a country, or of a part of it, in a year."""
    rows = school_days.add_public(
        services(), body.country, body.subdivision, body.year, body.language, acting()
    )
    return jsonify({"added": [presenting.school_days(row) for row in rows]}), 201
