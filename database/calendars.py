"""Secret addresses of calendars, known by their hashes only, and what the calendars show."""

from __future__ import annotations

from datetime import datetime

from database import staff
from database.core import Row, Transaction

_SESSION = """
    SELECT sessions.id, sessions.subject, sessions.section, sessions.started_at,
           sessions.closes_at, sessions.ended_at, sessions.discarded_at, sessions.sequence,
           courses.code AS course_code, courses.name AS course_name,
           planned_sessions.plan, planned_sessions.day, plans.sequence AS plan_sequence
    FROM sessions LEFT JOIN courses ON courses.id = sessions.course
    LEFT JOIN planned_sessions ON planned_sessions.session = sessions.id
    LEFT JOIN plans ON plans.id = planned_sessions.plan
"""


def open_feed(tx: Transaction, account: str, token_hash: str, now: datetime) -> None:
    """Give an account (`teacher:7`) a new address; the one before ends."""
    revoke(tx, account)
    tx.insert_row(
        """
        INSERT INTO calendar_feeds (account, token_hash, created_at)
        VALUES (:account, :token_hash, :now)
        """,
        account=account,
        token_hash=token_hash,
        now=now,
    )


def feed_of(tx: Transaction, account: str) -> Row | None:
    """`account` and `created_at` of the account's address, or None."""
    return tx.one(
        "SELECT account, created_at FROM calendar_feeds WHERE account = :account", account=account
    )


def account_of(tx: Transaction, token_hash: str) -> str | None:
    """Whose address this is, or None."""
    found = tx.scalar(
        "SELECT account FROM calendar_feeds WHERE token_hash = :token_hash", token_hash=token_hash
    )
    return None if found is None else str(found)


def revoke(tx: Transaction, account: str) -> None:
    """End the account's address, if it has one."""
    tx.execute("DELETE FROM calendar_feeds WHERE account = :account", account=account)


def sessions_of_teacher(
    tx: Transaction, teacher: int, since: datetime, *, as_of: datetime
) -> list[Row]:
    """The sessions that the teacher has a part in since a time, also what was discarded."""
    return tx.all(
        f"""
        {_SESSION} WHERE {staff.SESSIONS} AND sessions.started_at >= :since
        ORDER BY sessions.started_at, sessions.id
        """,
        teacher=teacher,
        since=since,
        as_of=as_of,
    )


def sessions_of_student(tx: Transaction, student: int, since: datetime) -> list[Row]:
    """The sessions of the student's courses since a time, also what was discarded."""
    return tx.all(
        f"""
        {_SESSION} JOIN enrolments ON enrolments.course = sessions.course
        WHERE enrolments.student = :student AND sessions.started_at >= :since
        ORDER BY sessions.started_at, sessions.id
        """,
        student=student,
        since=since,
    )
