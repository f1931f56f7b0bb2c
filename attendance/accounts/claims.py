"""What a token of this application says: whatever else was signed with its key is none."""

from __future__ import annotations

import re
from typing import Any

from attendance.core.roles import STUDENT, TEACHER

_ACCOUNT = re.compile(rf"({TEACHER}|{STUDENT}):([1-9][0-9]{{0,17}})")
# The end of the year 9999, in seconds since 1970.
_LAST = 253_402_300_799


def are_ours(claims: dict[str, Any], kind: str) -> bool:
    """Whether these are the claims of a token of this kind: `access` or `refresh`.

    One for another audience or of another issuer is not ours, nor one that never expires or that
    could not be revoked.
    """
    expires = claims.get("exp")
    return (
        claims.get("type") == kind
        and isinstance(claims.get("jti"), str)
        and type(expires) is int
        and 0 < expires <= _LAST
        and not claims.keys() & {"aud", "iss"}
        and account_in(claims) is not None
    )


def account_in(claims: dict[str, Any]) -> tuple[str, int] | None:
    """Whom the token is for, as kind and id: `teacher:7`."""
    found = _ACCOUNT.fullmatch(str(claims.get("sub", "")))
    return (found[1], int(found[2])) if found else None
