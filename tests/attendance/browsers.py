"""A browser's side of push: it subscribes, and reads what its push service is given."""

from __future__ import annotations

import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attendance.crypto.web_push import encoded

KEY_BYTES = 65


class Browser:
    """One that was told to listen at an endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self._public = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.endpoint = endpoint

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON` gives it."""
        keys = {"p256dh": encoded(self._public), "auth": encoded(self._auth)}
        return {"endpoint": self.endpoint, "keys": keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """What a message says (RFC 8291, 3.4, from the receiver's side)."""
        salt, size, rest = body[:16], int.from_bytes(body[16:20], "big"), body[20:]
        length = rest[0]
        assert (length, len(body) <= size + 86) == (KEY_BYTES, True)
        sender, text = rest[1 : 1 + length], rest[1 + length :]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._private.exchange(ec.ECDH(), public)
        secret = _hkdf(shared, self._auth, b"WebPush: info\0" + self._public + sender, 32)
        key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(secret, salt, b"Content-Encoding: nonce\0", 12)
        filled = AESGCM(key).decrypt(nonce, text, None)
        assert filled.rstrip(b"\0").endswith(b"\x02")
        said: dict[str, Any] = json.loads(filled.rstrip(b"\0")[:-1])
        return said


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
