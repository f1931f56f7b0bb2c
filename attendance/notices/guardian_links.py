"""One-time links for guardians: to agree for a minor, to take that back, to ask for an excuse.

The token is random, and known by its hash only; it stands behind the `#` of the link, which
browsers do not send. Whoever is given the link can use it, once; the guardian then hears of it by
mail, with the way back.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from attendance.core.audit import By
from attendance.core.errors import (
    GuardianLinkExpired,
    GuardianLinkInvalid,
    GuardianLinkUsed,
    GuardianNotFound,
    found,
)
from attendance.core.mail import Email
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.corrections import absences, notes
from attendance.crypto.tokens import hashed, new_secret
from attendance.notices import words
from database import Row, Transaction, consents, guardians

CONSENT, WITHDRAW, ABSENCE = "consent", "withdraw", "absence"
# What the page of a consent says today; another text is another version.
VERSION = "2026-11"
LIFE = {
    CONSENT: timedelta(days=30),
    WITHDRAW: timedelta(days=3650),
    ABSENCE: timedelta(days=14),
}


def make(tx: Transaction, settings: Settings, guardian: int, purpose: str, now: datetime) -> str:
    """A new link for a guardian."""
    token = new_secret()
    consents.add_link(
        tx,
        guardian=guardian,
        token_hash=hashed(token),
        purpose=purpose,
        expires_at=now + LIFE[purpose],
    )
    return f"{settings.local_url}/guardian#{token}"


def ask(parts: Services, student: int, guardian: int, by: By) -> tuple[str, datetime]:
    """Send a guardian the link to agree; returns it, and until when it counts.

    Raises:
        GuardianNotFound
    """
    now = parts.clock.now()
    with parts.database.write() as tx:
        row = found(guardians.by_id(tx, guardian), GuardianNotFound)
        if row["student"] != student:
            raise GuardianNotFound
        link = make(tx, parts.settings, guardian, CONSENT, now)
        by.note(tx, now, "guardian.ask", f"student:{student}", new={"email": row["email"]})
    parts.mailer.send([words.asking(parts.settings, row, link)])
    return link, now + LIFE[CONSENT]


def look(tx: Transaction, token: str, now: datetime) -> Row:
    """What a link is for.

    Raises:
        GuardianLinkInvalid: nobody was sent it, or the guardian was removed.
        GuardianLinkUsed, GuardianLinkExpired
    """
    row = found(consents.link(tx, hashed(token)), GuardianLinkInvalid)
    if row["used_at"] is not None:
        raise GuardianLinkUsed
    if row["expires_at"] <= now:
        raise GuardianLinkExpired
    return row


def agree(parts: Services, token: str, name: str, language: str) -> None:
    """Use a link to agree. Raises as `look`."""
    now = parts.clock.now()
    with parts.database.write() as tx:
        row = _used(tx, token, CONSENT, now)
        student = int(row["student"])
        signed = {"signed_by": name, "email": row["email"], "version": VERSION}
        consents.give(tx, student=student, **signed, language=language, now=now)
        back = make(tx, parts.settings, int(row["guardian"]), WITHDRAW, now)
        new = {**signed, "language": language}
        _by(row).note(tx, now, "guardian.agree", f"student:{student}", new=new)
    parts.mailer.send([_told(parts, row, words.AGREED, back)])


def withdraw(parts: Services, token: str) -> None:
    """Use a link to take the consent back: the face is gone at once. Raises as `look`."""
    now = parts.clock.now()
    with parts.database.read() as tx:
        row = _for(tx, token, WITHDRAW, now)
    student = int(row["student"])
    # The face first: whatever fails in between, the link can be used again.
    parts.faces.forget(
        student,
        now=now,
        note=lambda tx: _by(row).note(tx, now, "face.delete", f"student:{student}"),
    )
    with parts.database.write() as tx:
        _used(tx, token, WITHDRAW, now)
        consents.withdraw(tx, student, now)
        _by(row).note(tx, now, "guardian.withdraw", f"student:{student}")
    parts.mailer.send([_told(parts, row, words.WITHDRAWN)])


def excuse(
    parts: Services,
    token: str,
    first: date,
    last: date,
    reason: str,
    picture: bytes | None = None,
) -> tuple[int, int]:
    """Use a link to ask that the student is excused, with the picture of a note or without one;
    returns the request and the student.

    Raises as `look`, as `absences.ask` and as `notes.drawn`; the link is then not used.
    """
    now = parts.clock.now()
    note = None
    if picture is not None:
        with parts.database.read() as tx:
            _for(tx, token, ABSENCE, now)  # pictures of strangers are not even read
        note = notes.drawn(picture)
    with parts.database.write() as tx:
        row = _used(tx, token, ABSENCE, now)
        student = int(row["student"])
        absence = int(absences.ask(tx, student, first, last, reason, now)["id"])
        if note is not None:
            notes.keep(parts, tx, absence, note, now)
        new = {"from": first.isoformat(), "to": last.isoformat()}
        _by(row).note(tx, now, "absence.ask", f"student:{student}", new=new)
    parts.mailer.send([_told(parts, row, words.ASKED)])
    return absence, student


def _used(tx: Transaction, token: str, purpose: str, now: datetime) -> Row:
    row = _for(tx, token, purpose, now)
    if not consents.use(tx, int(row["id"]), now):
        raise GuardianLinkUsed
    return row


def _for(tx: Transaction, token: str, purpose: str, now: datetime) -> Row:
    row = look(tx, token, now)
    if row["purpose"] != purpose:
        raise GuardianLinkInvalid
    return row


def _by(row: Row) -> By:
    return By(f"guardian:{row['guardian']}")


def _told(parts: Services, row: Row, text: str, back: str | None = None) -> Email:
    return words.to_guardian(parts.settings, row, row["student_name"], text, back)
