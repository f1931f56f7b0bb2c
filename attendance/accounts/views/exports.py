"""How a teacher wants the CSV files of the pages: remembered, and no matter of the API's own."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import schemas
from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core.roles import TEACHER
from attendance.web.current import services
from database import Transaction, export_choices

USUAL = {"separator": "comma", "times": "utc", "bom": True, "chosen": False}

bp = APIBlueprint(
    "exports", __name__, abp_tags=[Tag(name="teacher", description="Teachers' accounts")]
)


@bp.get("/teacher/me/exports", security=SECURITY, responses={200: schemas.ExportChoices})
@requires(TEACHER)
def choices() -> Response:
    """How the caller's pages ask for CSV files."""
    with services().database.read() as tx:
        return jsonify(_shown(tx))


@bp.put("/teacher/me/exports", security=SECURITY, responses={200: schemas.ExportChoices})
@requires(TEACHER)
def choose(body: schemas.ExportChoicesIn) -> Response:
    """Choose how the caller's pages ask for CSV files. The API's own default stays as it is."""
    with services().database.write() as tx:
        export_choices.put(
            tx, caller().id, separator=body.separator, times=body.times, bom=body.bom
        )
        return jsonify(_shown(tx))


def _shown(tx: Transaction) -> dict[str, object]:
    kept = export_choices.of(tx, caller().id)
    if kept is None:
        return USUAL
    return {
        "separator": kept["separator_name"],
        "times": kept["times"],
        "bom": bool(kept["bom"]),
        "chosen": True,
    }
