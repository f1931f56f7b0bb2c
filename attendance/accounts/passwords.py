"""Password hashing with bcrypt."""

from __future__ import annotations

from functools import lru_cache

import bcrypt

MIN_LENGTH = 8
# bcrypt reads no further; a longer password is refused, never silently cut.
MAX_BYTES = 72


def complaint(password: str) -> str | None:
    """Why this cannot be a password, or None."""
    if len(password) < MIN_LENGTH:
        return f"A password has at least {MIN_LENGTH} characters."
    if len(password.encode()) > MAX_BYTES:
        return f"A password has at most {MAX_BYTES} bytes (letters outside English take several)."
    if "\0" in password:
        return "A password cannot contain a zero byte."
    return None


def hash_password(password: str, rounds: int) -> str:
    """The bcrypt hash to store. The password must be free of `complaint`."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


def matches(password: str, password_hash: str | None, rounds: int) -> bool:
    """Whether the password, or the PIN, is right; takes as long when there is no hash to compare
    with."""
    is_whole = len(password.encode()) <= MAX_BYTES and "\0" not in password
    known = password_hash is not None and is_whole
    right = bcrypt.checkpw(
        password.encode()[:MAX_BYTES].replace(b"\0", b"0"),
        (password_hash if known else _decoy(rounds)).encode(),  # type: ignore[union-attr]
    )
    return right and known


@lru_cache(maxsize=1)
def _decoy(rounds: int) -> str:
    return hash_password("a password that nobody has", rounds)
