"""Encryption at rest: AES-256-GCM, a key id beside each text so that keys can be changed."""

from __future__ import annotations

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
# Whose a text is goes into its tag, so that nothing stored can be moved to somebody else.
OF_WEBHOOKS = "webhook"
OF_TIMETABLES = "timetable"


def of_templates(student: int) -> str:
    """The owner of a student's templates."""
    return f"template:{student}"


def of_proposals(student: int) -> str:
    """The owner of the picture of a student's face that waits."""
    return f"proposal:{student}"


def of_notes(absence: int) -> str:
    """The owner of the picture of a note that goes with a request to be excused."""
    return f"note:{absence}"


class Undecryptable(Exception):
    """The key is missing, or the bytes were changed or moved to another owner."""


class Vault:
    """Encrypts with the first key, decrypts with any."""

    def __init__(
        self,
        keys: dict[str, bytes],
        changed: Callable[[], dict[str, bytes] | None] = lambda: None,
    ) -> None:
        """`changed` gives the keys again after a change (`flask rotate-key`), else None."""
        self._changed = changed
        self._take(keys)

    @property
    def current(self) -> str:
        """Id of the key that encrypts now."""
        self.follow_changes()
        return self._current

    @property
    def key_ids(self) -> list[str]:
        """Ids of the keys that can decrypt, the current one first."""
        self.follow_changes()
        return list(self._ciphers)

    def follow_changes(self) -> None:
        """Take the keys as they are now. Each call to encrypt or decrypt does so by itself."""
        keys = self._changed()
        if keys is not None:
            self._take(keys)

    def _take(self, keys: dict[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(keys))

    def encrypt(self, data: bytes, owner: str) -> tuple[str, bytes]:
        """Key id and nonce + ciphertext + tag. `owner` must be named again to decrypt."""
        nonce = os.urandom(NONCE_BYTES)
        key_id = self.current
        return key_id, nonce + self._ciphers[key_id].encrypt(nonce, data, owner.encode())

    def decrypt(self, key_id: str, data: bytes, owner: str) -> bytes:
        """The text again.

        Raises:
            Undecryptable: see there.
        """
        if key_id not in self._ciphers:
            self.follow_changes()
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Undecryptable(f"the encryption key {key_id} is not among ENCRYPTION_KEYS")
        try:
            return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            raise Undecryptable(f"a text of {owner} is damaged or another's") from None
