"""Requests and responses of the school's reasons."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from attendance.core.statuses import Status
from attendance.web.schemas import In, Out, RowId, Text4, Text80, TextIn

Meaning = Literal["counted", "not_counted", "as_present"]
MEANING = (
    "What it means for percentages: `counted`, as the course counts the status; `not_counted`, "
    "the session is left out; `as_present`, as if the student had come in time."
)


class ReasonIn(In):
    """A reason of the school."""

    name: Text80
    code: Text4 = Field(description="What lists show that have room for a letter.")
    status: Status = Field(description="Which status it is a reason for; never changes.")
    meaning: Meaning = Field("counted", description=MEANING)


class ReasonChangeIn(In):
    """What is to be different; null or left out: what stays."""

    name: Text80 | None = None
    code: Text4 | None = None
    meaning: Meaning | None = Field(None, description=f"{MEANING} Marks so far count by it too.")
    retired: bool | None = Field(None, description="Nobody can choose it any more.")


class ReasonPath(TextIn):
    """Which reason."""

    number: RowId


class Reason(Out):
    """A reason of the school."""

    id: int
    name: str
    code: str
    status: Status
    meaning: Meaning = Field(description=MEANING)
    retired: bool


class ReasonOut(Out):
    """A reason of the school."""

    reason: Reason


class ReasonsOut(Out):
    """The reasons of the school, those in use first."""

    reasons: list[Reason]
