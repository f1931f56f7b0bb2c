"""Requests and responses of the calls under /student/push."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from attendance.crypto import web_push
from attendance.web.schemas import In, Out, RowId, Text80, TextIn


def _receiver(value: str) -> str:
    try:
        web_push.public_key(web_push.decoded(value))
    except ValueError:
        raise PydanticCustomError("push_key", "This is no key of a browser's.") from None
    return value


def _auth(value: str) -> str:
    try:
        right = len(web_push.decoded(value)) == web_push.AUTH_BYTES
    except ValueError:
        right = False
    if not right:
        raise PydanticCustomError("push_key", "This is no secret of a browser's.")
    return value


def _address(value: str) -> str:
    if any(ord(character) <= 32 or ord(character) >= 127 for character in value):
        raise PydanticCustomError("push_service", "This is no address of a push service.")
    return value


class PushKeysIn(In):
    """What messages to the browser are sealed with, base64 for URLs."""

    p256dh: Annotated[str, StringConstraints(max_length=88), AfterValidator(_receiver)]
    auth: Annotated[str, StringConstraints(max_length=24), AfterValidator(_auth)]


class PushIn(In):
    """A subscription as `PushSubscription.toJSON` gives it, and a name for the device."""

    endpoint: Annotated[
        str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_address)
    ]
    keys: PushKeysIn
    name: Text80 = "Browser"


class PushPath(TextIn):
    """Which device."""

    device: RowId


class PushDevice(Out):
    """A browser that is told."""

    id: int
    name: str
    fingerprint: str = Field(description="SHA-256 of its endpoint, by which it knows itself.")
    created_at: datetime
    used_at: datetime | None = Field(description="When something was sent to it last.")


class PushDeviceOut(Out):
    """The browser that was added."""

    device: PushDevice


class PushOut(Out):
    """Whether anything is sent, what to subscribe with, and who is told already."""

    enabled: bool
    key: str = Field(description="`applicationServerKey` for `pushManager.subscribe`.")
    devices: list[PushDevice]
