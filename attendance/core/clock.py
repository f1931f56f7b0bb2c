"""The time, as the one thing that tests may replace."""

from __future__ import annotations

from datetime import datetime, timezone


class Clock:
    """The server's clock. Only its time counts, never a client's."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(timezone.utc)


def iso(moment: datetime | None) -> str | None:
    """UTC ISO 8601 with ``Z`` and microseconds, or None."""
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")[:-6] + "Z"
