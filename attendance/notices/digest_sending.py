"""Sending the weekly digests that are due, each once, whichever server is first."""

from __future__ import annotations

import logging
from datetime import timedelta

from attendance.core.roles import ACTIVE
from attendance.core.services import Services
from attendance.notices import digest_words
from attendance.notices.digests import APART, MOST, Week, courses_of, due_at, token_of
from database import DatabaseUnavailable, Row, digests

log = logging.getLogger("attendance")

# Longer than any attempt takes: when the sender dies, another one takes over.
LEASE = timedelta(minutes=5)
MOST_CLAIMED = 10
# After each failed attempt; after the last this week's is given up.
BACKOFF = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


def run_due(parts: Services) -> int:
    """Send what is due; returns how many were tried. Without a mail server nothing is given up."""
    if not parts.mailer.configured:
        return 0
    now = parts.clock.now()
    due = due_at(parts.settings, now)
    told_before = due - APART
    with parts.database.read() as tx:
        if not digests.any_due(tx, told_before, now):
            return 0
    with parts.database.write() as tx:
        claimed = digests.claim(tx, told_before, now, now + LEASE, MOST_CLAIMED)
    for row in claimed:
        try:
            _send(parts, row, Week(max(row["told_until"], due - MOST), due))
        except DatabaseUnavailable as error:  # it is sent again when its lease is over
            log.error("a digest could not reach the database: %s", error)
        except Exception as error:  # nothing to the others
            log.exception("a digest", exc_info=error)
    return len(claimed)


def _send(parts: Services, row: Row, week: Week) -> None:
    teacher, now, error, final = int(row["id"]), parts.clock.now(), None, True
    with parts.database.read() as tx:
        least = parts.settings.risk_after_sessions
        told = courses_of(tx, teacher, week, now, least) if row["state"] == ACTIVE else []
    if told:
        link = f"{parts.settings.local_url}/digest?token={token_of(parts, teacher)}"
        mail = digest_words.email(parts.settings, row["email"], row["language"], week, told, link)
        error, final = parts.mailer.send_now(mail)
    attempts = int(row["attempts"])
    with parts.database.write() as tx:
        if error is None or final or attempts > len(BACKOFF):
            digests.told(tx, teacher, week.ends_at, now)
        else:
            digests.put_off(tx, teacher, now + BACKOFF[attempts - 1])
