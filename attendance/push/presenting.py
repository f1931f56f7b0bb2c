"""How the outside sees a browser that is told."""

from __future__ import annotations

from attendance.push.schemas import PushDevice
from database import Row


def device(row: Row) -> Row:
    """Without its endpoint and secret."""
    return PushDevice.shown(row, fingerprint=row["endpoint_hash"])
