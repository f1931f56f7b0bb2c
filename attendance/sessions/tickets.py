"""QR tickets and what follows from them: tickets, reservations, join tokens. No I/O.

A ticket says "session S, step T" with a truncated HMAC-SHA256 (RFC 2104). The step is the
server's time divided by the interval, so every screen shows the same code without any state, and
a ticket is worthless two steps later. Its form is as short as a QR code on a wall wants it. A scan
exchanges it for a reservation of some minutes, and a signed-in student exchanges that (or a typed
code) for a join token bound to student and session; both are signed values.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import qrcode
from qrcode.image.pil import PilImage

from attendance.crypto.tokens import NotGenuine, Signer

# A scan may take as long as one code is shown, so the one before still counts.
ACCEPTED_STEPS = 2
MAC_BYTES = 10
# In which a browser keeps its reservation.
RESERVATION_COOKIE = "join_reservation"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# How reservations and join tokens looked up to version 1.0.0: with 80 bits at their end.
_FORMER = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{14}")


class TicketInvalid(Exception):
    """Not a ticket or token of this server."""


class TokenOutdated(TicketInvalid):
    """It looks as if an earlier version gave it out; such signatures are no longer read."""


class TicketExpired(Exception):
    """It was right once; `session_id` tells for which session."""

    def __init__(self, session_id: int) -> None:
        super().__init__("the ticket is too old")
        self.session_id = session_id


@dataclass(frozen=True)
class Join:
    """What a join token says: this student may mark in this session, and how he or she came."""

    session_id: int
    student: int
    method: str
    expires_at: datetime


@dataclass(frozen=True)
class Reservation:
    """What a scanned ticket was exchanged for."""

    id: str
    session_id: int
    expires_at: datetime


@dataclass(frozen=True)
class Challenge:
    """What a student is asked to show, in this order. `id` is its sealed text."""

    id: str
    number: str
    session_id: int
    student: int
    steps: list[str]
    issued_at: datetime
    expires_at: datetime

    @property
    def seconds(self) -> int:
        """How long it counts."""
        return int((self.expires_at - self.issued_at).total_seconds())


class Tickets:
    """Makes and reads tickets, reservations and join tokens with one secret key."""

    def __init__(self, key: bytes, step_seconds: int, join_minutes: int) -> None:
        self._key = key
        self._reservations = Signer(key, "reservation")
        self._joins = Signer(key, "join")
        self._devices = Signer(key, "device")
        self._challenges = Signer(key, "challenge")
        self.step_seconds = step_seconds
        self.life = timedelta(minutes=join_minutes)

    def step(self, now: datetime) -> int:
        """The number of the present step."""
        return int(now.timestamp() // self.step_seconds)

    def next_change(self, now: datetime) -> datetime:
        """When the code will change."""
        end = (self.step(now) + 1) * self.step_seconds
        return datetime.fromtimestamp(end, tz=now.tzinfo)

    def ticket(self, session_id: int, now: datetime) -> str:
        """The ticket to show now: capital letters, digits and hyphens (small QR codes)."""
        return self._ticket(session_id, self.step(now))

    def read_ticket(self, ticket: str, now: datetime) -> int:
        """The session that the ticket is for.

        Raises:
            TicketInvalid: forged or damaged, or from the future.
            TicketExpired: older than two steps.
        """
        parts = ticket.strip().upper().split("-")
        try:
            session_id, step = int(parts[0], 36), int(parts[1], 36)
            genuine = hmac.compare_digest(
                self._ticket(session_id, step).encode(), "-".join(parts).encode()
            )
        except (ValueError, IndexError):
            raise TicketInvalid from None
        if not genuine or step > self.step(now):
            raise TicketInvalid
        if step <= self.step(now) - ACCEPTED_STEPS:
            raise TicketExpired(session_id)
        return session_id

    def reserve(self, session_id: int, now: datetime) -> tuple[str, Reservation]:
        """A reservation and its sealed text, for the cookie."""
        reservation = Reservation(secrets.token_hex(16), session_id, now + self.life)
        sealed = self._reservations.sign(
            [reservation.id, session_id, reservation.expires_at.timestamp()]
        )
        return sealed, reservation

    def read_reservation(self, sealed: str, now: datetime) -> Reservation:
        """The reservation of a sealed text.

        Raises:
            TicketInvalid, TokenOutdated, TicketExpired: see there.
        """
        reservation_id, session_id, expires = _read(self._reservations, sealed)
        expires_at = datetime.fromtimestamp(expires, tz=now.tzinfo)
        if expires_at <= now:
            raise TicketExpired(session_id)
        return Reservation(reservation_id, session_id, expires_at)

    def join_token(
        self, session_id: int, student: int, method: str, now: datetime
    ) -> tuple[str, datetime]:
        """A join token and the time until which it counts."""
        expires_at = now + self.life
        token = self._joins.sign([session_id, student, method, expires_at.timestamp()])
        return token, expires_at

    def read_join_token(self, token: str) -> Join:
        """What the join token says. Expired ones are read too: see `Join.expires_at`.

        Raises:
            TicketInvalid: not a join token of this server.
            TokenOutdated: see there.
        """
        session_id, student, method, expires = _read(self._joins, token)
        return Join(session_id, student, method, datetime.fromtimestamp(expires, tz=timezone.utc))

    def challenge(
        self, session_id: int, student: int, steps: Sequence[str], now: datetime, life: timedelta
    ) -> Challenge:
        """A new challenge of these steps."""
        number, expires_at = secrets.token_hex(16), now + life
        sealed = self._challenges.sign(
            [number, session_id, student, list(steps), now.timestamp(), expires_at.timestamp()]
        )
        return Challenge(sealed, number, session_id, student, list(steps), now, expires_at)

    def read_challenge(self, sealed: str) -> Challenge:
        """The challenge of a sealed text; one that has expired is read too.

        Raises:
            TicketInvalid: not of this server.
        """
        try:
            number, session_id, student, steps, *times = self._challenges.read(sealed)
        except NotGenuine:
            raise TicketInvalid from None
        issued, expires = (datetime.fromtimestamp(at, tz=timezone.utc) for at in times)
        return Challenge(sealed, number, session_id, student, steps, issued, expires)

    def new_device(self) -> str:
        """A name for a browser, sealed for its cookie."""
        return self._devices.sign([secrets.token_hex(16)])

    def read_device(self, sealed: str | None) -> str | None:
        """The name of the browser that has this cookie; None: it has none of this server."""
        try:
            return str(self._devices.read(sealed or "")[0])
        except NotGenuine:
            return None

    def _ticket(self, session_id: int, step: int) -> str:
        mac = self._mac("ticket", f"{session_id}-{step}".encode())
        return "-".join(
            [_base36(session_id), _base36(step), base64.b32encode(mac).decode().rstrip("=")]
        )

    def _mac(self, purpose: str, message: bytes) -> bytes:
        return hmac.new(self._key, purpose.encode() + b"\0" + message, hashlib.sha256).digest()[
            :MAC_BYTES
        ]


def _read(signer: Signer, text: str) -> list[Any]:
    try:
        return signer.read(text)
    except NotGenuine:
        raise (TokenOutdated if _FORMER.fullmatch(text) else TicketInvalid) from None


def png(text: str, box_size: int = 10) -> bytes:
    """The text as a QR code, a PNG with `box_size` pixels per module and the quiet zone of 4."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=box_size, border=4
    )
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image(image_factory=PilImage).save(out, format="PNG")
    return out.getvalue()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
