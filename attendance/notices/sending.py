"""Sending notices that are due: held back where they are too many at once, and in quiet hours."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from itertools import groupby

from attendance.core import zones
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.notices import checking, digest_sending, guardian_links, words
from attendance.notices.checking import GUARDIAN, STUDENT, TEACHER, TUTOR, WEBHOOK, address_of
from database import DatabaseUnavailable, Row, Transaction, notice_rules, notices, webhooks

log = logging.getLogger("attendance")

EVENT = "student_notice"
# What is sent to people within this time is "at once".
AT_ONCE = timedelta(hours=1)
LEASE = timedelta(minutes=5)
MOST_CLAIMED = 50
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
SENT, FAILED, PENDING = "sent", "failed", "pending"
NO_ADDRESS, NO_SERVER = "no_address", "no_mail_server"


def run_due(parts: Services) -> int:
    """Judge what has changed, and send what is due; returns how much there was to do."""
    done = checking.check_waiting(parts) + digest_sending.run_due(parts)
    now = parts.clock.now()
    with parts.database.read() as tx:
        due = notices.any_due(tx, now)
    if not due:
        return done
    with parts.database.write() as tx:
        rules = {int(row["id"]): row for row in notice_rules.every(tx)}
        _hold_crowds(tx, rules, now)
        claimed = notices.claim(tx, now, now + LEASE, MOST_CLAIMED)
        claimed = _spoken(tx, parts.settings, claimed, now)
        claimed = _told_to_systems(tx, claimed, now)
    lines = [{**row, **_of_rule(rules[int(row["rule"])])} for row in claimed]
    lines.sort(key=lambda row: (row["rule"], _person(row), row["incident"], row["id"]))
    for _, group in groupby(lines, key=lambda row: (row["rule"], *_person(row))):
        try:
            _send(parts, list(group))
        except DatabaseUnavailable as error:  # they are sent again when their lease is over
            log.error("notices could not reach the database: %s", error)
    return done + len(claimed)


def _person(row: Row) -> tuple[str, int]:
    if row["whom"] == TUTOR:  # whoever is the course's teacher as well gets one message
        return TEACHER, int(row["tutor"] or 0)
    number = {STUDENT: row["student"], TEACHER: row["teacher"], GUARDIAN: row["guardian"]}
    return row["whom"], int(number.get(row["whom"]) or 0)


def _of_rule(rule: Row) -> Row:
    return {"kind": rule["kind"], "days": rule["days"]}


def _hold_crowds(tx: Transaction, rules: dict[int, Row], now: datetime) -> None:
    """Where a rule would write to too many people within an hour, somebody has to confirm it."""
    people: dict[int, set[tuple[str, int]]] = {}
    waiting: dict[int, list[int]] = {}
    for row in notices.of_the_hour(tx, now - AT_ONCE, now + AT_ONCE):
        rule = int(row["rule"])
        if row["whom"] != WEBHOOK:
            people.setdefault(rule, set()).add(_person(row))
        if row["state"] == PENDING:
            waiting.setdefault(rule, []).append(int(row["id"]))
    for rule, found in people.items():
        if len(found) > rules[rule]["most_people"] and waiting.get(rule):
            notices.hold(tx, waiting[rule])


def _spoken(tx: Transaction, settings: Settings, claimed: list[Row], now: datetime) -> list[Row]:
    """Those that may be sent now: in quiet hours only other systems are told."""
    left = []
    for row in claimed:
        until = None if row["whom"] == WEBHOOK else quiet_until(settings, row["timezone"], now)
        if until is None:
            left.append(row)
        else:
            notices.put_off(tx, [int(row["id"])], until)
    return left


def quiet_until(settings: Settings, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` lies; None: it lies in none."""
    begin, end = settings.notice_quiet_from, settings.notice_quiet_until
    local = zones.local(now, zone)
    hour = local.hour
    quiet = begin <= hour < end if begin <= end else hour >= begin or hour < end
    if not quiet:
        return None
    day = local.date() if hour < end else local.date() + timedelta(days=1)
    return zones.moment(day, time(end), zone)


def _told_to_systems(tx: Transaction, claimed: list[Row], now: datetime) -> list[Row]:
    """Queue webhooks' deliveries; returns what is left for people."""
    for row in claimed:
        if row["whom"] == WEBHOOK:
            webhooks.queue(tx, EVENT, now, notice=int(row["id"]))
            _record(tx, [row], SENT, None, now)
    return [row for row in claimed if row["whom"] != WEBHOOK]


def _send(parts: Services, rows: list[Row]) -> None:
    first = rows[0]
    address = address_of(first)
    error, final = None, True
    if address is None:
        error = NO_ADDRESS
    elif not parts.mailer.configured:
        error = NO_SERVER
    else:
        links = _excuse_links(parts, rows)
        mail = words.email(parts.settings, address, first["whom"], first["language"], rows, links)
        error, final = parts.mailer.send_now(mail)
    now, attempts = parts.clock.now(), int(first["attempts"])
    with parts.database.write() as tx:
        if error is None:
            _record(tx, rows, SENT, None, now)
        elif final or attempts >= len(BACKOFF):
            _record(tx, rows, FAILED, error, now)
        else:
            _record(tx, rows, PENDING, error, now, now + BACKOFF[attempts])


def _excuse_links(parts: Services, rows: list[Row]) -> dict[str, str]:
    """A guardian can ask for an excuse without an account: links by the students' names."""
    if rows[0]["whom"] != GUARDIAN:
        return {}
    now = parts.clock.now()
    with parts.database.write() as tx:
        return {
            row["name"]: guardian_links.make(
                tx, parts.settings, int(row["guardian"]), guardian_links.ABSENCE, now
            )
            for row in {row["student"]: row for row in rows}.values()
        }


def _record(
    tx: Transaction,
    rows: list[Row],
    state: str,
    error: str | None,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    notices.record(
        tx,
        [int(row["id"]) for row in rows],
        state=state,
        error=error,
        due_at=due_at,
        sent_at=now if state == SENT else None,
    )
