"""Who checked in and was never seen, and who was seen and did not check in.

A camera sees who sits in its picture. Only where it has looked for minutes and has seen most of
those who checked in does it mean something that it has not seen somebody; and then it is a reason
to look up, not a proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attendance.core import statuses
from database import Row, Transaction, cameras

LEAST_SECONDS = 120
MOST = 0.6
"""Part of those who checked in, and whom a camera may know, that it must have seen."""
UNSEEN, UNMARKED = "unseen", "unmarked"


@dataclass(frozen=True)
class Compared:
    """What the phones and the cameras say of one session. Everybody here agreed to cameras."""

    seconds: int
    is_enough: bool
    unseen: list[Row]
    unmarked: list[Row]

    @property
    def words(self) -> dict[str, str]:
        """`unseen` or `unmarked` by student number, for those who are either."""
        return {
            **{str(row["student_id"]): UNSEEN for row in self.unseen},
            **{str(row["student_id"]): UNMARKED for row in self.unmarked},
        }


NOTHING = Compared(0, False, [], [])


def compared(tx: Transaction, session: Mapping[str, Any]) -> Compared:
    """Compare one session's marks with whom its cameras saw."""
    return of_many(tx, {session["id"]: session["course"]}).get(session["id"], NOTHING)


def of_many(tx: Transaction, sessions: Mapping[int, int | None]) -> dict[int, Compared]:
    """The same for several sessions at once.

    Args:
        sessions: the course of each, by the session's id.

    Returns it by session; without those in which no camera has ever looked.
    """
    looked = cameras.seconds_of(tx, list(sessions))
    seen = _by_session(cameras.seen_in(tx, list(looked)))
    came = _by_session(cameras.came_in(tx, list(looked), (statuses.PRESENT, statuses.LATE)))
    courses = {sessions[session] for session in looked}
    galleries = {
        course: {int(row["id"]): row for row in cameras.gallery(tx, course)} for course in courses
    }
    return {
        session: _compared(
            seconds, galleries[sessions[session]], seen.get(session, {}), came.get(session, {})
        )
        for session, seconds in looked.items()
    }


def _compared(
    seconds: int, gallery: Mapping[int, Row], seen: Mapping[int, Row], came: Mapping[int, Row]
) -> Compared:
    known = [number for number in came if number in gallery]
    share = sum(number in seen for number in known) / len(known) if known else 0.0
    is_enough = seconds >= LEAST_SECONDS and share >= MOST
    by_phone = [
        number
        for number in known
        if number not in seen and came[number]["method"] != statuses.CAMERA
    ]
    return Compared(
        seconds,
        is_enough,
        [gallery[number] for number in sorted(by_phone)] if is_enough else [],
        [gallery[number] for number in sorted(seen) if number in gallery and number not in came],
    )


def _by_session(rows: Sequence[Row]) -> dict[int, dict[int, Row]]:
    found: dict[int, dict[int, Row]] = {}
    for row in rows:
        found.setdefault(int(row["session"]), {})[int(row["student"])] = row
    return found
