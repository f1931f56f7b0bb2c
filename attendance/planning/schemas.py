"""Requests and responses of planned sessions and calendar feeds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from attendance.core.zones import Weekday
from attendance.courses.schemas import CourseName, Day, PeriodQuery
from attendance.web.schemas import In, Out, RowId, Text80, Text200, TextIn

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekdays = Annotated[list[Weekday], Field(min_length=1, max_length=7)]
Exceptions = Annotated[list[Day], Field(max_length=366)]


class Move(In):
    """A lesson that takes place on another day, or at another time."""

    day: Day = Field(description="The day that the pattern gives it.")
    to: Day = Field(description="The day on which it takes place.")
    start_time: ClockTime | None = Field(None, description="Unset: as always.")
    duration_minutes: int | None = Field(None, ge=1, le=1440, description="Unset: as always.")


Moves = Annotated[list[Move], Field(max_length=366)]
EveryWeeks = Annotated[int, Field(ge=1, le=8)]


class PlanIn(In):
    """A weekly pattern; days and times are those of the course's zone."""

    days: Weekdays
    start_time: ClockTime = Field(description="HH:MM, local time.")
    duration_minutes: int = Field(ge=1, le=1440)
    first_day: Day = Field(alias="from")
    last_day: Day = Field(alias="to", description="Included.")
    every_weeks: EveryWeeks = Field(
        1, description="2: every second week, beginning with that of the first day."
    )
    exceptions: Exceptions = Field([], description="Days on which it does not take place.")
    on_holidays: bool = Field(False, description="Whether it takes place in school holidays too.")
    moves: Moves = Field([], description="Lessons that take place on another day.")
    subject: Text200 | None = Field(None, description="Unset: the course's name.")
    section: Text80 | None = Field(None, description="Unset: the course's section.")
    room: Text80 | None = None
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    automatic: bool = Field(False, description="Whether it opens and closes by itself.")


class PlanPatchIn(In):
    """What changes; sessions that were held stay as they were."""

    days: Weekdays | None = None
    start_time: ClockTime | None = None
    duration_minutes: int | None = Field(None, ge=1, le=1440)
    first_day: Day | None = Field(None, alias="from")
    last_day: Day | None = Field(None, alias="to")
    every_weeks: EveryWeeks | None = None
    exceptions: Exceptions | None = None
    on_holidays: bool | None = None
    moves: Moves | None = None
    subject: Text200 | None = None
    section: Text80 | None = None
    room: Text80 | None = None
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    automatic: bool | None = None


class PlanPath(TextIn):
    """Which plan."""

    plan_id: RowId


class ChangeQuery(TextIn):
    """Whether to change it, or to say what would change."""

    dry_run: bool = False


class StartPlannedIn(In):
    """Which day of the plan."""

    day: Day


class PlannedQuery(PeriodQuery):
    """From which day to which; unset: today, in each course's zone."""


class MoveOut(Out):
    """A lesson that takes place on another day, or at another time."""

    day: date
    to: date
    start_time: str | None
    duration_minutes: int | None


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
    every_weeks: int
    exceptions: list[date]
    on_holidays: bool
    moves: list[MoveOut]
    subject: str
    section: str | None
    room: str | None
    late_after_minutes: int | None
    automatic: bool
    timetable_id: int | None = Field(
        description="The timetable that it is a lesson of; what is changed by hand stays so."
    )


class PlanOut(Out):
    """A weekly pattern."""

    plan: Plan


class PlanChange(Out):
    """A lesson ahead that changes; null: there was none, or there is none any more."""

    day: date
    before: datetime | None
    after: datetime | None


class PlanChangedOut(PlanOut):
    """A weekly pattern as it is, or would be, and what that changes from now on."""

    changes: list[PlanChange]


class PlansOut(Out):
    """The weekly patterns of a course."""

    plans: list[Plan]


class Planned(Out):
    """One planned session."""

    plan_id: int
    course: CourseName
    subject: str
    section: str | None
    room: str | None
    day: date = Field(description="The day that the pattern gives it: its name in other calls.")
    moved: bool = Field(description="Whether it takes place on another day than that.")
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


class SchoolDaysIn(In):
    """A named stretch of days."""

    name: Text200
    first_day: Day = Field(alias="from")
    last_day: Day = Field(alias="to", description="Included.")


class SchoolDaysPath(TextIn):
    """Which term or holiday."""

    number: RowId


class PublicHolidaysIn(In):
    """Whose public holidays, and in which year."""

    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = Field(
        description="ISO 3166-1, for example DE."
    )
    subdivision: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9-]{1,6}$")] | None = Field(
        None, description="A part of the country, for example BY."
    )
    year: int = Field(ge=1970, le=2100)
    language: Annotated[str, StringConstraints(pattern="^[A-Za-z_-]{2,8}$")] | None = Field(
        None, description="In which language they are named; unset: the country's."
    )


class SchoolDays(Out):
    """A term or a holiday."""

    id: int
    name: str
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")


class TermOut(Out):
    """A term."""

    term: SchoolDays


class HolidayOut(Out):
    """A holiday."""

    holiday: SchoolDays


class SchoolCalendarOut(Out):
    """The terms and holidays of the school, by their first day."""

    terms: list[SchoolDays]
    holidays: list[SchoolDays]


class PublicHolidaysOut(Out):
    """What was added; days that stood there already are left out."""

    added: list[SchoolDays]


class Country(Out):
    """A country whose public holidays are known, and its parts."""

    code: str
    subdivisions: list[str]


class CountriesOut(Out):
    """Countries by code."""

    countries: list[Country]
