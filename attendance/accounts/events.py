"""Who hears of what happens to accounts."""

from __future__ import annotations

from attendance.core.roles import PENDING
from attendance.core.services import Services
from attendance.web.events import emit, if_it_can_be_told
from database import teachers


@if_it_can_be_told
def teachers_waiting(parts: Services) -> None:
    """Tell the administrators how many teachers wait for approval."""
    with parts.database.read() as tx:
        rooms = [f"teacher:{number}" for number in teachers.active_administrators(tx)]
        waiting = teachers.count_in_state(tx, PENDING)
    emit("teacher_waiting", {"waiting": waiting}, rooms)
