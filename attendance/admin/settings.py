"""GET, PATCH /admin/settings: what may be changed while the server runs."""

from __future__ import annotations

from flask import Response, jsonify
from pydantic import TypeAdapter

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import Setting, SettingsOut, SettingsPatchIn
from attendance.core.roles import ADMIN
from attendance.core.stored_settings import ENVIRONMENT, Shown, declared_type
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row


@bp.get("/settings", security=SECURITY, responses={200: SettingsOut})
@requires(ADMIN)
def settings() -> Response:
    """Every setting that may be changed at run time, and where its value comes from."""
    services().stored_settings.refresh()
    return _listed()


@bp.patch("/settings", security=SECURITY, responses={200: SettingsOut, **refuses(409)})
@requires(ADMIN)
def change_settings(body: SettingsPatchIn) -> Response:
    """Change settings; all or none. Every process of the installation follows within a second."""
    parts = services()
    values = body.model_dump(mode="json", include=body.model_fields_set)
    with parts.database.write() as tx:
        parts.stored_settings.change(tx, values, acting())
    parts.stored_settings.refresh()
    return _listed()


def _listed() -> Response:
    shown = services().stored_settings.shown()
    return jsonify({"settings": [_shown(setting) for setting in shown]})


def _meaning(name: str) -> dict[str, float | None]:
    """What a largest distance means for strangers; nothing for other settings."""
    thresholds = services().faces.thresholds
    distance = thresholds.in_force(name, services().faces.index.templates)
    if distance is None:
        return {"distance": None, "false_match_rate": None}
    rate = thresholds.false_match_rate(distance)
    return {"distance": round(distance, 3), "false_match_rate": float(f"{rate:.2g}")}


def _shown(setting: Shown) -> Row:
    """A setting with what a form needs to know of it."""
    schema = TypeAdapter(declared_type(setting.field)).json_schema()
    alternatives = schema.get("anyOf", [schema])
    kind = next(item for item in alternatives if item.get("type") != "null")
    return Setting.shown(
        setting,
        editable=setting.source != ENVIRONMENT,
        description=setting.field.description,
        type=kind["type"],
        optional=len(alternatives) > 1,
        choices=kind.get("enum"),
        minimum=kind.get("minimum"),
        exclusive_minimum=kind.get("exclusiveMinimum"),
        maximum=kind.get("maximum"),
        **_meaning(setting.name),
    )
