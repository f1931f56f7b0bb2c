"""A student's pass: a QR code in the student's own page, for a kiosk, in place of the face.

It changes every half minute, and counts for as long again, so that a picture of it is soon worth
nothing.
"""

from __future__ import annotations

from datetime import datetime

from attendance.core.errors import PassInvalid
from attendance.core.settings import Settings
from attendance.crypto.keys import derived_key, signing_key
from attendance.crypto.tokens import NotGenuine, Signer

STEP_SECONDS = 30
BEGINNING = "pass:"


def made(settings: Settings, student: int, now: datetime) -> str:
    """The student's pass of this moment."""
    return BEGINNING + _signer(settings).sign([student, _step(now)])


def read(settings: Settings, text: str, now: datetime) -> int:
    """Whose pass it is, by table id.

    Raises:
        PassInvalid: it is not from this server, or is too old.
    """
    try:
        student, step = _signer(settings).read(text.removeprefix(BEGINNING))
    except (NotGenuine, ValueError):
        raise PassInvalid from None
    if not _step(now) - 1 <= step <= _step(now):
        raise PassInvalid
    return int(student)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _signer(settings: Settings) -> Signer:
    return Signer(derived_key(signing_key(settings), "pass"), "pass")
