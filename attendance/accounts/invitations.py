"""Links with which somebody sets a password: invitations, and resets by an administrator.

The token is signed (HMAC-SHA256) and says for which account it is, until when, and which
passwords came before: setting one uses it up, and with it every other one of the account. So does
a change of the account's e-mail address, whose owner the link was for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from attendance.core.errors import InvitationExpired, InvitationInvalid
from attendance.core.roles import STUDENT, TEACHER
from attendance.crypto.tokens import NotGenuine, Signer, hashed
from database import Transaction, students, teachers
from database.rows import StudentRow, TeacherRow

STORES = {TEACHER: teachers, STUDENT: students}


@dataclass(frozen=True)
class Invitation:
    """A link that was made: the token in it, and until when it counts."""

    token: str
    link: str
    expires_at: datetime


@dataclass(frozen=True)
class Redeemed:
    """An account whose password was set: `teacher` or `student`, and the row."""

    kind: str
    row: StudentRow | TeacherRow


class Invitations:
    """Makes and redeems invitations with one secret key."""

    def __init__(self, key: bytes, life: timedelta) -> None:
        self._signer = Signer(key, "invitation")
        self.life = life

    def make(
        self,
        kind: str,
        row: StudentRow | TeacherRow,
        base_url: str,
        now: datetime,
        life: timedelta | None = None,
    ) -> Invitation:
        """A link for an account (`teacher` or `student` and its row); shorter-lived if asked.

        The token stands behind the `#`, which browsers do not send: no log ever sees it.
        """
        expires_at = now + (life or self.life)
        token = self._signer.sign(
            [
                kind,
                row["id"],
                row["token_version"],
                int(expires_at.timestamp()),
                _address(row),
            ]
        )
        return Invitation(token, f"{base_url.rstrip('/')}/set-password#{token}", expires_at)

    def account_of(self, tx: Transaction, token: str, now: datetime) -> Redeemed:
        """Whose password the token may set.

        Raises:
            InvitationInvalid: forged, used already, or the account is gone.
            InvitationExpired: it was right once.
        """
        try:
            # links of before do not say for which address they are
            kind, account, version, expires, *address = self._signer.read(token)
        except NotGenuine:
            raise InvitationInvalid from None
        row = STORES[kind].by_id(tx, account)
        if row is None or row["token_version"] != version:
            raise InvitationInvalid
        if address and address[0] != _address(row):
            raise InvitationInvalid
        if datetime.fromtimestamp(expires, timezone.utc) <= now:
            raise InvitationExpired
        return Redeemed(kind, row)

    def redeem(self, tx: Transaction, token: str, password_hash: str, now: datetime) -> Redeemed:
        """Set the password, once, which also ends the account's tokens.

        Raises:
            InvitationInvalid, InvitationExpired: see there; of two at once, one is invalid.
        """
        found = self.account_of(tx, token, now)
        store, account = STORES[found.kind], int(found.row["id"])
        if not store.set_password_once(tx, account, password_hash, found.row["token_version"]):
            raise InvitationInvalid
        row = store.by_id(tx, account)
        assert row is not None
        return Redeemed(found.kind, row)


def _address(row: TeacherRow | StudentRow) -> str:
    """Enough of the address to know whether it is another."""
    return hashed(str(row["email"] or ""))[:16]
