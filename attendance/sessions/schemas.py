"""Requests and responses of sessions, marks and a student's own attendance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from attendance.core import codes
from attendance.core.statuses import Method, State, Status
from attendance.web.paging import Page, PageQuery
from attendance.web.schemas import (
    File,
    FormIn,
    In,
    Moment,
    OptionalIn,
    Out,
    Prose,
    RowId,
    Text80,
    Text200,
    TextIn,
)


def _code(value: str) -> str:
    code = codes.normalised(value) if value.isascii() else value
    if not codes.is_acceptable(code):
        raise PydanticCustomError("session_code", "A code has 4 to 12 letters and digits.")
    return code


# Spaces and hyphens are left out.
OwnCode = Annotated[
    str,
    AfterValidator(_code),
    WithJsonSchema(
        {"type": "string", "pattern": "^[ -]*(?:[A-Za-z0-9][ -]*){4,12}$"}, mode="validation"
    ),
]


class SessionStartIn(In):
    """A new session."""

    subject: Text200
    section: Text80 | None = None
    room: Text80 | None = None
    course_id: RowId | None = None
    code: OwnCode | None = Field(
        None, description="A chosen code, 4 to 12 letters and digits; unset: generated."
    )
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    duration_minutes: int | None = Field(
        None, ge=1, le=1440, description="Unset: until the planned end, or SESSION_MINUTES."
    )
    another: bool = Field(
        False, description="Start it although the course has an open session, and beside a plan."
    )


class SessionIdIn(In):
    """Which session."""

    session_id: RowId


class SessionPatchIn(In):
    """What is changed. Marks that are there keep the status they have."""

    subject: Text200 | None = None
    section: Text80 | None = None
    room: Text80 | None = None
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    closes_at: Moment | None = None
    note: Prose | None = None


class ReopenIn(In):
    """Which session, and for how long."""

    session_id: RowId
    minutes: int = Field(10, ge=1, le=1440)


class PastIn(In):
    """A session that was held before, for example on paper."""

    course_id: RowId
    started_at: Moment
    ended_at: Moment
    subject: Text200 | None = Field(None, description="Unset: the course's name.")
    section: Text80 | None = Field(None, description="Unset: the course's.")
    room: Text80 | None = None


class SessionPath(TextIn):
    """Which session."""

    session_id: RowId


class SessionQuery(TextIn):
    """Which session."""

    session_id: RowId


class QrQuery(TextIn):
    """How large."""

    size: int = Field(10, ge=2, le=40, description="Pixels per module.")


class CsvQuery(TextIn):
    """Which columns."""

    details: bool = Field(False, description="Also the remark, and start and end of the session.")
    times: Literal["utc", "local"] = Field(
        "utc",
        description="`local`: as the course's clocks show them, for people; the file then bears "
        "the course's name.",
    )


class Refused(Out):
    """A student who tried to mark, was refused, and has no mark yet."""

    student_id: str
    name: str
    code: str = Field(description="Why the last attempt was refused: the problem's code.")
    refused_at: datetime
    attempts: int


class RefusedOut(Out):
    """Who was refused and has no mark yet, the latest first."""

    refused: list[Refused]


class JoinIn(OptionalIn):
    """A code, or a ticket from the QR code; neither: the reservation cookie of a scan."""

    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    ticket: Annotated[str, StringConstraints(max_length=200)] | None = None


class MarkForm(FormIn):
    """One to five pictures of one moment, and the join token or the code."""

    image: list[File] = Field(default_factory=list)
    join_token: str | None = None
    code: str | None = None
    session_id: RowId | None = None


class Session(Out):
    """A session. `code` is shown to its teacher, and to students who typed it."""

    id: int
    code: str | None
    subject: str
    section: str | None
    room: str | None = Field(description="Where it is held.")
    course_id: int | None
    state: State
    locked: bool
    started_at: datetime
    closes_at: datetime | None = Field(description="When it will end by itself.")
    ended_at: datetime | None
    late_after_minutes: int | None
    note: str | None = Field(description="Its teachers' own; null for students.")


class SessionOut(Out):
    """A session."""

    session: Session


class OpenSession(Session):
    """A session that the student may mark in, and the student's status there."""

    status: Status | None = Field(description="The student's status; null: not marked yet.")


class OpenSessionsOut(Out):
    """The sessions that run now."""

    sessions: list[OpenSession]


class SessionsQuery(PageQuery):
    """Which of the sessions."""

    course_id: RowId | None = None
    state: Literal["running", "ended"] | None = Field(
        None, description="running: open or locked now."
    )
    q: Text200 | None = Field(None, description="A part of the subject or the section.")


class CountedSession(Session):
    """A session, and how many came."""

    here: int = Field(description="How many are present or late.")
    enrolled: int | None = Field(description="How many the course has now; null: no course.")
    timezone: str | None = Field(description="The course's zone; null: no course.")


class SessionsOut(Page):
    """A page of sessions."""

    sessions: list[CountedSession]


class JoinOut(SessionOut):
    """The session that was joined, and the token to mark with."""

    join_token: str
    expires_at: datetime


class MarkOut(Out):
    """The mark that counts."""

    status: Status
    already: bool
    distance: float | None
    marked_at: datetime
    session_id: int


class AttendanceRow(Out):
    """One student in a session's list."""

    student_id: str
    name: str
    email: str | None
    status: Status
    method: Method | None
    distance: float | None
    marked_at: datetime | None
    remark: str | None


class AttendanceOut(SessionOut):
    """A session's list."""

    attendance: list[AttendanceRow]


class HistoryRow(Out):
    """One of the student's own marks."""

    session_id: int
    subject: str
    section: str | None
    started_at: datetime
    ended_at: datetime | None
    status: Status
    method: Method
    distance: float | None
    marked_at: datetime
    remark: str | None


class HistoryOut(Page):
    """A page of the student's own marks."""

    attendance: list[HistoryRow]


class Share(Out):
    """Attended of held; late counts as present, excused does not count at all."""

    present: int
    total: int
    percentage: float


class SubjectShare(Share):
    """The share in one subject."""

    subject: str


class SummaryOut(Out):
    """The student's percentages."""

    overall: Share
    subjects: list[SubjectShare]
