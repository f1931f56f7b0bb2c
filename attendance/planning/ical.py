"""iCalendar as text (RFC 5545), written by the icalendar library. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from icalendar import Calendar, vDuration, vText
from icalendar import Event as Entry

# How often a calendar program may look again.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Event:
    """One entry. `uid` is the same as long as it is the same event."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    description: str = ""
    sequence: int = 0
    """Higher whenever something of the event has changed."""
    is_cancelled: bool = False


def calendar(name: str, events: Iterable[Event], now: datetime) -> str:
    """The text of a calendar."""
    written = Calendar()
    written.add("version", "2.0")
    written.add("prodid", "-//attendance//attendance//EN")
    written.add("calscale", "GREGORIAN")
    written.add("method", "PUBLISH")
    # The library knows no types of names that begin with X.
    written.add("x-wr-calname", vText(name))
    written.add("refresh-interval", vDuration(REFRESH), {"value": "DURATION"})
    written.add("x-published-ttl", vDuration(REFRESH))
    for event in events:
        written.add_component(_entry(event, now))
    text: str = written.to_ical().decode()
    return text


def _entry(event: Event, now: datetime) -> Entry:
    entry = Entry()
    entry.add("uid", event.uid)
    entry.add("dtstamp", _utc(now))
    entry.add("dtstart", _utc(event.start))
    entry.add("dtend", _utc(event.end))
    entry.add("summary", event.summary)
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    if event.description:
        entry.add("description", event.description)
    return entry


def _utc(moment: datetime) -> datetime:
    """To the second, which is what iCalendar has."""
    return moment.astimezone(timezone.utc).replace(microsecond=0)
