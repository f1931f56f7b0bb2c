"""What a serving process does besides answering: telling people by push."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.push import sending
from attendance.webhooks.background import Sender


class PushSender(Sender):
    """Sends to browsers."""

    def __init__(self, parts: Services) -> None:
        super().__init__(parts, "push", sending.send_due, sending.AT_ONCE)
