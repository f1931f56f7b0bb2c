"""What a rule finds in a student's attendance of a course. Pure functions.

The kinds: `below`, the percentage is under an amount; `in_a_row`, so many of the latest sessions
were missed; `within_days`, so many were missed within some days; `unexplained`, a session of a day
was missed, and nobody has said why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from attendance.core import zones
from attendance.core.statuses import ABSENT
from attendance.courses import percentages
from attendance.courses.percentages import Definitions
from database import Row

Kind = Literal["below", "in_a_row", "within_days", "unexplained"]
BELOW, IN_A_ROW, WITHIN_DAYS, UNEXPLAINED = "below", "in_a_row", "within_days", "unexplained"
NO_DAY = ""
# After so long nobody is reminded any more that an absence was not explained.
FORGOTTEN = timedelta(days=14)


@dataclass(frozen=True)
class Attended:
    """One student in one course: sessions first to last, with what each counts as, and the days
    that were explained."""

    zone: str
    definitions: Definitions
    held: Sequence[tuple[datetime, str]]
    explained: Sequence[tuple[str, str]] = ()
    # before so many sessions have counted, no percentage is judged
    least: int = 1


def day_of(rule: Row, now: datetime, zone: str) -> str:
    """The day that an incident that begins now is about."""
    return zones.day_of(now, zone).isoformat() if rule["kind"] == UNEXPLAINED else NO_DAY


def finding(rule: Row, one: Attended, day: str, now: datetime) -> str | None:
    """The figure that the rule speaks of, where it applies; None: it does not."""
    if rule["kind"] == BELOW:
        return _below(rule, one)
    if rule["kind"] == IN_A_ROW:
        row = percentages.absent_in_a_row([status for _, status in one.held], one.definitions)
        return str(row) if row >= rule["amount"] else None
    if rule["kind"] == WITHIN_DAYS:
        since = now - timedelta(days=int(rule["days"]))
        recent = Counter(status for at, status in one.held if at >= since)
        missed = percentages.absences(recent, one.definitions)
        return str(missed) if missed >= rule["amount"] else None
    return _unexplained(one, day, now)


def _below(rule: Row, one: Attended) -> str | None:
    share = percentages.share(Counter(status for _, status in one.held), one.definitions)
    if share.total < max(1, one.least) or share.tenths >= percentages.tenths(rule["amount"]):
        return None
    return str(share.percentage)


def _unexplained(one: Attended, day: str, now: datetime) -> str | None:
    if date.fromisoformat(day) < zones.day_of(now - FORGOTTEN, one.zone):
        return None
    if any(first <= day <= last for first, last in one.explained):
        return None
    missed = sum(
        status == ABSENT and zones.day_of(at, one.zone).isoformat() == day
        for at, status in one.held
    )
    return str(missed) if missed else None
