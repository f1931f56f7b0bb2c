"""What a serving process does besides answering: reading timetables again."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.timetables import refreshing
from attendance.webhooks.background import Sender


class TimetableReader(Sender):
    """Asks the addresses of timetables, one after the other."""

    def __init__(self, parts: Services) -> None:
        super().__init__(parts, "timetables", lambda parts, _pool: refreshing.run_due(parts), 1)
