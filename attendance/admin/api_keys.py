"""/admin/api-keys: keys for device clients."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts import api_keys
from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import ApiKey, ApiKeyCreatedOut, ApiKeyIn, ApiKeyPath, ApiKeysOut
from attendance.core.roles import ADMIN
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row
from database import api_keys as keys


@bp.post("/api-keys", security=SECURITY, responses={201: ApiKeyCreatedOut, **refuses(404)})
@requires(ADMIN)
def create_api_key(body: ApiKeyIn) -> tuple[Response, int]:
    """Create a key for a device. `key` is shown only this once: just its hash is stored."""
    row, key = api_keys.create(
        services(),
        name=body.name,
        scopes=sorted(set(body.scopes)),
        expires_at=body.expires_at,
        by=acting(),
        courses=body.course_ids,
        room=body.room,
    )
    return jsonify({"api_key": _shown(row, sorted(set(body.course_ids))), "key": key}), 201


@bp.get("/api-keys", security=SECURITY, responses={200: ApiKeysOut})
@requires(ADMIN)
def list_api_keys() -> Response:
    """Every key, newest first, and when it was last used (to the minute)."""
    with services().database.read() as tx:
        rows = keys.every(tx)
        shown = [_shown(row, keys.courses_of(tx, int(row["id"]))) for row in rows]
    return jsonify({"api_keys": shown})


@bp.delete("/api-keys/<int:key_id>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_api_key(path: ApiKeyPath) -> tuple[str, int]:
    """Revoke a key: its next call is refused."""
    api_keys.revoke(services(), path.key_id, acting())
    return "", 204


def _shown(row: Row, courses: list[int]) -> Row:
    return ApiKey.shown(row, scopes=api_keys.scopes_of(row), course_ids=courses)
