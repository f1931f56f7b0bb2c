"""What teachers' and students' accounts have in common."""

from __future__ import annotations

from attendance.accounts import passwords
from attendance.accounts.guard import Account, count_attempt
from attendance.core.errors import InvalidRequest, LoginFailed
from attendance.core.services import Services


def new_password(parts: Services, account: Account, *, current: str | None, new: str) -> str:
    """The hash of a new password, which may be stored: the present one was given.

    It takes its time on purpose; no transaction should be open meanwhile.

    Raises:
        InvalidRequest: the current password was not given.
        LoginFailed: it is wrong.
        TooManyAttempts: it was guessed too often.
    """
    if current is None:
        raise InvalidRequest.of("current_password", "missing", "Needed to set a new password.")
    count_attempt("password", account.name, parts.settings.login_tries_per_minute)
    rounds = parts.settings.bcrypt_rounds
    if not passwords.matches(current, account.row["password_hash"], rounds):
        raise LoginFailed("The current password is wrong.")
    return passwords.hash_password(new, rounds)
