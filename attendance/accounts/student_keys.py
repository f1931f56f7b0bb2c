"""Without a face: a passkey of the student's own phone, or a PIN.

A passkey (WebAuthn) signs what the server drew; what unlocks it, a finger or a face, stays on the
phone. A PIN is hashed like a password. Neither says who holds the phone: that is why both come with
a scan in the room.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from attendance.core.audit import By
from attendance.core.errors import LoginFailed, PasskeyInvalid, PinWrong
from attendance.core.services import Services
from attendance.crypto.tokens import NotGenuine, Signer
from database import Row, Transaction, UniqueViolation, student_keys, tokens
from database.rows import StudentRow

LIFE = timedelta(minutes=5)
MOST_PASSKEYS = 5
PIN_FAILURES_PER_HOUR = 10
CHALLENGE_BYTES = 32
REGISTER, MARK = "register", "mark"


@dataclass(frozen=True)
class Asked:
    """What a browser's `navigator.credentials` is given, and the sealed `state` to send back."""

    options: dict[str, Any]
    state: str


class Passkeys:
    """Draws challenges and reads the answers, with one secret key and without any table."""

    def __init__(self, key: bytes) -> None:
        self._signer = Signer(key, "passkey")

    def seal(self, purpose: str, student: int, about: int, challenge: bytes, now: datetime) -> str:
        """A challenge for this student and purpose; `about` is the session, or 0."""
        number, until = secrets.token_hex(16), (now + LIFE).timestamp()
        return self._signer.sign([number, purpose, student, about, challenge.hex(), until])

    def open(
        self, tx: Transaction, state: str, purpose: str, student: int, about: int, now: datetime
    ) -> bytes:
        """The challenge of a state, which is thereby used up. Raises `PasskeyInvalid`."""
        try:
            number, what, whose, of, challenge, until = self._signer.read(state)
        except (NotGenuine, ValueError):
            raise PasskeyInvalid from None
        if (what, whose, of) != (purpose, student, about):
            raise PasskeyInvalid
        expires_at = datetime.fromtimestamp(until, tz=timezone.utc)
        if expires_at <= now:
            raise PasskeyInvalid("That took too long. Try again.")
        if not tokens.use_once(tx, number, student, expires_at):
            raise PasskeyInvalid("This was answered already. Try again.")
        return bytes.fromhex(challenge)


def set_pin(parts: Services, student: StudentRow, pin: str, password: str, by: By) -> None:
    """Give the student a PIN. Raises `LoginFailed` where the password is wrong."""
    own = f"student:{student['id']}"
    parts.attempts.require_unspent("pin", own, PIN_FAILURES_PER_HOUR)
    if not parts.hashing.matches(password, student["password_hash"], own):
        parts.attempts.note_failure("pin", own, PIN_FAILURES_PER_HOUR)
        raise LoginFailed
    hashed = parts.hashing.hash(pin, own)
    now = parts.clock.now()
    with parts.database.write() as tx:
        student_keys.set_pin(tx, student["id"], hashed, now)
        by.note(tx, now, "pin.set", own)


def require_pin(parts: Services, student: int, pin: str) -> None:
    """Raises `PinWrong`, or `TooManyAttempts` after ten wrong ones within an hour."""
    own = f"student:{student}"
    parts.attempts.require_unspent("pin", own, PIN_FAILURES_PER_HOUR)
    with parts.database.read() as tx:
        hashed = student_keys.pin_hash(tx, student)
    if not parts.hashing.matches(pin, hashed, own):
        parts.attempts.note_failure("pin", own, PIN_FAILURES_PER_HOUR)
        raise PinWrong


def ask_to_register(parts: Services, student: StudentRow, base: str) -> Asked:
    """What a browser needs to make a passkey for the student, at this installation's address."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    with parts.database.read() as tx:
        known = student_keys.passkeys_of(tx, student["id"])
    options = generate_registration_options(
        rp_id=_host(base),
        rp_name=parts.settings.school_name or "Attendance",
        user_id=f"student:{student['id']}".encode(),
        user_name=student["student_id"],
        user_display_name=student["name"],
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(known),
    )
    state = parts.passkeys.seal(REGISTER, student["id"], 0, challenge, parts.clock.now())
    return Asked(json.loads(options_to_json(options)), state)


def register(
    parts: Services,
    student: StudentRow,
    credential: dict[str, Any],
    state: str,
    name: str,
    base: str,
    by: By,
) -> Row:
    """Keep the public key of a passkey that a browser has made. Raises `PasskeyInvalid`."""
    now = parts.clock.now()
    with parts.database.write() as tx:
        challenge = parts.passkeys.open(tx, state, REGISTER, student["id"], 0, now)
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(base),
            expected_origin=_origin(base),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise PasskeyInvalid from None
    try:
        with parts.database.write() as tx:
            if len(student_keys.passkeys_of(tx, student["id"])) >= MOST_PASSKEYS:
                raise PasskeyInvalid(f"{MOST_PASSKEYS} passkeys are the most. Remove one first.")
            student_keys.add_passkey(
                tx,
                student["id"],
                credential=bytes_to_base64url(found.credential_id),
                credential_hash=hashlib.sha256(found.credential_id).hexdigest(),
                public_key=bytes_to_base64url(found.credential_public_key),
                sign_count=found.sign_count,
                name=name,
                now=now,
            )
            by.note(tx, now, "passkey.add", f"student:{student['id']}", new={"name": name})
            return student_keys.passkeys_of(tx, student["id"])[-1]
    except UniqueViolation:
        raise PasskeyInvalid("This passkey is known already.") from None


def ask_to_mark(parts: Services, student: int, session: int, base: str) -> Asked | None:
    """What a browser needs to sign a mark with a passkey; None: the student has none."""
    with parts.database.read() as tx:
        known = student_keys.passkeys_of(tx, student)
    if not known:
        return None
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = generate_authentication_options(
        rp_id=_host(base),
        challenge=challenge,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    state = parts.passkeys.seal(MARK, student, session, challenge, parts.clock.now())
    return Asked(json.loads(options_to_json(options)), state)


def require_passkey(
    parts: Services, student: int, session: int, answer: str, state: str, base: str
) -> None:
    """Whether a passkey of the student's has signed. Raises `PasskeyInvalid`."""
    now = parts.clock.now()
    with parts.database.write() as tx:
        challenge = parts.passkeys.open(tx, state, MARK, student, session, now)
        known = {row["credential"]: row for row in student_keys.passkeys_of(tx, student)}
    try:
        credential = json.loads(answer)
        own = known[credential["id"]]
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(base),
            expected_origin=_origin(base),
            credential_public_key=base64url_to_bytes(own["public_key"]),
            credential_current_sign_count=int(own["sign_count"]),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise PasskeyInvalid from None
    with parts.database.write() as tx:
        student_keys.used(tx, int(own["id"]), found.new_sign_count, now)


def _descriptors(known: list[Row]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(str(row["credential"])))
        for row in known
    ]


def _host(base: str) -> str:
    return urlsplit(base).hostname or "localhost"


def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"
