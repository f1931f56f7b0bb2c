"""What an iCalendar file says: its lessons from now to the end of what is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from attendance.core.errors import (
    RecurrenceTooDense,
    TableUnreadable,
    TimetableTooLarge,
    TimetableUnreadable,
)
from attendance.spreadsheets import apart
from attendance.timetables import expanding

PROGRAM = Path(expanding.__file__)
MOST_BYTES = 1_000_000
MOST_LESSONS = 10_000
_REFUSED = {
    expanding.UNREADABLE: TimetableUnreadable,
    expanding.TOO_DENSE: RecurrenceTooDense,
    expanding.TOO_MANY: TimetableTooLarge,
}


@dataclass(frozen=True)
class Source:
    """What was read, and from where: an address, or a file (None)."""

    data: bytes
    url: str | None = None
    etag: str | None = None
    modified: str | None = None


def lines(data: bytes, first: datetime, last: datetime) -> Iterator[dict[str, Any]]:
    """What `expanding` says of a file, line by line.

    Raises:
        TimetableUnreadable: it is no calendar.
        RecurrenceTooDense: an event recurs within an hour, or several times a day.
        TimetableTooLarge: it is larger, has more lessons, or takes more time than it may.
        Unavailable: other files are being read.
    """
    if len(data) > MOST_BYTES:
        raise TimetableTooLarge
    span = first.isoformat(), last.isoformat()
    try:
        with closing(apart.told(PROGRAM, data, *span, str(MOST_LESSONS))) as told:
            for line in told:
                if "refused" in line:
                    raise _REFUSED[line["refused"]]
                yield line
    except TableUnreadable:  # it took more time or memory than it may
        raise TimetableTooLarge from None
