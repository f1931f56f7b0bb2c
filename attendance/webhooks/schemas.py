"""Requests and responses of the calls under /admin/webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from attendance.web.schemas import In, Out, RowId, TextIn
from attendance.webhooks import outbound


def _url(value: str) -> str:
    try:
        outbound.parsed(value)
    except ValueError as error:
        raise PydanticCustomError("url", "{reason}", {"reason": str(error)}) from None
    return value


Event = Literal[
    "session_stopped",
    "session_discarded",
    "session_restored",
    "attendance_marked",
    "student_deleted",
    "student_notice",
]


class WebhookIn(In):
    """Which events are posted to which URL."""

    url: Annotated[str, StringConstraints(max_length=1000), AfterValidator(_url)]
    events: list[Event] = Field(min_length=1)


class WebhookPatchIn(In):
    """On or off."""

    enabled: bool


class WebhookPath(TextIn):
    """Which webhook."""

    webhook_id: RowId


class Webhook(Out):
    """A webhook, without its secret."""

    id: int
    url: str
    events: list[str]
    enabled: bool
    created_at: datetime


class WebhookOut(Out):
    """A webhook."""

    webhook: Webhook


class WebhookCreatedOut(WebhookOut):
    """The new webhook and its secret, shown only this once."""

    secret: str = Field(description="In the form of standardwebhooks.com: whsec_ and base64.")


class WebhooksOut(Out):
    """Every webhook."""

    webhooks: list[Webhook]


class PingOut(Out):
    """The message that was queued."""

    delivery_id: int


class DeliveriesQuery(TextIn):
    """Which deliveries."""

    before: RowId | None = Field(None, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=500)


class Delivery(Out):
    """A message, and the state of its delivery."""

    id: int
    event: str
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    status: int | None = Field(description="HTTP status of the last response.")
    error: str | None
    created_at: datetime
    next_at: datetime | None = Field(description="When it will be attempted next.")
    delivered_at: datetime | None
    about: dict[str, int | str] = Field(
        description="Ids of the session and student that it tells of, or a deleted one's number."
    )


class DeliveriesOut(Out):
    """Deliveries, newest first."""

    deliveries: list[Delivery]
    next: int | None = Field(description="Send as `before` for the next page; null: no more.")
