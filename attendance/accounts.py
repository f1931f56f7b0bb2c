"""What teachers' and students' accounts have in common."""

from __future__ import annotations

from typing import Any

from attendance import passwords
from attendance.auth import Account, count_try
from attendance.errors import InvalidRequest, LoginFailed
from attendance.services import Services
from database import Transaction, students, teachers

Row = dict[str, Any]


def change_password(
    parts: Services, tx: Transaction, account: Account, *, current: str | None, new: str
) -> None:
    """Store a new password, which ends every token of the account.

    Raises:
        InvalidRequest: the current password was not given.
        LoginFailed: it is wrong.
        TooManyTries: it was guessed too often.
    """
    if current is None:
        raise InvalidRequest("current_password: needed to set a new password.")
    count_try("password", account.name, parts.settings.login_tries_per_minute)
    rounds = parts.settings.bcrypt_rounds
    if not passwords.matches(current, account.row["password_hash"], rounds):
        raise LoginFailed("The current password is wrong.")
    store = teachers if account.kind == "teacher" else students
    store.set_password(tx, account.id, passwords.hash_password(new, rounds))
