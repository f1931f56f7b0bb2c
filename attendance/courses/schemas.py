"""Requests and responses of courses, enrolments and rosters."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from attendance.core import codes, zones
from attendance.core.roles import CourseRole, StaffRole
from attendance.courses import check_in, roster_lines
from attendance.courses import columns as course_columns
from attendance.spreadsheets import decoding
from attendance.web.schemas import (
    CsvStyleQuery,
    File,
    FormIn,
    GivenEmail,
    GivenNumber,
    In,
    Moment,
    OptionalIn,
    Out,
    Prose,
    RowId,
    Text40,
    Text80,
    Text200,
    TextIn,
    in_order,
)


def _zone(value: str) -> str:
    if value not in zones.names():
        raise PydanticCustomError("zone", "An IANA time zone is needed, such as Europe/Berlin.")
    return value


# Every database and zone can tell where these days begin and end.
Day = Annotated[
    date,
    Field(
        ge=date(1970, 1, 1),
        le=date(2999, 12, 31),
        json_schema_extra={"pattern": "^(19[789][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}$"},
    ),
]
Zone = Annotated[str, AfterValidator(_zone)]
ExcusedAs = Literal["nothing", "present", "absent"]


class PeriodQuery(TextIn):
    """From which day to which, both included, in the course's zone."""

    first_day: Day | None = Field(None, alias="from")
    last_day: Day | None = Field(None, alias="to")

    _in_order = field_validator("last_day")(in_order)


class PeriodCsvQuery(PeriodQuery, CsvStyleQuery):
    """From which day to which, and how the file is written."""


def _network(value: str) -> str:
    try:
        return check_in.network(value)
    except ValueError:
        raise PydanticCustomError(
            "network", "A network is needed, such as 192.0.2.0/24 or 2001:db8::/48."
        ) from None


Network = Annotated[str, StringConstraints(max_length=64), AfterValidator(_network)]
_SCAN = "qr: only a scan of the QR code lets in, no typed code."
_FACE = "optional: a student may use a passkey or PIN instead; off: everybody does."
_LIVENESS = (
    "Whether pictures must show somebody who turns the head as asked. watch: the teacher sees a "
    "sign where they do not; enforce: the mark is refused."
)
_NETWORKS = (
    "From which networks students may mark (CIDR); empty: from everywhere. A session in a room "
    "that has networks of its own goes by those."
)
_OF_THE_ROOM = (
    "From which networks the sessions that are held there check in (CIDR), in place of the "
    "course's; empty: the course's."
)
_CHECK_OUT = (
    "Whether students say that they leave. optional: they may; required: who did not is shown as "
    "not checked out."
)
_DEVICE = "Whether one browser may mark for one student only in a session."


_POSITION = (
    "The place of whose circle the student's browser says whether it is in it; null: nobody is "
    "asked. It refuses nobody: it stands in the evidence as `place`, `elsewhere` or "
    "`place_unknown`, and no student's position is sent or kept."
)
_METRES = "Around the place; inside a building browsers are often wrong by 50."


class PositionIn(In):
    """A circle on the earth."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    metres: int = Field(ge=50, le=5000, description=_METRES)


class Position(Out):
    """A circle on the earth."""

    latitude: float
    longitude: float
    metres: int = Field(description=_METRES)


class CheckInPatchIn(In):
    """How students check in; what is left out stays. It counts from the next mark on."""

    scan: check_in.Scan | None = Field(None, description=_SCAN)
    face: check_in.Face | None = Field(None, description=_FACE)
    liveness: check_in.Liveness | None = Field(None, description=_LIVENESS)
    networks: Annotated[list[Network], Field(max_length=32)] | None = Field(
        None, description=_NETWORKS
    )
    one_device: bool | None = Field(None, description=_DEVICE)
    check_out: check_in.CheckOut | None = Field(None, description=_CHECK_OUT)
    position: PositionIn | None = Field(None, description=_POSITION)


class CheckIn(Out):
    """How the students of a course check in."""

    scan: check_in.Scan = Field(description=_SCAN)
    face: check_in.Face = Field(description=_FACE)
    liveness: check_in.Liveness = Field(description=_LIVENESS)
    networks: list[str] = Field(description=_NETWORKS)
    one_device: bool = Field(description=_DEVICE)
    check_out: check_in.CheckOut = Field(description=_CHECK_OUT)
    position: Position | None = Field(description=_POSITION)


class RoomIn(In):
    """A room and its rules."""

    name: Text80 = Field(description="As plans and sessions have it; case does not matter.")
    networks: Annotated[list[Network], Field(max_length=32)] = Field(description=_OF_THE_ROOM)


class RoomPath(TextIn):
    """Which room."""

    number: RowId


class Room(Out):
    """A room and its rules."""

    id: int
    name: str
    networks: list[str] = Field(description=_OF_THE_ROOM)


class RoomOut(Out):
    """One room."""

    room: Room


class RoomsOut(Out):
    """The rooms that have rules of their own, by their names."""

    rooms: list[Room]


class CourseIn(In):
    """A new course."""

    code: Text40
    name: Text200
    section: Text80 | None = None
    description: Prose | None = None
    timezone: Zone | None = Field(
        None, description="IANA zone of its days and hours; unset: the school's."
    )


class CoursePatchIn(In):
    """What a teacher may change of a course; what is left out stays."""

    code: Text40 | None = None
    name: Text200 | None = None
    section: Text80 | None = None
    description: Prose | None = None
    timezone: Zone | None = None
    archived: bool | None = Field(
        None, description="Archived: nobody can join, no session can start."
    )
    new_join_code: bool = Field(False, description="Replace the join code.")
    late_counts: bool | None = Field(None, description="Whether late counts as present.")
    excused_counts_as: ExcusedAs | None = Field(
        None, description="What an excused session counts as; `nothing`: it is not counted at all."
    )
    min_percentage: float | None = Field(
        None, ge=0, le=100, description="Below this a student is at risk."
    )
    max_absences: int | None = Field(
        None,
        ge=0,
        le=1000,
        description="More absences than this put a student at risk; null: no limit.",
    )
    absences_in_row: int | None = Field(
        None, ge=1, le=1000, description="This many absences in a row put a student at risk."
    )
    check_in: CheckInPatchIn | None = None


class CoursePath(TextIn):
    """Which course."""

    course_id: RowId


class EnrolledPath(CoursePath):
    """Which student of which course."""

    student_id: GivenNumber


class EnrolmentPath(CoursePath):
    """Which student of which course, by the student's own `id`."""

    student: RowId


