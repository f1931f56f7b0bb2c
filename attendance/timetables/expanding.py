"""A program of its own that reads an iCalendar file and says each of its lessons, with little time
and memory, for `attendance/spreadsheets/apart.py`.

Takes the file on standard input, and as arguments the first and the last moment (ISO 8601 with a
zone) and how many lessons there may be. Writes lines of JSON: a lesson, an entry that cannot be
read (`broken`), or why the whole file is `refused`. Started by its path, so that it loads two
libraries and nothing of the application.
"""

import json
import re
import runpy
import sys
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

LIMITS = Path(__file__).resolve().parent.parent / "spreadsheets" / "unpacking.py"
TOO_LARGE = 3
UNREADABLE, TOO_DENSE, TOO_MANY = "unreadable", "too_dense", "too_many"
# Lessons do not begin every hour of day and night; a rule that does so has millions of them.
DENSE = re.compile(rb"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(SECOND|MINUTE|HOUR)=", re.IGNORECASE)
RULE = re.compile(rb"^(RRULE|EXRULE)[;:].*$", re.IGNORECASE | re.MULTILINE)


def lines_of(data: bytes, first: datetime, last: datetime, most: int) -> Iterator[dict[str, Any]]:
    """What there is to say of a file."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data)
    if any(DENSE.search(rule.group()) for rule in RULE.finditer(unfolded)):
        yield {"refused": TOO_DENSE}
        return
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(data, multiple=True)
        series = [one for calendar in calendars for one in _series(calendar)]
    except (ValueError, KeyError, IndexError, AttributeError):
        calendars, series = [], []
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        yield {"refused": UNREADABLE}
        return
    for uid, calendar in series:
        for line in _lessons(uid, calendar, first, last):
            most -= 1
            if most < 0:
                yield {"refused": TOO_MANY}
                return
            yield line


def _series(calendar: Any) -> Iterator[tuple[str, Any]]:
    """Each event with the changes of its occurrences, as a calendar."""
    from icalendar import Calendar

    found: dict[str, Any] = {}
    for number, event in enumerate(calendar.walk("VEVENT")):
        uid = str(event.get("UID", "")) or f"{number}"
        if uid not in found:
            found[uid] = Calendar()
            if "X-WR-TIMEZONE" in calendar:
                found[uid].add("X-WR-TIMEZONE", calendar["X-WR-TIMEZONE"])
        found[uid].add_component(event)
    yield from found.items()


def _lessons(uid: str, calendar: Any, first: datetime, last: datetime) -> Iterator[dict[str, Any]]:
    import recurring_ical_events

    try:
        found = recurring_ical_events.of(calendar).between(first, last)
        is_series = any("RRULE" in one or "RDATE" in one for one in calendar.walk("VEVENT"))
        told = [_told(uid, event, is_series) for event in found]
    except Exception as error:  # whatever the libraries meet in a broken entry
        event = calendar.subcomponents[0]
        told = [{"broken": type(error).__name__, "summary": str(event.get("SUMMARY", ""))[:200]}]
    yield from told


def _told(uid: str, event: Any, is_series: bool) -> dict[str, Any]:
    starts, ends = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    which = event.get("RECURRENCE-ID") if is_series else None
    categories = event.get("CATEGORIES", [])
    lists = categories if isinstance(categories, list) else [categories]
    return {
        "uid": uid,
        "which": _text(which.dt) if which is not None else "",
        "all_day": not isinstance(starts, datetime),
        "floating": isinstance(starts, datetime) and starts.tzinfo is None,
        "starts_at": _text(starts),
        "ends_at": _text(ends if ends is not None else starts),
        "summary": " ".join(str(event.get("SUMMARY", "")).split())[:200],
        "categories": [" ".join(str(name).split())[:200] for one in lists for name in one.cats][
            :20
        ],
        "location": " ".join(str(event.get("LOCATION", "")).split())[:80],
        "cancelled": str(event.get("STATUS", "")).upper() == "CANCELLED",
    }


def _text(moment: date) -> str:
    """A moment with a zone in UTC; others as they are."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc)
    return moment.isoformat()


def main(first: str, last: str, most: int) -> int:
    """Write what the file says; returns the exit status."""
    data = sys.stdin.buffer.read()
    runpy.run_path(str(LIMITS))["limit"]()
    span = datetime.fromisoformat(first), datetime.fromisoformat(last)
    try:
        for line in lines_of(data, *span, most):
            sys.stdout.write(json.dumps(line) + "\n")
    except MemoryError:
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
