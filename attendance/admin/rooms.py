"""/admin/rooms: rooms with rules of their own."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.core.roles import ADMIN
from attendance.courses import rooms
from attendance.courses.schemas import RoomIn, RoomOut, RoomPath, RoomsOut
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import rooms as stored


@bp.get("/rooms", security=SECURITY, responses={200: RoomsOut})
@requires(ADMIN)
def list_rooms() -> Response:
    """The rooms that have rules of their own, by their names."""
    with services().database.read() as tx:
        rows = stored.every(tx)
    return jsonify({"rooms": [rooms.shown(row) for row in rows]})


@bp.post("/rooms", security=SECURITY, responses={201: RoomOut, **refuses(409)})
@requires(ADMIN)
def add_room(body: RoomIn) -> tuple[Response, int]:
    """Give a room rules of its own."""
    return jsonify({"room": rooms.add(services(), body.name, body.networks, acting())}), 201


@bp.put("/rooms/<int:number>", security=SECURITY, responses={200: RoomOut, **refuses(409)})
@requires(ADMIN)
def change_room(path: RoomPath, body: RoomIn) -> Response:
    """Change a room. What is new counts from the next mark on."""
    row = rooms.change(services(), path.number, body.name, body.networks, acting())
    return jsonify({"room": row})


@bp.delete("/rooms/<int:number>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_room(path: RoomPath) -> tuple[str, int]:
    """Delete a room's rules: sessions there go by those of their courses."""
    rooms.delete(services(), path.number, acting())
    return "", 204
