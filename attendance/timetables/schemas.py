"""Requests and responses of timetables."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from attendance.courses.schemas import CourseName
from attendance.timetables import comparing
from attendance.web.schemas import File, FormIn, Out, RowId, Text200, TextIn

Result = Literal[
    "new", "moved", "room_changed", "cancelled", "kept", "held", "unchanged", "rejected"
]
Reason = Literal[
    "unreadable",
    "all_day",
    "no_end",
    "too_long",
    "clock_change",
    "holiday",
    "planned_already",
]
How = Literal["chosen", "found", "unknown", "several", "left_out"]
assert set(comparing.RESULTS) == set(Result.__args__)  # type: ignore[attr-defined]


def _assigned(text: str) -> str:
    try:
        sent = json.loads(text)
    except ValueError:
        sent = None
    is_right = isinstance(sent, dict) and all(
        number is None or (isinstance(number, int) and not isinstance(number, bool) and number > 0)
        for number in sent.values()
    )
    if not is_right:
        raise ValueError("A JSON object of labels and ids of courses is needed.")
    return text


class TimetableQuery(TextIn):
    """Whether it is meant."""

    dry_run: bool = Field(False, description="Only say what would happen.")


class AgainForm(FormIn):
    """A newer file, where the timetable has no address, and choices."""

    file: File | None = None
    assigned: Annotated[str, AfterValidator(_assigned)] | None = Field(
        None,
        description="JSON: for what entries are called (`labels`), the id of their course, or null "
        "to leave them out. Remembered.",
    )


class TimetableForm(AgainForm):
    """An iCalendar file, or the https address of one."""

    name: Text200
    url: str | None = Field(None, description="Kept encrypted, and asked again by itself.")
    automatic: bool = Field(False, description="Whether its lessons open and close by themselves.")


class TimetablePath(TextIn):
    """Which timetable."""

    timetable_id: RowId


class Timetable(Out):
    """A timetable of another program."""

    id: int
    name: str
    host: str | None = Field(description="Of its address; null: a file's.")
    automatic: bool
    created_at: datetime
    read_at: datetime = Field(description="When it was last taken over.")
    checked_at: datetime = Field(description="When its address was last asked.")
    next_at: datetime | None = Field(description="When it is asked again by itself.")
    error: str | None = Field(
        description="The code of why it was not read again, or `held_back`: more than a third of "
        "its lessons would have fallen out."
    )


class ListedTimetable(Timetable):
    """A timetable, and how much came of it."""

    lessons: int = Field(description="How many lessons are planned through it, or were.")


class TimetablesOut(Out):
    """The caller's timetables."""

    timetables: list[ListedTimetable]


class SlotOut(Out):
    """When and where a lesson is."""

    starts_at: datetime
    ends_at: datetime
    room: str | None


class TimetableChange(Out):
    """What becomes of one lesson."""

    result: Result
    reason: Reason | None = Field(description="Why it is rejected.")
    label: str | None = Field(description="What the calendar calls it.")
    course: CourseName | None
    timezone: str | None
    before: SlotOut | None
    after: SlotOut | None = Field(
        description="As the timetable has it now; with `kept` and `held`, what was left alone."
    )


class TimetableLabel(Out):
    """What some entries are called, and the course that they are taken for."""

    label: str
    lessons: int
    course: CourseName | None
    how: How = Field(description="`several`: more than one course fits; `unknown`: none.")


class TimetableCourse(CourseName):
    """A course that may be chosen."""

    section: str | None


class TimetableCounts(Out):
    """How many lessons had each result."""

    new: int
    moved: int
    room_changed: int
    cancelled: int
    kept: int = Field(description="Changed by hand, and left so.")
    held: int = Field(description="Held already, and left so, although the timetable differs.")
    unchanged: int
    rejected: int


class TimetableDoneOut(Out):
    """What was taken over, or would be."""

    dry_run: bool
    timetable: Timetable | None
    until: datetime = Field(description="How far ahead was looked.")
    counts: TimetableCounts
    changes: list[TimetableChange] = Field(
        description="By time, without what is unchanged; the first 500."
    )
    more: int = Field(description="How many changes are left out.")
    labels: list[TimetableLabel]
    courses: list[TimetableCourse] = Field(description="Those that may be chosen, by code.")
