"""What people do to their own accounts: another address, and deleting the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance.accounts import administration
from attendance.accounts.guard import Account
from attendance.accounts.invitations import STORES
from attendance.core import emails
from attendance.core.audit import By
from attendance.core.errors import (
    EmailTaken,
    InvalidRequest,
    LastAdministrator,
    OpenSessions,
)
from attendance.core.mail import Words
from attendance.core.roles import ACTIVE, ADMIN
from attendance.core.services import Services
from database import Transaction, UniqueViolation, own_accounts, sessions, teachers
from database.rows import TeacherRow


@dataclass(frozen=True)
class Leaving:
    """What the deletion of a teacher's account would do."""

    courses: int
    sessions: int
    open_sessions: int
    is_last_administrator: bool
    heir: TeacherRow | None


def change_email(
    tx: Transaction, account: Account, email: str, by: By, now: datetime
) -> str | None:
    """Give the account another address; returns the one before, or None where it is the same.

    Links that were sent to the address before end.

    Raises:
        EmailTaken
    """
    before: str | None = account.row["email"]
    if before == email:
        return None
    other = STORES[account.kind].by_email(tx, *emails.forms(email))
    if other is not None and other["id"] != account.id:
        raise EmailTaken
    try:
        own_accounts.set_email(tx, account.kind, account.id, email)
    except UniqueViolation:
        raise EmailTaken from None
    by.note(
        tx, now, f"{account.kind}.email", account.name, old={"email": before}, new={"email": email}
    )
    return before


def tell_of_change(parts: Services, before: str | None, name: str, words: Words) -> None:
    """Tell the address before, whose owner may not have wanted the change."""
    if before is not None:
        parts.mailer.send([words.email(before, name=name)])


def leaving(tx: Transaction, account: Account, now: datetime, transfer_to: str | None) -> Leaving:
    """What would become of a teacher's courses and sessions.

    Without `transfer_to`, an address, the administrator who has been one the longest gets them.

    Raises:
        InvalidRequest: nobody else who can sign in has the address.
    """
    administrators = teachers.active_administrators(tx)
    others = [number for number in administrators if number != account.id]
    heir = teachers.by_id(tx, others[0]) if others else None
    if transfer_to is not None:
        heir = teachers.by_email(tx, *emails.forms(transfer_to))
        if heir is None or heir["id"] == account.id or heir["state"] != ACTIVE:
            raise InvalidRequest.of("transfer_to", "not_another", "Name another, active teacher.")
    counts = own_accounts.records_of(tx, account.id)
    return Leaving(
        courses=counts["courses"],
        sessions=counts["sessions"],
        open_sessions=sessions.open_of_teacher(tx, account.id, now),
        is_last_administrator=account.row["role"] == ADMIN and not others,
        heir=heir,
    )


def delete_teacher(parts: Services, account: Account, transfer_to: str | None, by: By) -> None:
    """Delete the caller's account; somebody else gets the courses and sessions.

    Raises:
        OpenSessions: end them first.
        LastAdministrator: make another one first.
        InvalidRequest: who shall get them cannot.
    """
    with parts.database.read() as tx:
        found = leaving(tx, account, parts.clock.now(), transfer_to)
    if found.is_last_administrator:
        raise LastAdministrator
    if found.open_sessions:
        raise OpenSessions
    heir = None if found.heir is None else int(found.heir["id"])
    administration.delete_teacher(parts, account.id, heir, by)
