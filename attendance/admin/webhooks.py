"""/admin/webhooks: who is told of marks and ended sessions, and whether it arrived."""

from __future__ import annotations

import json

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.core.roles import ADMIN
from attendance.web.current import services
from attendance.webhooks import hooks
from attendance.webhooks.schemas import (
    DeliveriesOut,
    DeliveriesQuery,
    Delivery,
    PingOut,
    Webhook,
    WebhookCreatedOut,
    WebhookIn,
    WebhookOut,
    WebhookPatchIn,
    WebhookPath,
    WebhooksOut,
)
from database import Row
from database import webhooks as stored


@bp.post("/webhooks", security=SECURITY, responses={201: WebhookCreatedOut})
@requires(ADMIN)
def create_webhook(body: WebhookIn) -> tuple[Response, int]:
    """Have events posted to a URL. `secret`, which signs them, is shown only this once."""
    row, secret = hooks.create(
        services(), url=body.url, events=sorted(set(body.events)), by=acting()
    )
    return jsonify({"webhook": _shown(row), "secret": secret}), 201


@bp.get("/webhooks", security=SECURITY, responses={200: WebhooksOut})
@requires(ADMIN)
def list_webhooks() -> Response:
    """Every webhook."""
    with services().database.read() as tx:
        rows = stored.every(tx)
    return jsonify({"webhooks": [_shown(row) for row in rows]})


@bp.patch("/webhooks/<int:webhook_id>", security=SECURITY, responses={200: WebhookOut})
@requires(ADMIN)
def change_webhook(path: WebhookPath, body: WebhookPatchIn) -> Response:
    """Turn a webhook on or off. What happens while it is off is not sent later."""
    row = hooks.set_enabled(services(), path.webhook_id, body.enabled, acting())
    return jsonify({"webhook": _shown(row)})


@bp.delete("/webhooks/<int:webhook_id>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_webhook(path: WebhookPath) -> tuple[str, int]:
    """Delete a webhook; messages not delivered yet are no longer sent."""
    hooks.delete(services(), path.webhook_id, acting())
    return "", 204


@bp.post("/webhooks/<int:webhook_id>/ping", security=SECURITY, responses={202: PingOut})
@requires(ADMIN)
def ping_webhook(path: WebhookPath) -> tuple[Response, int]:
    """Send a message of type `ping` to test the receiver; the delivery log has the outcome."""
    return jsonify({"delivery_id": hooks.ping(services(), path.webhook_id)}), 202


@bp.get("/webhooks/<int:webhook_id>/deliveries", security=SECURITY, responses={200: DeliveriesOut})
@requires(ADMIN)
def list_deliveries(path: WebhookPath, query: DeliveriesQuery) -> Response:
    """The delivery log, newest first."""
    with services().database.read() as tx:
        hooks.existing(tx, path.webhook_id)
        rows = stored.deliveries(tx, path.webhook_id, before=query.before, limit=query.limit + 1)
    shown = [_delivery(row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return jsonify({"deliveries": shown, "next": shown[-1]["id"] if more else None})


def _shown(row: Row) -> Row:
    return Webhook.shown(row, events=row["events"].split())


def _delivery(row: Row) -> Row:
    return Delivery.shown(row, about=json.loads(row["about"]))
