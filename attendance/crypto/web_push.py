"""What a browser's push service carries: sealed for one browser (RFC 8291), and signed by this
installation (VAPID, RFC 8292).

The service learns which browser is told something, when, and how much of it; not what.
"""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
# Of P-256, which private keys are smaller than (SEC 2, 2.4.2).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SALT_BYTES = 16
AUTH_BYTES = 16
RECORD_SIZE = 4096
# Behind the last record's text (RFC 8188, 2).
_END = b"\x02"
# A little more than the longest message: all look alike to who carries them.
PADDED_BYTES = 512
# Push services take no signature that lives for more than a day.
LIFE = timedelta(hours=12)


class Voucher:
    """Signs for this installation, so that nobody else can send to its browsers."""

    def __init__(self, key: bytes) -> None:
        """The signing pair is derived from 32 secret bytes: there is no file of its own."""
        number = int.from_bytes(key, "big") % (_ORDER - 1) + 1
        self._private = ec.derive_private_key(number, CURVE)
        self.public = encoded(_point(self._private))

    def authorization(self, endpoint: str, contact: str, now: datetime) -> str:
        """The value of the header `Authorization` for a message to this endpoint."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + LIFE).timestamp()),
            "sub": contact,
        }
        signed = jwt.encode(claims, self._private, algorithm="ES256")
        return f"vapid t={signed}, k={self.public}"


def public_key(data: bytes) -> ec.EllipticCurvePublicKey:
    """A browser's key. Raises `ValueError` where it is no point of the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)


def sealed(
    text: bytes,
    receiver: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
    padded: int = PADDED_BYTES,
) -> bytes:
    """The text as only the browser with the key `receiver` and the secret `auth` can read it.

    Args:
        salt, sender: fresh ones for each message, unless a test says otherwise.
        padded: filled up to so many bytes.

    Raises:
        ValueError: `receiver` is no point of the curve.
    """
    salt = salt or os.urandom(SALT_BYTES)
    sender = sender or ec.generate_private_key(CURVE)
    own = _point(sender)
    shared = sender.exchange(ec.ECDH(), public_key(receiver))
    secret = _derived(shared, auth, b"WebPush: info\0" + receiver + own, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(own)]) + own
    filled = (text + _END).ljust(padded, b"\0")
    return header + AESGCM(key).encrypt(nonce, filled, None)


def encoded(data: bytes) -> str:
    """Base64 as browsers write it: for URLs, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes again. Raises `ValueError`."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
