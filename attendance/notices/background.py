"""What a serving process does besides answering: judging courses, and sending notices."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.notices import sending
from attendance.webhooks.background import Sender


class NoticeSender(Sender):
    """Sends notices of absences; a slow mail server keeps no webhook waiting."""

    def __init__(self, parts: Services) -> None:
        super().__init__(parts, "notices", lambda parts, _pool: sending.run_due(parts), 1)
