"""Browsers in which somebody has signed in before, told again by a signed cookie.

Whoever guesses at an account must not keep its owner out. What tells them apart is where a request
comes from, and, where both share one network, that the owner's browser has been here before.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from attendance.crypto.tokens import NotGenuine, Signer

COOKIE = "attendance_browser"
LIFE = timedelta(days=400)
# A shared computer knows the last ones who signed in.
ACCOUNTS = 8


class Browsers:
    """Writes and reads the cookie's text with one secret key."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, "browser")

    def known(self, cookie: str | None, account: str, now: datetime) -> str | None:
        """The name of the browser, if the account (`teacher:7`) has signed in in it; else None."""
        for name, browser, signed_in in self._read(cookie):
            if name == account and now - LIFE < datetime.fromtimestamp(signed_in, now.tzinfo):
                return f"browser:{browser}"
        return None

    def remember(self, cookie: str | None, account: str, now: datetime) -> str:
        """The cookie's new text, now that the account has signed in."""
        entries = self._read(cookie)
        # The name stays: who signs in again does not get more attempts by it.
        browser = next((entry[1] for entry in entries if entry[0] == account), None)
        others = [entry for entry in entries if entry[0] != account][: ACCOUNTS - 1]
        own = [account, browser or secrets.token_urlsafe(9), int(now.timestamp())]
        return self._signer.sign([own, *others])

    def _read(self, cookie: str | None) -> list[tuple[str, str, int]]:
        try:
            return [(name, browser, at) for name, browser, at in self._signer.read(cookie or "")]
        except NotGenuine:
            return []
