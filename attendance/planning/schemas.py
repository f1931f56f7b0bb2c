"""Requests and responses of planned sessions and calendar feeds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from attendance.courses.schemas import CourseName, Day, PeriodQuery
from attendance.web.schemas import In, Out, RowId, Text80, Text200, TextIn

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7)]
Exceptions = Annotated[list[Day], Field(max_length=366)]


class PlanIn(In):
    """A weekly pattern; days and times are those of the course's zone."""

    days: Weekdays
    start_time: ClockTime = Field(description="HH:MM, local time.")
    duration_minutes: int = Field(ge=1, le=1440)
    first_day: Day = Field(alias="from")
    last_day: Day = Field(alias="to", description="Included.")
    exceptions: Exceptions = Field([], description="Days on which it does not take place.")
    subject: Text200 | None = Field(None, description="Unset: the course's name.")
    section: Text80 | None = Field(None, description="Unset: the course's section.")
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    automatic: bool = Field(False, description="Whether it opens and closes by itself.")


class PlanPatchIn(In):
    """What changes; sessions that were held stay as they were."""

    days: Weekdays | None = None
    start_time: ClockTime | None = None
    duration_minutes: int | None = Field(None, ge=1, le=1440)
    first_day: Day | None = Field(None, alias="from")
    last_day: Day | None = Field(None, alias="to")
    exceptions: Exceptions | None = None
    subject: Text200 | None = None
    section: Text80 | None = None
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    automatic: bool | None = None


class PlanPath(TextIn):
    """Which plan."""

    plan_id: RowId


class StartPlannedIn(In):
    """Which day of the plan."""

    day: Day


class PlannedQuery(PeriodQuery):
    """From which day to which; unset: today, in each course's zone."""


class Plan(Out):
    """A weekly pattern."""

    id: int
    course_id: int
    timezone: str
    days: list[Weekday]
    start_time: str
    duration_minutes: int
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    exceptions: list[date]
    subject: str
    section: str | None
    late_after_minutes: int | None
    automatic: bool


class PlanOut(Out):
    """A weekly pattern."""

    plan: Plan


class PlansOut(Out):
    """The weekly patterns of a course."""

    plans: list[Plan]


class Planned(Out):
    """One planned session."""

    plan_id: int
    course: CourseName
    subject: str
    section: str | None
    day: date
    timezone: str
    starts_at: datetime
    ends_at: datetime
    automatic: bool
    session_id: int | None
    state: Literal["planned", "due", "missed", "open", "locked", "ended"] = Field(
        description="`due`: it should be running and nobody has opened it; `missed`: nobody did."
    )


class PlannedOut(Out):
    """Planned sessions by time."""

    planned: list[Planned]
