"""Tokens of two kinds: random secrets that the database knows by their hash, and signed values."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from itsdangerous import BadData, URLSafeSerializer


class NotGenuine(Exception):
    """The text was not signed with this key, or not for this purpose, or was changed."""


def new_secret() -> str:
    """256 random bits as 43 characters that may stand in a URL."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept of a secret: its SHA-256, 64 hexadecimal digits.

    Nobody guesses 256 random bits, so no slow hash is needed, and no salt.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


class Signer:
    """Signs values (HMAC-SHA256) for one purpose; whoever has the text can read them.

    How long a text counts is among its values, not in the library's time stamp: what has expired
    still tells what it was for, and the time is the server's clock, as everywhere.
    """

    def __init__(self, key: bytes, purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, values: list[Any]) -> str:
        """The values, which JSON must be able to say, and their signature: URL-safe characters."""
        text = self._serializer.dumps(values)
        assert isinstance(text, str)
        return text

    def read(self, text: str) -> list[Any]:
        """The values of a text that was signed. Raises `NotGenuine`."""
        try:
            values = self._serializer.loads(text)
        except (BadData, ValueError):
            raise NotGenuine from None
        # Base64 has room for a stray character or bit: only the text as it was written counts.
        if self.sign(values) != text:
            raise NotGenuine
        assert isinstance(values, list)
        return values
