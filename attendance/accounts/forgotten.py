"""Forgotten passwords: whoever reads the mail of an address may set the password of its account.

Whether there is such an account is looked up after the answer has gone, so that neither the answer
nor its time tells.
"""

from __future__ import annotations

from datetime import timedelta

from attendance.accounts.invitations import STORES
from attendance.core import emails
from attendance.core.errors import TooManyAttempts
from attendance.core.mail import Email, Words
from attendance.core.roles import ACTIVE
from attendance.core.services import Services
from database.rows import StudentRow, TeacherRow

LIFE = timedelta(hours=1)
# Nobody's mailbox is filled. Who is beyond this is told the same, and gets no mail.
MAILS_PER_HOUR = 3


def send_link(parts: Services, email: str, base_url: str, words: Words) -> None:
    """Send a link to each account of the address, later; nothing where there is none. The text of
    the words has {name}, {link} and {minutes}.

    The link works once and for an hour, and no longer after a change of password or address.
    """
    parts.mailer.send_later(lambda: _mails(parts, email, base_url, words))


def _mails(parts: Services, email: str, base_url: str, words: Words) -> list[Email]:
    address = emails.normal(email)
    try:
        parts.attempts.require_unspent("forgotten password", address, MAILS_PER_HOUR)
    except TooManyAttempts:
        return []
    now = parts.clock.now()
    with parts.database.read() as tx:
        found: list[tuple[str, StudentRow | TeacherRow]] = []
        for kind, store in STORES.items():
            row = store.by_email(tx, *emails.forms(email))
            if row is not None and row["state"] == ACTIVE:
                found.append((kind, row))
    if found:
        parts.attempts.note_failure("forgotten password", address, MAILS_PER_HOUR)
    return [
        words.email(
            str(row["email"]),
            name=row["name"],
            link=parts.invitations.make(kind, row, base_url, now, LIFE).link,
            minutes=int(LIFE.total_seconds() // 60),
        )
        for kind, row in found
    ]