class CourseJoinIn(In):
    """The join code that the teacher has shown."""

    join_code: Annotated[str, StringConstraints(max_length=40), AfterValidator(codes.normalised)]


class EnrolIn(In):
    """One student, by the school's number or by e-mail address."""

    student_id: GivenNumber | None = None
    email: GivenEmail | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> EnrolIn:
        if (self.student_id is None) == (self.email is None):
            raise PydanticCustomError("either", "Send either student_id or email.")
        return self


class CoursesQuery(TextIn):
    """Which of the caller's courses."""

    archived: bool | None = Field(
        None, description="true: only archived courses; false: only the others."
    )


class StaffIn(In):
    """Somebody who shall help in the course."""

    email: GivenEmail = Field(description="Of another teacher's account.")
    role: StaffRole
    until: Moment | Day | None = Field(
        None, description="When it ends: a moment, or a day, at its end in the course's zone."
    )


class StaffRemoveIn(OptionalIn):
    """Who helps no longer; or in the query."""

    email: GivenEmail | None = None


class StaffQuery(TextIn):
    """Who helps no longer; or in the body."""

    email: GivenEmail | None = None


class Helper(Out):
    """A teacher who helps in a course, or did until the time was over."""

    teacher_id: int
    name: str
    email: str
    role: StaffRole
    until: datetime | None = Field(description="null: for good.")
    ended: bool = Field(description="true: the time is over, and nothing is allowed any more.")
    added_at: datetime


class StaffOut(Out):
    """Who helps in a course, by name."""

    staff: list[Helper]


class JoinRequestPath(TextIn):
    """Which request."""

    request_id: RowId


class JoinDecisionIn(In):
    """Whether the student is let in."""

    accepted: bool


class CourseName(Out):
    """A course, by name."""

    id: int
    code: str
    name: str


class JoinRequest(Out):
    """A student who asks to be let into a course."""

    id: int
    course: CourseName
    student_id: str
    name: str
    state: Literal["open", "accepted", "declined"]
    created_at: datetime
    decided_at: datetime | None


class JoinRequestOut(Out):
    """A request to be let into a course."""

    request: JoinRequest


class JoinRequestsOut(Out):
    """Who waits to be let in, the longest first."""

    requests: list[JoinRequest]


class Course(Out):
    """A course. `join_code` is shown to its teacher only."""

    id: int
    code: str
    name: str
    section: str | None
    description: str | None
    timezone: str
    teacher_id: int
    join_code: str | None
    students: int = Field(description="How many are enrolled.")
    archived: bool
    created_at: datetime
    late_counts: bool
    excused_counts_as: ExcusedAs
    min_percentage: float
    max_absences: int | None
    absences_in_row: int
    role: CourseRole | None = Field(
        description="What the caller is in it; null for its students and in lists of all courses."
    )
    check_in: CheckIn


class CourseOut(Out):
    """A course."""

    course: Course


class CoursesOut(Out):
    """The caller's courses."""

    courses: list[Course]


class CourseStudent(Out):
    """A student in a course."""

    id: int = Field(description="The student's own id, as in `/course/…/enrolments/{student}`.")
    student_id: str
    name: str
    family_name: str | None = Field(
        description="Which part of the name is the family's, where a list has told it."
    )
    email: str | None
    enrolled_at: datetime
    has_password: bool = Field(description="false: the invitation was not used yet.")
    templates: int = Field(description="How many face templates are stored.")
    face_changed_at: datetime | None = Field(
        description="When another face was last put in the place of the one before."
    )


class CourseStudentOut(Out):
    """A student in a course."""

    student: CourseStudent


