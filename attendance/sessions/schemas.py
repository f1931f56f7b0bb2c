"""Requests and responses of sessions, marks and a student's own attendance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from attendance.core import codes
from attendance.core.statuses import Method, State, Status
from attendance.courses import check_in
from attendance.courses.schemas import PeriodQuery, Position
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
    pin_digits,
)


def _code(value: str) -> str:
    code = codes.normalised(value) if value.isascii() else value
    if not codes.is_acceptable(code):
        raise PydanticCustomError("session_code", "A code has 4 to 12 letters and digits.")
    return code


SCHOOL_REASON = "The school's reason (`GET /reasons`); null: none."
EVIDENCE = (
    "What the mark rests on: scan, code, network, device, alive, face, pin, passkey, kiosk, "
    "camera, manual; confirmed, where a person has confirmed the face since; place, elsewhere or "
    "place_unknown, as the browser says, where the course asks for that; and doubt, where the "
    "pictures may not show somebody alive."
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


class FirstMark(Out):
    """A mark by a first face that waits for a person. With the face it is confirmed, or refused
    (`POST /admin/enrolments/{enrolment}/decide`)."""

    student_id: str
    name: str
    enrolment: int
    picture: bool = Field(description="Whether there is a small picture of the face that waits.")
    status: Status
    method: str
    distance: float = Field(description="From the face that waits.")
    evidence: list[str] = Field(description=EVIDENCE)
    marked_at: datetime


class FirstMarksOut(Out):
    """Who has marked with a face that waits and has no mark yet, the first first."""

    first_marks: list[FirstMark]


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
    pin: Annotated[str, AfterValidator(pin_digits)] | None = Field(
        None, description="In place of pictures, where the face is not needed."
    )
    passkey: str | None = Field(
        None, description="The answer of `navigator.credentials.get` as JSON, in place of pictures."
    )
    passkey_state: str | None = Field(None, description="The `state` of what was asked.")
    session_id: RowId | None = None
    position: Literal["in", "out", "unknown"] = Field(
        "unknown", description="Where the join answered a `position`: whether it is in that circle."
    )


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
    timezone: str | None = Field(description="The course's zone; null: no course.")


class OpenSessionsOut(Out):
    """The sessions that run now."""

    sessions: list[OpenSession]


class SessionsQuery(PageQuery, PeriodQuery):
    """Which of the sessions; those that began from one day to another, both included, in the
    school's zone."""

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
    check_out: bool = Field(
        description="Whether the student is marked, and may say now that he or she leaves "
        "(POST /session/leave)."
    )
    face: check_in.Face = Field(
        description="optional, off: after a scan, POST /session/mark takes `pin`, or `passkey` and "
        "`passkey_state`, in place of pictures."
    )
    passkey: PasskeyAsked | None = Field(description="null: the student has none, or needs none.")
    position: Position | None = Field(
        description="The place of the course, where it wants to know whether the student is there: "
        "POST /session/mark takes `position`. null: it does not ask."
    )


class MarkOut(Out):
    """The mark that counts."""

    status: Status
    already: bool
    distance: float | None
    marked_at: datetime
    session_id: int


class MarkWaitsOut(Out):
    """A mark that counts when a person has confirmed the student's first face."""

    pending: Literal[True] = True
    status: Status
    already: bool
    distance: float
    marked_at: datetime
    session_id: int


class LeaveIn(In):
    """The join token of a scan, or the present code."""

    join_token: Annotated[str, StringConstraints(max_length=500)] | None = None
    code: Annotated[str, StringConstraints(max_length=40)] | None = None


class StayOut(Out):
    """For how long a student was there."""

    left_at: datetime | None = Field(description="null: nobody said so.")
    left_by: Literal["scan", "code", "kiosk", "manual"] | None
    minutes: int | None = Field(
        description="From the mark to the leaving, else to the end; null: is there still."
    )
    left_early: bool = Field(description="More than `LEFT_EARLY_MINUTES` before the end.")
    not_checked_out: bool = Field(
        description="Whether the session is over, and leaving was to be said and was not."
    )


class LeftOut(Out):
    """A leaving that counts."""

    session_id: int
    left_at: datetime
    already: bool = Field(description="Whether it was said before; then the first time counts.")
    stay: StayOut


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
    reason_id: int | None = Field(description=SCHOOL_REASON)
    reason: str | None = Field(description="Its name.")
    evidence: list[str] = Field(description=EVIDENCE)
    weak: bool = Field(description="Whether a look at the student would be worth it.")
    stay: StayOut | None = Field(description="Where the course wants its students to check out.")


class AttendanceOut(SessionOut):
    """A session's list."""

    attendance: list[AttendanceRow]
    excused: list[str] = Field(
        description="Numbers of those without a mark whom an apology excuses: the `rest` of a "
        "roll call leaves them alone."
    )


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
    timezone: str | None = Field(description="The course's zone; null: no course.")
    status: Status
    method: Method
    distance: float | None
    marked_at: datetime
    remark: str | None
    reason_id: int | None = Field(description=SCHOOL_REASON)
    reason: str | None = Field(description="Its name.")
    evidence: list[str] = Field(description=EVIDENCE)
    stay: StayOut | None = Field(description="Where the course wants its students to check out.")


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
