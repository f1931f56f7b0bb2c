"""The browsers in which a student or teacher wants to be told."""

from __future__ import annotations

import hashlib

from attendance.accounts.guard import Account
from attendance.core.errors import InvalidRequest, PushDeviceNotFound, PushOff
from attendance.core.services import Services
from attendance.push import endpoints
from attendance.push.schemas import PushIn
from database import Row, UniqueViolation, push

# One more takes the place of the oldest.
MOST_DEVICES = 5


def add(parts: Services, account: Account, given: PushIn) -> Row:
    """Keep a browser's subscription; a second time, what it is called and sealed with is new.

    Raises:
        PushOff: the school does not send.
        InvalidRequest: it is not at a push service that is known.
    """
    if not parts.settings.web_push:
        raise PushOff
    if not endpoints.is_allowed(given.endpoint, parts.settings.push_services):
        raise InvalidRequest.of("endpoint", "push_service", "This push service is not known here.")
    with parts.database.write() as tx:
        try:
            added = push.add(
                tx,
                account.kind,
                account.id,
                endpoint=given.endpoint,
                endpoint_hash=hashlib.sha256(given.endpoint.encode()).hexdigest(),
                p256dh=given.keys.p256dh,
                auth=given.keys.auth,
                server_key=parts.voucher.public,
                name=given.name,
                now=parts.clock.now(),
            )
        except UniqueViolation:  # the same browser asked twice at once: the other one is as good
            raise PushDeviceNotFound from None
        mine = push.of_account(tx, account.kind, account.id)
        for old in mine[:-MOST_DEVICES]:
            push.drop(tx, old["id"])
    return next(row for row in mine if row["id"] == added)


def drop(parts: Services, account: Account, device: int) -> None:
    """Tell this browser of the account no more. Raises `PushDeviceNotFound`."""
    with parts.database.write() as tx:
        mine = push.of_account(tx, account.kind, account.id)
        if device not in {row["id"] for row in mine} or not push.drop(tx, device):
            raise PushDeviceNotFound
