"""iCalendar as text (RFC 5545). No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

# RFC 5545, 3.1: octets of a line without its end.
LINE_OCTETS = 75
# How often a calendar program may look again.
REFRESH = "PT1H"


@dataclass(frozen=True)
class Event:
    """One entry. `uid` is the same as long as it is the same event."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    description: str = ""


def calendar(name: str, events: Iterable[Event], now: datetime) -> str:
    """The text of a calendar."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//attendance//attendance//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{_utc(now)}",
            f"DTSTART:{_utc(event.start)}",
            f"DTEND:{_utc(event.end)}",
            f"SUMMARY:{escaped(event.summary)}",
        ]
        if event.description:
            lines.append(f"DESCRIPTION:{escaped(event.description)}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """A TEXT value (3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never cut inside a character."""
    pieces, piece, room = [], "", LINE_OCTETS
    for character in line:
        octets = len(character.encode())
        if octets > room:
            pieces.append(piece)
            # the space at the beginning of the next line takes one
            piece, room = "", LINE_OCTETS - 1
        piece += character
        room -= octets
    return "\r\n ".join([*pieces, piece])


def _utc(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
