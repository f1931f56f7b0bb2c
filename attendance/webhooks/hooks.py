"""Webhooks as administrators keep them: where events are posted to, and which."""

from __future__ import annotations

import base64
import secrets

from attendance.core.audit import By
from attendance.core.errors import InvalidRequest, WebhookNotFound, found
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.crypto.vault import OF_WEBHOOKS
from attendance.webhooks import outbound
from attendance.webhooks.outbound import Reach
from database import Row, Transaction, stored_settings, webhooks

SESSION_STOPPED, ATTENDANCE_MARKED, PING = "session_stopped", "attendance_marked", "ping"
STUDENT_NOTICE = "student_notice"
SESSION_DISCARDED, STUDENT_DELETED = "session_discarded", "student_deleted"
SECRET_PREFIX = "whsec_"  # noqa: S105  # what a secret begins with, not one


def create(parts: Services, *, url: str, events: list[str], by: By) -> tuple[Row, str]:
    """A new webhook, and the secret that its messages are signed with.

    Raises:
        InvalidRequest: the URL names an address that may not be reached. (A host's name is judged
            by its addresses, each time that something is sent.)
    """
    if outbound.names_forbidden_address(url, reach(parts.settings)):
        raise InvalidRequest.of("url", "url", "Nothing may be sent to this address from here.")
    raw = secrets.token_bytes(32)
    with parts.database.write() as tx:
        # A key rotation waits here, so that no secret is left under an old key.
        stored_settings.lock(tx)
        key_id, sealed = parts.vault.encrypt(raw, OF_WEBHOOKS)
        now = parts.clock.now()
        row = webhooks.create(tx, url=url, events=events, key_id=key_id, secret=sealed, now=now)
        new = {"url": url, "events": events}
        by.note(tx, now, "webhook.create", f"webhook:{row['id']}", new=new)
    return row, SECRET_PREFIX + base64.b64encode(raw).decode()


def reach(settings: Settings) -> Reach:
    """What webhooks may reach."""
    ports = {settings.port}
    if settings.metrics_port is not None:  # each process has one
        ports.update(range(settings.metrics_port, settings.metrics_port + settings.workers))
    return Reach(
        link_local=settings.webhook_link_local,
        private=settings.webhook_private_network,
        own_ports=frozenset(ports),
    )


def set_enabled(parts: Services, webhook: int, enabled: bool, by: By) -> Row:
    """Switch a webhook on or off. Raises `WebhookNotFound`."""
    with parts.database.write() as tx:
        old = existing(tx, webhook)
        webhooks.set_enabled(tx, webhook, enabled)
        if bool(old["enabled"]) != enabled:
            action = "webhook.enable" if enabled else "webhook.disable"
            by.note(tx, parts.clock.now(), action, f"webhook:{webhook}")
        return existing(tx, webhook)


def delete(parts: Services, webhook: int, by: By) -> None:
    """Remove a webhook with its log. Raises `WebhookNotFound`."""
    with parts.database.write() as tx:
        row = existing(tx, webhook)
        webhooks.delete(tx, webhook)
        old = {"url": row["url"], "events": row["events"].split()}
        by.note(tx, parts.clock.now(), "webhook.delete", f"webhook:{webhook}", old=old)


def ping(parts: Services, webhook: int) -> int:
    """Queue a message that says nothing, to test the receiver. Raises `WebhookNotFound`."""
    with parts.database.write() as tx:
        existing(tx, webhook)
        return webhooks.queue_for(tx, webhook, PING, parts.clock.now())


def existing(tx: Transaction, webhook: int) -> Row:
    """The webhook. Raises `WebhookNotFound`."""
    return found(webhooks.by_id(tx, webhook), WebhookNotFound)
