"""Who checked in and was never seen, and who was seen and did not check in.

A camera sees who sits in its picture. Only where it has looked for minutes and has seen most of
those who checked in does it mean something that it has not seen somebody; and then it is a reason
to look up, not a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from attendance.core import statuses
from database import Row, Transaction, cameras, marks
from database.rows import SessionRow

LEAST_SECONDS = 120
MOST = 0.6
"""Part of those who checked in, and whom a camera may know, that it must have seen."""


@dataclass(frozen=True)
class Compared:
    """What the phones and the cameras say of one session. Everybody here agreed to cameras."""

    seconds: int
    is_enough: bool
    unseen: list[Row]
    unmarked: list[Row]


def compared(tx: Transaction, session: SessionRow, now: datetime) -> Compared:
    """Compare the session's marks with whom its cameras saw."""
    session_id = session["id"]
    gallery = {row["student_id"]: row for row in cameras.gallery(tx, session["course"])}
    seen = {row["student_id"]: row for row in cameras.seen_in(tx, session_id)}
    listed = {
        row["student_id"]: row
        for row in marks.of_session(tx, session_id, now)
        if row["status"] in (statuses.PRESENT, statuses.LATE)
    }
    known = [number for number in listed if number in gallery]
    kept = cameras.of_session(tx, session_id)
    seconds = int(kept["seconds"]) if kept else 0
    share = sum(number in seen for number in known) / len(known) if known else 0.0
    is_enough = seconds >= LEAST_SECONDS and share >= MOST
    by_phone = [
        number for number in known if number not in seen and listed[number]["method"] != "camera"
    ]
    return Compared(
        seconds,
        is_enough,
        [gallery[number] for number in sorted(by_phone)] if is_enough else [],
        [seen[number] for number in sorted(seen) if number in gallery and number not in listed],
    )
