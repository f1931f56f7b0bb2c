"""Requests and responses of rules about absences, and of what they found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from attendance.core.zones import Weekday
from attendance.courses.schemas import CourseName
from attendance.notices.judging import BELOW, UNEXPLAINED, WITHIN_DAYS, Kind
from attendance.web.schemas import (
    In,
    Out,
    RowId,
    Text200,
    TextIn,
)

Whom = Literal["student", "teacher", "tutor", "guardian", "webhook"]
Language = Literal["en", "de", "fr", "ar"]
NoticeState = Literal["pending", "held", "sent", "failed", "cancelled"]


class NoticeStep(In):
    """Who is told, and how long after the incident began and was not corrected."""

    whom: list[Whom] = Field(min_length=1, max_length=5)
    after_hours: int = Field(0, ge=0, le=720)


class NoticeRuleIn(In):
    """A rule about absences."""

    name: Text200
    kind: Kind = Field(
        description="`below`: the percentage is under `amount`; `in_a_row`: the latest `amount` "
        "sessions were missed; `within_days`: `amount` sessions within `days` days; "
        "`unexplained`: a session of today, and nobody has said why."
    )
    amount: float | None = Field(None, gt=0, le=1000, validate_default=True)
    days: int | None = Field(None, ge=1, le=366, validate_default=True)
    steps: list[NoticeStep] = Field(min_length=1, max_length=5)
    hold_minutes: int = Field(
        15, ge=0, le=1440, description="A correction within these minutes ends it unseen."
    )
    most_people: int = Field(
        30,
        ge=1,
        le=10_000,
        description="Of more people within an hour somebody has to confirm that they are told.",
    )
    enabled: bool = True

    @field_validator("amount")
    @classmethod
    def _amount_fits(cls, value: float | None, info: ValidationInfo) -> float | None:
        kind = info.data.get("kind")
        if kind in (None, UNEXPLAINED):
            return None
        if value is None:
            raise PydanticCustomError("amount_missing", "A rule of this kind needs an `amount`.")
        if kind == BELOW and value > 100:
            raise PydanticCustomError("amount_too_large", "A percentage is at most 100.")
        if kind != BELOW and value != int(value):
            raise PydanticCustomError("amount_not_whole", "Sessions are counted in whole numbers.")
        return value

    @field_validator("days")
    @classmethod
    def _days_fit(cls, value: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("kind") != WITHIN_DAYS:
            return None
        if value is None:
            raise PydanticCustomError("days_missing", "A rule of this kind needs `days`.")
        return value


class NoticeRulePath(TextIn):
    """Which rule."""

    rule: RowId


class NoticeStepShown(Out):
    """Who is told, and after how many hours."""

    whom: list[Whom]
    after_hours: int


class NoticeRule(Out):
    """A rule, and how many of its messages wait to be confirmed."""

    id: int
    name: str
    kind: Kind
    amount: float | None
    days: int | None
    steps: list[NoticeStepShown]
    hold_minutes: int
    most_people: int
    enabled: bool
    created_at: datetime
    held: int


class NoticeRuleOut(Out):
    """A rule."""

    rule: NoticeRule


class NoticeRulesOut(Out):
    """Every rule."""

    rules: list[NoticeRule]
    mail: bool = Field(description="Whether a mail server is set up.")


class NoticeTrialOut(Out):
    """To whom a rule would write, if it were new today."""

    students: int = Field(description="Of how many students it speaks.")
    people: int
    by: dict[str, int] = Field(description="How many people of each kind.")
    without_address: int = Field(description="Students of whom nobody could be written to.")
    held: bool = Field(description="Whether somebody would have to confirm it.")
    examples: list[str] = Field(description="Names of some of the students.")


class HeldIn(In):
    """Whether what waits is sent, or given up."""

    send: bool


class HeldOut(Out):
    """How many messages are sent now, or were given up."""

    released: int


class NoticesQuery(TextIn):
    """Which page of what was found."""

    before: RowId | None = Field(None, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=200)


class Notice(Out):
    """A message, and what became of it."""

    id: int
    step: int
    whom: Whom
    to: str | None = Field(description="The name of who is written to.")
    state: NoticeState
    due_at: datetime | None
    sent_at: datetime | None
    error: str | None


class IncidentRule(Out):
    """The rule that found it."""

    id: int
    name: str
    kind: Kind
    days: int | None


class IncidentStudent(Out):
    """Of whom it speaks."""

    id: int
    student_id: str
    name: str


class Incident(Out):
    """What a rule found, and who was told."""

    id: int
    rule: IncidentRule
    student: IncidentStudent
    course: CourseName
    day: str | None
    found: float
    began_at: datetime
    ended_at: datetime | None
    notices: list[Notice]


class IncidentsOut(Out):
    """A page of what rules found, newest first."""

    incidents: list[Incident]
    next: int | None = Field(description="Send as `before` for the next page; null: no more.")


# -- the weekly digest


class DigestIn(In):
    """Whether the caller is written to each week."""

    wanted: bool
    language: Language | None = Field(None, description="Unset: the school's, MAIL_LANGUAGE.")


class DigestOut(Out):
    """Whether the caller is written to each week, and when."""

    wanted: bool
    language: Language | None
    weekday: Weekday
    hour: int = Field(description="Of the school's clock.")
    timezone: str
    mail: bool = Field(description="Whether a mail server is set up; without one nothing is sent.")


class DigestLinkQuery(TextIn):
    """What stands in the link of a message."""

    token: Annotated[str, StringConstraints(max_length=500)]


class DigestStoppedOut(Out):
    """Nothing more is sent."""

    wanted: bool
