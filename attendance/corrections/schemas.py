"""Requests and responses of marks by hand, appeals and excuses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field, field_validator

from attendance.core.statuses import Status
from attendance.courses.schemas import CourseName, Day
from attendance.sessions.schemas import SCHOOL_REASON, AttendanceRow, SessionPath
from attendance.web.schemas import (
    File,
    FormIn,
    GivenNumber,
    In,
    Moment,
    Out,
    Reason,
    RowId,
    Text200,
    TextIn,
    in_order,
)

GIVEN_REASON = "One of the school's for this status (`GET /reasons`)."
EXCUSED_REASON = "One of the school's for `excused` (`GET /reasons`)."


class StandingPath(SessionPath):
    """Which student in which session."""

    student_id: GivenNumber


class MarkIn(In):
    """A status, and why."""

    status: Status
    remark: Text200 | None = None
    reason_id: RowId | None = Field(None, description=GIVEN_REASON)


class LeftIn(In):
    """When somebody left."""

    left_at: Moment | None = Field(description="null: not before the end.")


class MarkedOut(Out):
    """The student in the session's list."""

    attendance: AttendanceRow


class ClearQuery(TextIn):
    """Whether it is meant."""

    confirm: bool = False


class ClearedOut(Out):
    """How many marks were cleared; they can be restored."""

    cleared: int


class RestoredOut(Out):
    """How many marks were restored, and how many newer ones were kept instead."""

    restored: int
    kept: int


class RollCallChange(In):
    """A student's status, and why."""

    student_id: GivenNumber
    status: Status
    remark: Text200 | None = None
    reason_id: RowId | None = Field(None, description=GIVEN_REASON)


class RollCallIn(In):
    """Which students get which status; `rest` is for everybody in the course without a mark whom
    no apology excuses."""

    changes: list[RollCallChange] = Field(default_factory=list, max_length=1000)
    rest: Status | None = None


class RollCallOut(Out):
    """How many marks were changed, and what takes that back (null: nothing was changed)."""

    changed: int
    excused: int = Field(description="Whom `rest` left alone, since an apology excuses them.")
    undo: int | None


class UndoIn(In):
    """Which roll call."""

    undo: RowId


class UndoneOut(Out):
    """How many marks are as they were, and how many were left since they were changed again."""

    restored: int
    kept: int


# -- appeals


class AppealIn(In):
    """Why the refusal was wrong."""

    reason: Reason


class RefusedNow(Out):
    """How many students were refused in an open session and have no mark."""

    session_id: int
    subject: str
    students: int


class WaitingOut(Out):
    """How much waits for the caller."""

    appeals: int
    absences: int = Field(description="Requests to be excused.")
    join_requests: int
    refused: list[RefusedNow]
    teachers: int = Field(description="Who wait for approval; 0 for whoever may not approve.")


class AppealPath(TextIn):
    """Which appeal."""

    appeal_id: RowId


class AppealsQuery(TextIn):
    """Which appeals."""

    state: Literal["open", "accepted", "rejected"] | None = None


class DecideIn(In):
    """The decision, and the status that the student gets if it is accepted."""

    accepted: bool
    remark: Text200 | None = None
    status: Literal["present", "late", "excused"] = "present"
    reason_id: RowId | None = Field(
        None, description=f"{GIVEN_REASON} Only where the appeal is accepted."
    )


class Refusal(Out):
    """A refused attempt: the code of the problem, and when."""

    code: str
    refused_at: datetime


class Appeal(Out):
    """An appeal, and what was refused to the student in that session."""

    id: int
    session_id: int
    subject: str
    started_at: datetime
    timezone: str | None = Field(description="The course's zone; null: no course.")
    student_id: str
    name: str
    reason: str
    refusals: list[Refusal]
    state: Literal["open", "accepted", "rejected"]
    remark: str | None
    created_at: datetime
    decided_at: datetime | None
    marked_as: Status | None = Field(description="The student's mark as it is now; null: none.")
    marked_reason: str | None = Field(description="The mark's reason of the school.")


class AppealOut(Out):
    """An appeal."""

    appeal: Appeal


class AppealsOut(Out):
    """Appeals, oldest first."""

    appeals: list[Appeal]


# -- requests to be excused


class AbsenceIn(In):
    """Which days are meant, and why."""

    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(None, alias="to", description="Included; unset: one day.")
    reason: Reason

    _in_order = field_validator("last_day")(in_order)


class AbsencePath(TextIn):
    """Which request."""

    absence_id: RowId


class AbsenceQuery(TextIn):
    """For which reason it would be excused."""

    reason_id: RowId | None = Field(None, description=f"{EXCUSED_REASON} `excused` goes by it.")


class NoteForm(FormIn):
    """The picture of a note."""

    image: File = Field(description="JPEG, PNG or WebP, up to 10 MB.")


class AbsencesQuery(TextIn):
    """Which requests."""

    state: Literal["open", "decided"] | None = Field(
        None, description="`open`: something is left to decide, in what the caller sees."
    )


class AbsenceDecideIn(In):
    """The decision, and for which courses."""

    accepted: bool
    remark: Text200 | None = None
    reason_id: RowId | None = Field(None, description=f"{EXCUSED_REASON} Only with `accepted`.")
    course_ids: list[RowId] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Unset: every undecided one that the caller may decide for.",
    )


class AbsenceShare(Out):
    """Attended of held."""

    present: int
    total: int
    percentage: float


class AbsenceCourse(Out):
    """What a course has decided, and what the decision is about."""

    course: CourseName
    state: Literal["open", "accepted", "rejected"]
    remark: str | None
    reason_id: int | None = Field(description="The school's reason for which it was accepted.")
    decided_at: datetime | None
    missed: int = Field(description="Sessions on these days that count as absent now.")
    now: AbsenceShare
    excused: AbsenceShare = Field(description="How it would be if those were excused.")


class Absence(Out):
    """A student's request to be excused, and the courses that the caller sees of it."""

    id: int
    student_id: str
    name: str
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    reason: str
    note: bool = Field(description="Whether there is a picture of a note, for whoever decides.")
    created_at: datetime
    courses: list[AbsenceCourse]


class AbsenceOut(Out):
    """A request to be excused."""

    absence: Absence


class AbsencesOut(Out):
    """Requests to be excused, the newest first."""

    absences: list[Absence]


# -- excuses


class ExcuseIn(In):
    """Who is excused, on which days of the course's zone, and why."""

    student_id: GivenNumber
    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(None, alias="to", description="Included; unset: one day.")
    reason: Text200 | None = None
    reason_id: RowId | None = Field(None, description=EXCUSED_REASON)

    _in_order = field_validator("last_day")(in_order)


class ExcusePath(TextIn):
    """Which excuse."""

    excuse_id: RowId


class Excuse(Out):
    """An excuse: sessions of the course on these days that the student misses are excused."""

    id: int
    course_id: int
    student_id: str
    name: str
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    reason: str | None
    reason_id: int | None = Field(description=SCHOOL_REASON)
    created_at: datetime


class ExcuseOut(Out):
    """An excuse."""

    excuse: Excuse


class ExcusesOut(Out):
    """The excuses of a course, by first day."""

    excuses: list[Excuse]
