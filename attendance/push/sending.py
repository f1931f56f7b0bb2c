"""Sending what people are told, through the push services of their browsers.

What a service sees is the browser, the moment, and a sealed text that is always as long. A browser
that is gone (404, 410) is forgotten; what cannot be sent in time is not sent at all.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from attendance.core import pushing
from attendance.core.roles import ACTIVE
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.crypto import web_push
from attendance.push import endpoints, messages
from attendance.webhooks import outbound
from attendance.webhooks.batches import send_each
from attendance.webhooks.hooks import reach
from attendance.webhooks.outbound import Undeliverable
from database import Row, push

log = logging.getLogger("attendance")

# After each failed attempt; after the last the message is forgotten.
BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
# Longer than any attempt takes: when the sender dies, another one takes over.
LEASE = timedelta(minutes=2)
AT_ONCE = 16
GONE = (404, 410)
# Of these another attempt may have another end.
PASSING = (408, 429)


def send_due(parts: Services, pool: ThreadPoolExecutor) -> int:
    """Send what is due, some messages at a time, and return how many were tried."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        if not push.any_due(tx, now):
            return 0
    with parts.database.write() as tx:
        if not parts.settings.web_push:
            push.clear(tx)
            return 0
        push.drop_expired(tx, now)
        claimed = push.claim(tx, now, now + LEASE, AT_ONCE)
    return send_each(parts, pool, claimed, _try, "push")


def _try(parts: Services, message: Row) -> None:
    with parts.database.read() as tx:
        device = push.by_id(tx, int(message["device"]))
        told = messages.told(tx, message, parts.clock.now())
    is_heard = device is not None and device["teacher_state"] in (None, ACTIVE)
    if device is None or told is None or not is_heard:  # nobody, or nothing, to tell any more
        status: int | None = 200
    elif not _is_ours(parts, device):
        status = GONE[0]
    else:
        status = _send(parts, device, message, told)
    _record(parts, message, status, is_heard and told is not None)


def _is_ours(parts: Services, device: Row) -> bool:
    """Whether the browser would still hear us, and may still be spoken to."""
    return device["server_key"] == parts.voucher.public and endpoints.is_allowed(
        device["endpoint"], parts.settings.push_services
    )


def _send(parts: Services, device: Row, message: Row, told: Row) -> int | None:
    """The status that the service answers; None: none."""
    now, endpoint = parts.clock.now(), str(device["endpoint"])
    body = web_push.sealed(
        json.dumps(told, ensure_ascii=False).encode(),
        web_push.decoded(device["p256dh"]),
        web_push.decoded(device["auth"]),
    )
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(max(0, int((message["expires_at"] - now).total_seconds()))),
        "Urgency": "high" if message["kind"] == pushing.SESSION_STARTED else "normal",
        "Authorization": parts.voucher.authorization(endpoint, contact(parts.settings), now),
    }
    try:
        return outbound.post(endpoint, body, headers, reach(parts.settings))
    except Undeliverable as error:
        log.warning("a push service was not reached: %s", error)
        return None


def _record(parts: Services, message: Row, status: int | None, was_told: bool) -> None:
    now, attempts = parts.clock.now(), int(message["attempts"])
    delivered = status is not None and 200 <= status < 300
    passing = status is None or status >= 500 or status in PASSING
    with parts.database.write() as tx:
        if status in GONE:
            push.drop(tx, int(message["device"]))  # and with it what waits for it
        elif passing and attempts <= len(BACKOFF):
            push.put_off(tx, int(message["id"]), _later(now, attempts))
        else:
            push.done(tx, int(message["id"]))
            if delivered and was_told:
                push.used(tx, int(message["device"]), now)
    if not (delivered or passing):
        log.warning("a push service answered %s", status)


def _later(now: datetime, attempts: int) -> datetime:
    return now + BACKOFF[attempts - 1]


def contact(settings: Settings) -> str:
    """Whom a push service may write to about this installation (RFC 8292, 2.1)."""
    if settings.smtp_from:
        return f"mailto:{settings.smtp_from}"
    base = settings.local_url
    return base if base.startswith("https:") else f"mailto:attendance@{urlsplit(base).hostname}"
