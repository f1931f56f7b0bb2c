"""Who hears of what people put right."""

from __future__ import annotations

from attendance.core.services import Services
from attendance.sessions import events
from attendance.web.events import emit, if_it_can_be_told
from database import Row, marks


@if_it_can_be_told
def list_replaced(parts: Services, row: Row) -> None:
    """Send the teacher the whole list of a session again."""
    with parts.database.read() as tx:
        listed = marks.of_session(tx, int(row["id"]), parts.clock.now())
    events.send_snapshot(parts, events.watchers_of(row["id"]), row, listed, with_code=True)
    events.counts_changed(parts, row)


def appeal_changed(row: Row, student: int, shown: Row) -> None:
    """Tell the teacher, and the student concerned, that an appeal was made or decided."""
    emit("appeal_changed", {"appeal": shown}, [f"teacher:{row['teacher']}", f"student:{student}"])
