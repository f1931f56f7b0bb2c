"""Calendars as other programs write them."""

from __future__ import annotations

import io
import json
from typing import Any

from tests.conftest import Api, Person

HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//School//Timetable//EN")


def event(uid: str, starts: str, ends: str, *more: str, summary: str = "MA101") -> str:
    """An event; `starts` and `ends` are what follows the names of the properties."""
    lines = (f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART{starts}", f"DTEND{ends}")
    return "\r\n".join(("BEGIN:VEVENT", *lines, f"SUMMARY:{summary}", *more, "END:VEVENT"))


def berlin(uid: str, day: str, hour: int, *more: str, summary: str = "MA101") -> str:
    """An event of 45 minutes in Berlin."""
    zone = f";TZID=Europe/Berlin:{day}T{hour:02d}"
    return event(uid, f"{zone}0000", f"{zone}4500", *more, summary=summary)


def calendar(*events: str) -> bytes:
    return ("\r\n".join((*HEAD, *events, "END:VCALENDAR")) + "\r\n").encode()


def send(
    api: Api,
    by: Person,
    data: bytes | None,
    timetable: int | None = None,
    *,
    dry_run: bool = False,
    assigned: dict[str, int | None] | None = None,
    **fields: Any,
) -> Any:
    """The answer to an import of a new timetable, or of one that is known."""
    where = "/timetable" if timetable is None else f"/timetable/{timetable}"
    form = {"name": "School"} if timetable is None else {}
    form |= {name: str(value) for name, value in fields.items()}
    if data is not None:
        form["file"] = (io.BytesIO(data), "timetable.ics")  # type: ignore[assignment]
    if assigned is not None:
        form["assigned"] = json.dumps(assigned)
    path = f"{where}?dry_run={str(dry_run).lower()}"
    return api.call("POST", path, by, data=form, content_type="multipart/form-data")


def taken(answer: Any) -> dict[str, int]:
    """The counts that are not 0."""
    assert answer.status_code == 200, answer.text
    return {name: number for name, number in answer.json["counts"].items() if number}
