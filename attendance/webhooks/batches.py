"""Sending a batch of what is queued, some messages at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from attendance.core.services import Services
from database import DatabaseUnavailable, Row

log = logging.getLogger("attendance")


def send_each(
    parts: Services,
    pool: ThreadPoolExecutor,
    rows: list[Row],
    send: Callable[[Services, Row], None],
    what: str,
) -> int:
    """Send each of these, and return how many were tried: whatever happens to one is nothing to
    the others. `what` names them in the log."""

    def alone(row: Row) -> None:
        try:
            send(parts, row)
        except DatabaseUnavailable as error:  # it is tried again when its lease is over
            log.error("%s could not reach the database: %s", what, error)
        except Exception as error:
            log.exception("one of %s", what, exc_info=error)

    list(pool.map(alone, rows))
    return len(rows)