class CourseStudentsOut(Out):
    """The students of a course, by name."""

    students: list[CourseStudent]


class Invitation(Out):
    """A link with which a student sets the first password."""

    link: str
    expires_at: datetime


class InvitationOut(Out):
    """A link with which a student sets the first password."""

    invitation: Invitation | None = Field(
        description="Shown to whoever made the account, and to administrators; null: sent only."
    )
    mailed: bool = Field(description="Whether it is sent by e-mail.")


class InviteAllIn(OptionalIn):
    """Whether the links are sent by e-mail, too."""

    mail: bool = False
    pins: bool = Field(
        False, description="Also make a PIN for each slip, which ends the PINs of slips before."
    )


class FirstPin(Out):
    """A PIN with which a student sets the first password (`POST /auth/first-sign-in`)."""

    pin: str
    expires_at: datetime


class FirstPinOut(Out):
    """What the slip of one student says."""

    student_id: str
    name: str
    username: str | None
    pin: FirstPin


class Slip(Out):
    """A student who has never signed in, and the link to hand out."""

    student_id: str
    name: str
    username: str | None
    pin: FirstPin | None = Field(
        description="null: none was asked for, or it may not be shown to the caller."
    )
    mailed: bool
    invitation: Invitation | None = Field(description="null: it may not be shown to the caller.")
    qr: list[str] | None = Field(
        description="The link as a QR code: a text of 1 (dark) and 0 for each row, no margin."
    )


class InvitedAllOut(Out):
    """A slip for each student of the course who has never signed in."""

    invitations: list[Slip]
    mailed: int = Field(description="How many links are sent by e-mail.")


class RosterQuery(TextIn):
    """Whether it is meant."""

    dry_run: bool = Field(False, description="Only say what would happen.")


def _assigned(text: str) -> str:
    try:
        sent = json.loads(text)
    except ValueError:
        sent = None
    is_right = isinstance(sent, dict) and all(
        name in course_columns.FIELDS and (header is None or isinstance(header, str))
        for name, header in sent.items()
    )
    if not is_right:
        raise ValueError("A JSON object of fields and headers is needed.")
    return text


class RosterForm(FormIn):
    """A CSV or XLSX file with columns student_id, name and email in any order."""

    file: File
    encoding: Literal[decoding.ENCODINGS] | None = Field(  # type: ignore[valid-type]
        None, description="Of a CSV file; not sent: it is found out."
    )
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = Field(
        None, description="Between the cells of a CSV file; not sent: it is found out."
    )
    columns: Annotated[str, AfterValidator(_assigned)] | None = Field(
        None,
        description="JSON: the header of each field (student_id, name, given_name, family_name, "
        "email, username, guardian_email, guardian_name, tutor_email) that shall not be found out; "
        "null: the file has none.",
    )
    update: bool = Field(
        False,
        description="Whether accounts that are there get the file's names, addresses, guardians "
        "and tutors.",
    )
    unenrol: bool = Field(False, description="Whether those who left the list leave the course.")
    unenrol_many: bool = Field(
        False, description="Also where they are more than a tenth of the course."
    )


class RosterRow(Out):
    """The outcome of one row of the file."""

    row: int = Field(description="Number of the row in the file, from 1.")
    result: Literal["created", "enrolled", "changed", "unchanged", "rejected"]
    detail: str = Field(description="A remark in English, such as why it is rejected; or empty.")
    code: (
        Literal[roster_lines.CODES] | None  # type: ignore[valid-type]
    ) = Field(description="The remark for programs, or null.")
    values: dict[str, int | str] = Field(
        description="What the remark names: limit, email, name, text, role, or row, an earlier one "
        "of the file."
    )
    student_id: str
    name: str
    email: str | None
    username: str | None
    changes: dict[str, list[str | None]] = Field(
        description="What the account gets: for each field the value before and the new one; also "
        "of `guardians` and the `tutor`."
    )
    invitation: Invitation | None


class RosterCounts(Out):
    """How many rows had each result."""

    created: int
    enrolled: int
    changed: int
    unchanged: int
    rejected: int
    left: int = Field(description="Who is in the course and not in the list.")


class RosterLeft(Out):
    """A student of the course who is not in the list."""

    student_id: str
    name: str


class RosterOut(Out):
    """The outcome of the import, row by row."""

    dry_run: bool
    rows: list[RosterRow]
    counts: RosterCounts
    mailed: int = Field(description="How many invitations are sent by e-mail.")
    encoding: str | None = Field(description="Of a CSV file; null for a workbook.")
    confidence: float | None = Field(description="In the encoding, from 0 to 1.")
    delimiter: str | None
    quote: str | None = Field(description="The mark around cells, where there is one.")
    columns: dict[str, str] = Field(description="The header of each field that is used.")
    unused: list[str] = Field(description="Headers of columns that are not used.")
    left: list[RosterLeft] = Field(description="Who is in the course and not in the list.")
    left_held: bool = Field(
        description="Whether these are more than a tenth, and stay unless `unenrol_many`."
    )
    unenrolled: bool = Field(description="Whether they leave the course.")
