"""Sending what webhooks are told: signed messages, as standardwebhooks.com describes them.

Headers `webhook-id` (the same for every attempt), `webhook-timestamp` and `webhook-signature`:
`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` with the secret (`whsec_` and its
base64). Delivery is at least once; a receiver recognises a repetition by the id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from attendance.core import statuses
from attendance.core.clock import iso
from attendance.core.services import Services
from attendance.crypto.vault import OF_WEBHOOKS, Undecryptable
from attendance.sessions import presenting
from attendance.webhooks import outbound
from attendance.webhooks.batches import send_each
from attendance.webhooks.hooks import (
    ATTENDANCE_MARKED,
    SESSION_DISCARDED,
    SESSION_STOPPED,
    STUDENT_DELETED,
    STUDENT_NOTICE,
    reach,
)
from attendance.webhooks.outbound import Undeliverable
from database import (
    Row,
    Transaction,
    marks,
    notice_rules,
    notices,
    sessions,
    students,
    webhooks,
)

log = logging.getLogger("attendance")

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
# After each failed attempt; after the last the delivery has failed. A day and a half in all.
BACKOFF = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
# Longer than any attempt takes: when the sender dies, another one takes over.
LEASE = timedelta(minutes=2)
AT_ONCE = 8
GONE = 410
ERROR_LENGTH = 300


@dataclass(frozen=True)
class _Outcome:
    status: int | None
    error: str | None


def send_due(parts: Services, pool: ThreadPoolExecutor) -> int:
    """Send what is due, some messages at a time, and return how many were tried."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        if not webhooks.any_due(tx, now):
            return 0
    with parts.database.write() as tx:
        claimed = webhooks.claim(tx, now, now + LEASE, AT_ONCE)
    return send_each(parts, pool, claimed, _try, "webhooks")


def signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _try(parts: Services, delivery: Row) -> None:
    outcome = _send(parts, delivery)
    now, attempts = parts.clock.now(), int(delivery["attempts"])
    delivered = outcome.status is not None and 200 <= outcome.status < 300
    final = delivered or outcome.status == GONE or attempts >= len(BACKOFF)
    failed = FAILED if final else PENDING
    with parts.database.write() as tx:
        webhooks.record(
            tx,
            int(delivery["id"]),
            state=DELIVERED if delivered else failed,
            status=outcome.status,
            error=outcome.error,
            next_at=None if final else now + BACKOFF[attempts],
            delivered_at=now if delivered else None,
        )
        if outcome.status == GONE:  # the receiver wants no more, ever
            webhooks.set_enabled(tx, int(delivery["webhook"]), False)


def _send(parts: Services, delivery: Row) -> _Outcome:
    with parts.database.read() as tx:
        webhook = webhooks.by_id(tx, int(delivery["webhook"]))
        sealed = webhooks.secret_of(tx, int(delivery["webhook"]))
        body = _body(tx, delivery, parts.clock.now())
    if webhook is None or sealed is None:
        return _Outcome(None, "the webhook was deleted")
    message_id = f"msg_{delivery['id']}"
    timestamp = int(parts.clock.now().timestamp())
    try:
        secret = parts.vault.decrypt(sealed["key_id"], sealed["secret"], OF_WEBHOOKS)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "attendance-webhooks",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, message_id, timestamp, body),
        }
        status = outbound.post(webhook["url"], body, headers, reach(parts.settings))
    except (Undeliverable, Undecryptable) as error:
        return _Outcome(None, str(error)[:ERROR_LENGTH])
    except Exception as error:  # counted as well, else it would be tried for ever
        log.exception("a webhook's delivery", exc_info=error)
        return _Outcome(None, type(error).__name__)
    return _Outcome(status, None if 200 <= status < 300 else f"answered {status}")


def _body(tx: Transaction, delivery: Row, now: datetime) -> bytes:
    """The message: what happened, when, and the rows as they are now.

    Only which rows they are is kept, so that a log of messages is no second copy of people's data.
    """
    about = json.loads(delivery["about"])
    data: Row = {}
    if "session" in about:
        row = sessions.by_id(tx, about["session"])
        if row is not None:
            data["session"] = presenting.session(row, now, with_code=False)
        elif delivery["event"] == SESSION_DISCARDED:
            data["session"] = {"id": about["session"]}
    if delivery["event"] == SESSION_STOPPED and data:
        counts = marks.counts(tx, about["session"], now)
        data["counts"] = {status: counts.get(status, 0) for status in statuses.STATUSES}
    if delivery["event"] == ATTENDANCE_MARKED and data:
        data["attendance"] = _mark(tx, about["session"], about["student"], now)
        data["student_id"] = students.number_of(tx, about["student"])
    if delivery["event"] == STUDENT_NOTICE:
        data = _notice(tx, about["notice"])
    if delivery["event"] == STUDENT_DELETED:
        data["student"] = about
    message = {"type": delivery["event"], "timestamp": iso(delivery["created_at"]), "data": data}
    return json.dumps(message, ensure_ascii=False).encode()


def _notice(tx: Transaction, notice: int) -> Row:
    row = notices.by_id(tx, notice)
    rule = None if row is None else notice_rules.by_id(tx, int(row["rule"]))
    if row is None or rule is None:
        return {}
    return {
        "incident": row["incident"],
        "step": int(row["step"]) + 1,
        "rule": {"id": rule["id"], "name": rule["name"], "kind": rule["kind"]},
        "student_id": row["student_id"],
        "course": {"id": row["course"], "code": row["code"], "name": row["course_name"]},
        "day": row["day"] or None,
        "found": float(row["found"]),
    }


def _mark(tx: Transaction, session: int, student: int, now: datetime) -> Row | None:
    """Where the student stands, without the distance, which is about the face and nobody else's
    business; None: in no way at all, as where a mark was cleared."""
    row = marks.standing_of(tx, session=session, student=student, now=now)
    if row is None:
        return None
    shown = presenting.mark(row)
    return {key: value for key, value in shown.items() if key != "distance"}
