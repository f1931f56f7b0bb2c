"""Messages by push over HTTP: what students and teachers do alike with their browsers."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import caller, count_attempt
from attendance.push import devices, presenting
from attendance.push.schemas import PushIn, PushPath
from attendance.web.current import services
from database import push


def of_caller() -> Response:
    """Whether anything is sent, with which key, and the caller's browsers."""
    parts, account = services(), caller()
    with parts.database.read() as tx:
        rows = push.of_account(tx, account.kind, account.id)
    return jsonify(
        {
            "enabled": parts.settings.web_push,
            "key": parts.voucher.public,
            "devices": [presenting.device(row) for row in rows],
        }
    )


def add_for_caller(body: PushIn) -> tuple[Response, int]:
    """Keep the browser that asks."""
    parts, account = services(), caller()
    count_attempt("push", account.name, parts.settings.join_tries_per_minute)
    row = devices.add(parts, account, body)
    return jsonify({"device": presenting.device(row)}), 201


def drop_of_caller(path: PushPath) -> tuple[str, int]:
    """Forget one of the caller's browsers."""
    devices.drop(services(), caller(), path.device)
    return "", 204
