"""Session codes: short words that a person reads from a wall and types on a phone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import TypeVar

from attendance.core import texts
from attendance.core.errors import Unavailable
from database import UniqueViolation

T = TypeVar("T")

# Without 0/O, 1/I/L, 5/S, 8/B, 2/Z, U/V: none is mistaken for another at 15 metres.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 6
DRAWS = 8
_OWN_CODE = re.compile(r"[A-Z0-9]{4,12}")


def new_code() -> str:
    """A fresh code of `LENGTH` letters and digits (23^6: about 148 million)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_seed() -> str:
    """128 random bits, of which a session's turning codes are made."""
    return secrets.token_hex(16)


def turned(seed: str, step: int) -> str:
    """The code that a seed gives at a step: as `new_code`, and not to be told from one."""
    number = int.from_bytes(
        hmac.new(seed.encode(), str(step).encode(), hashlib.sha256).digest()[:8], "big"
    )
    digits = ""
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits += ALPHABET[digit]
    return digits


def drawn(store: Callable[[str], T], *, preferred: str | None = None) -> T:
    """Draw codes until one is free, and return what `store` made of it; the preferred one first.

    `store` raises UniqueViolation for a code that is taken: the key decides, not a look beforehand.

    Raises:
        Unavailable: every one that was drawn is taken.
    """
    for draw in range(DRAWS):
        try:
            return store(preferred if preferred and draw == 0 else new_code())
        except UniqueViolation:
            continue
    raise Unavailable("No free code was found. Try again.")


def normalised(code: str) -> str:
    """The code as it is stored: upper case, without spaces and hyphens, with 0 to 9 for digits."""
    return re.sub(r"[\s-]", "", texts.plain_digits(code)).upper()


def is_acceptable(code: str) -> bool:
    """Whether a teacher's own (normalised) code may be used: 4 to 12 letters and digits."""
    return _OWN_CODE.fullmatch(code) is not None
