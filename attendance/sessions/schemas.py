"""Requests and responses of sessions, marks and a student's own attendance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from attendance.core import codes
from attendance.core.statuses import Method, State, Status
from attendance.courses import check_in
from attendance.web.paging import Page, PageQuery
from attendance.web.schemas import (
    CsvStyleQuery,
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


EVIDENCE = (
    "What the mark rests on: scan, code, network, device, alive, face, pin, passkey, kiosk, "
    "camera, manual; and doubt, where the pictures may not show somebody alive."
)
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


class CsvQuery(CsvStyleQuery):
    """Which columns, and how the file is written."""

    details: bool = Field(False, description="Also the remark, and start and end of the session.")


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
    """A code, or a ticket from the QR code; neither: the reservation cookie of a scan. Or the join
    token that was given, for another challenge."""

    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    ticket: Annotated[str, StringConstraints(max_length=200)] | None = None
    join_token: Annotated[str, StringConstraints(max_length=500)] | None = None
    way: Literal["turn", "distance"] = Field(
        "turn", description="distance: nearer and further, for whoever cannot turn the head."
    )


class MarkForm(FormIn):
    """One to five pictures of one moment, and the join token or the code."""

    image: list[File] = Field(default_factory=list)
    join_token: str | None = None
    code: str | None = None
    challenge: str | None = Field(None, description="The `id` of the challenge that is answered.")
    pin: str | None = Field(None, description="In place of pictures, where the face is not needed.")
    passkey: str | None = Field(
        None, description="The answer of `navigator.credentials.get` as JSON, in place of pictures."
    )
    passkey_state: str | None = Field(None, description="The `state` of what was asked.")
    session_id: RowId | None = None


class Session(Out):
    """A session. `code` is shown to its teacher, and to students who typed it."""

    id: int
    code: str | None
    code_changes_at: datetime | None = Field(
        description="When the code turns; null: it stays, or is not shown."
    )
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


class ChallengeOut(Out):
    """What to show: one picture for each step, in this order."""

    id: str
    steps: list[Literal["straight", "left", "right", "near", "far"]] = Field(
        description="Left and right are the person's own."
    )
    expires_at: datetime
    seconds: int = Field(description="How long it counts, for a device whose clock is off.")


class PasskeyAsked(Out):
    """For `navigator.credentials.get`; its answer and `state` go to POST /session/mark."""

    options: dict[str, Any]
    state: str


class JoinOut(SessionOut):
    """The session that was joined, and the token to mark with."""

    join_token: str
    expires_at: datetime
    challenge: ChallengeOut | None = Field(description="null: one picture is enough.")
    face: check_in.Face = Field(
        description="optional, off: after a scan, POST /session/mark takes `pin`, or `passkey` and "
        "`passkey_state`, in place of pictures."
    )
    passkey: PasskeyAsked | None = Field(description="null: the student has none, or needs none.")


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
    family_name: str | None = Field(
        description="Which part of the name is the family's, where a list has told it."
    )
    email: str | None
    status: Status
    method: Method | None
    distance: float | None
    marked_at: datetime | None
    remark: str | None
    evidence: list[str] = Field(description=EVIDENCE)
    weak: bool = Field(description="Whether a look at the student would be worth it.")


class AttendanceOut(SessionOut):
    """A session's list."""

    attendance: list[AttendanceRow]


class SpotCheckOut(Out):
    """Three students whose marks rest on the least, the weakest first."""

    students: list[AttendanceRow]


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
    evidence: list[str] = Field(description=EVIDENCE)


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
