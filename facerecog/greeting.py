"""How a recognizer and who asks it know each other, before anything else is read.

Both prove that they know the secret (HMAC-SHA-256 over both sides' random numbers and the
fingerprint of the certificate between them); neither says it. The fingerprint keeps somebody in
the middle, who has another certificate, from passing the proofs on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from . import framing

PROTOCOL = 1
LONGEST = 1024
"""Bytes of a message from somebody unknown."""
LONGEST_WELCOME = 64 * 1024
SHORTEST_SECRET = 16
"""Characters; shorter ones can be tried out by who has heard a greeting."""


class Unwelcome(Exception):
    """The two do not belong together; the message says why."""


@dataclass(frozen=True)
class Welcome:
    """What one side knows of the other after the greeting."""

    info: dict[str, Any]
    """Of the recognizer: what is in use."""
    client: str
    """Who asks: a name made up for as long as it runs."""


def server_context(certificate: str, key: str) -> ssl.SSLContext:
    """How a recognizer speaks TLS. Raises OSError or ssl.SSLError for wrong files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context


def pinned(stream: socket.socket, fingerprint: str) -> ssl.SSLSocket:
    """The stream in TLS with the one certificate that has this fingerprint.

    Raises:
        Unwelcome: it has another.
        OSError: TLS came to nothing.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # one certificate is right, whoever has signed it
    context.verify_mode = ssl.CERT_NONE
    secure = context.wrap_socket(stream)
    found = hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()
    if not hmac.compare_digest(found, fingerprint):
        secure.close()
        raise Unwelcome(
            f"its certificate has the fingerprint {found}, and FACE_FINGERPRINT says {fingerprint}"
        )
    return secure


def ask_in(
    stream: socket.socket, secret: bytes, fingerprint: str, client: str, seconds: float
) -> Welcome:
    """Greet a recognizer.

    Raises:
        Unwelcome: it or this side has another secret, or it is no recognizer of this version.
        OSError, framing.Misframed: the connection broke.
    """
    theirs = _read(stream, LONGEST, seconds)
    if theirs.get("facerecog") != PROTOCOL:
        raise Unwelcome("it speaks another version: install the same one on both hosts")
    mine = secrets.token_hex(32)
    proof = _proof(secret, "client", str(theirs.get("nonce")), mine, fingerprint)
    _say(stream, {"nonce": mine, "client": client, "proof": proof}, seconds)
    answer = _read(stream, LONGEST_WELCOME, seconds)
    expected = _proof(secret, "server", str(theirs.get("nonce")), mine, fingerprint)
    if not hmac.compare_digest(str(answer.get("proof")), expected):
        raise Unwelcome("it has another secret: FACE_SECRET must be the same on both hosts")
    return Welcome(dict(answer["info"]), client)


def let_in(
    stream: socket.socket, secret: bytes, fingerprint: str, info: dict[str, Any], seconds: float
) -> Welcome:
    """Greet who wants to ask.

    Raises:
        Unwelcome: whoever it is does not know the secret; that has been said.
        OSError, framing.Misframed: the connection broke.
    """
    mine = secrets.token_hex(32)
    _say(stream, {"facerecog": PROTOCOL, "nonce": mine}, seconds)
    answer = _read(stream, LONGEST, seconds)
    theirs = str(answer.get("nonce"))
    expected = _proof(secret, "client", mine, theirs, fingerprint)
    if not hmac.compare_digest(str(answer.get("proof")).encode(), expected.encode()):
        _say(stream, {"error": "secret"}, seconds)
        raise Unwelcome("somebody without the secret")
    proof = _proof(secret, "server", mine, theirs, fingerprint)
    _say(stream, {"proof": proof, "info": info}, seconds)
    return Welcome(info, str(answer.get("client"))[:64])


def _proof(secret: bytes, side: str, server: str, client: str, fingerprint: str) -> str:
    said = json.dumps([PROTOCOL, side, server, client, fingerprint]).encode()
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


def _say(stream: socket.socket, words: dict[str, Any], seconds: float) -> None:
    framing.send(stream, json.dumps(words).encode(), seconds)


def _read(stream: socket.socket, longest: int, seconds: float) -> dict[str, Any]:
    message = framing.receive(stream, longest, seconds)
    if message is None:
        raise framing.Misframed("the other side ended before it greeted")
    try:
        words = json.loads(message)
    except ValueError as error:
        raise framing.Misframed("the other side greets in another language") from error
    if not isinstance(words, dict):
        raise framing.Misframed("the other side greets in another language")
    return words
