"""PINs on printed slips: whoever has no mailbox sets a password with one, once.

A slip bears the student's number (or user name) and eight digits. Wrong ones are counted as wrong
passwords are, by network and by account; and after `MOST_FAILURES` in all a slip is spent, so that
one in two million guesses of a PIN is what patience can buy.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from attendance.accounts.guard import Account
from attendance.accounts.signing_in import Guesses, Named, found, require_active, require_open
from attendance.core.audit import By
from attendance.core.errors import FirstPinWrong, InvitationExpired
from attendance.core.roles import STUDENT
from attendance.core.services import Services
from attendance.web.origin import network
from database import Row, Transaction, first_pins, students
from database.rows import StudentRow

DIGITS = 8
MOST_FAILURES = 50


@dataclass(frozen=True)
class FirstPin:
    """A PIN that was made, and until when it counts."""

    pin: str
    expires_at: datetime


class FirstPins:
    """Makes and compares PINs with one secret key."""

    def __init__(self, key: bytes, life: timedelta) -> None:
        self._key = key
        self.life = life

    def make(
        self, tx: Transaction, rows: Sequence[StudentRow], now: datetime
    ) -> dict[int, FirstPin]:
        """A new PIN for each of these students, by table id; earlier ones end."""
        expires_at = now + self.life
        made = {int(row["id"]): f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" for row in rows}
        kept: list[Row] = [
            {
                "student": row["id"],
                "pin_hash": self._hashed(int(row["id"]), made[int(row["id"])]),
                "token_version": row["token_version"],
            }
            for row in rows
        ]
        first_pins.put_many(tx, kept, now, expires_at)
        return {student: FirstPin(pin, expires_at) for student, pin in made.items()}

    def fits(self, row: StudentRow, kept: Row, pin: str) -> bool:
        """Whether this is the student's PIN, and nothing has ended it but its age."""
        is_right = hmac.compare_digest(str(kept["pin_hash"]), self._hashed(int(row["id"]), pin))
        is_good = kept["failures"] < MOST_FAILURES
        return is_right and is_good and kept["token_version"] == row["token_version"]

    def _hashed(self, student: int, pin: str) -> str:
        return hmac.new(self._key, f"{student} {pin}".encode(), hashlib.sha256).hexdigest()


def redeem(parts: Services, named: Named, pin: str, password: str, request: str) -> Account:
    """Set the password of the student who has this slip, which is thereby used up.

    Args:
        request: the id of the request, for the audit log.

    Raises:
        FirstPinWrong: no such student, no such PIN, or it was used or tried too often.
        InvitationExpired, TooManyAttempts, SignInBusy, AccountSuspended, SignUpClosed
    """
    now = parts.clock.now()
    with parts.database.read() as tx:
        row = found(tx, STUDENT, named)
        kept = None if row is None else first_pins.of(tx, int(row["id"]))
    guesses = Guesses(parts, f"{STUDENT} {named}" if row is None else Account(STUDENT, row).name)
    guesses.count()
    student: StudentRow | None = row  # type: ignore[assignment]  # of students only
    if student is None or kept is None or not parts.first_pins.fits(student, kept, pin):
        guesses.note_failure()
        if student is not None and kept is not None:
            with parts.database.write() as tx:
                first_pins.note_failure(tx, int(student["id"]))
        raise FirstPinWrong
    if kept["expires_at"] <= now:
        raise InvitationExpired("This slip is too old. Ask for a new one.")
    require_active(student)
    require_open(parts, STUDENT, student)
    hashed = parts.hashing.hash(password, network())
    with parts.database.write() as tx:
        number = int(student["id"])
        if not students.set_password_once(tx, number, hashed, student["token_version"]):
            raise FirstPinWrong
        first_pins.drop(tx, number)
        done = students.by_id(tx, number)
        assert done is not None
        account = Account(STUDENT, done)
        By(account.name, request).note(tx, now, "password.set", account.name)
    return account
