"""GET /admin/system: what runs here, how much is kept, and how much room it takes."""

from __future__ import annotations

from flask import Response, current_app, jsonify

from attendance.accounts.guard import SECURITY, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import About, SystemOut
from attendance.core.roles import ADMIN
from attendance.operation import storage
from attendance.web import links
from attendance.web.current import services
from database import audit


@bp.get("/system", security=SECURITY, responses={200: SystemOut})
@requires(ADMIN)
def system() -> Response:
    """What runs here, how much is stored (rows by table), and the disk space in use."""
    parts = services()
    with parts.database.read() as tx:
        saved = audit.page(tx, audit.Filter(action="backup.save"), before=None, limit=1)
    address = links.base_url()
    about = {
        "version": current_app.config["VERSION"],
        "address": address,
        "https": address.startswith("https:"),
        "mail": parts.mailer.configured,
        "backup_at": saved[0]["occurred_at"] if saved else None,
    }
    return jsonify({"about": About.shown(about), **storage.in_use(parts)})
