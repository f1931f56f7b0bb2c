"""What comes in and goes out, as pydantic models: checked at the door, shown at /docs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from flask_openapi3 import FileStorage
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    model_validator,
)

from attendance import codes, passwords


def _password(value: str) -> str:
    if problem := passwords.complaint(value):
        raise ValueError(problem)
    return value


def _no_control_characters(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("Control characters are not allowed.")
    return value


def _code(value: str) -> str:
    code = codes.normalised(value)
    if not codes.is_acceptable(code):
        raise ValueError("A code has 4 to 12 letters and digits.")
    return code


_Line = AfterValidator(_no_control_characters)
Text64 = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), _Line
]
Text80 = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), _Line
]
Text200 = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _Line
]
Email = Annotated[EmailStr, AfterValidator(str.lower), StringConstraints(max_length=254)]
# Where a password is only compared, its form is not judged: the answer is the same.
GivenPassword = Annotated[str, StringConstraints(max_length=1024)]
NewPassword = Annotated[str, AfterValidator(_password)]
# Form fields that look like numbers arrive as numbers.
FormText = Annotated[str, BeforeValidator(lambda v: v if v is None else str(v))]
FormName = Annotated[
    str,
    BeforeValidator(lambda v: v if v is None else str(v)),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_no_control_characters),
]
State = Literal["open", "locked", "ended"]
Status = Literal["present", "late", "absent", "excused"]
Method = Literal["face", "qr_face", "camera", "manual"]


class In(BaseModel):
    """A request. Unknown fields are ignored, so that newer clients can talk to older servers."""

    model_config = ConfigDict(str_max_length=10_000)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As pydantic's, but made once: forms and queries are read by it on every request."""
        key = repr((args, kwargs))
        if "_schemas" not in cls.__dict__:
            cls._schemas = {}
        if key not in cls._schemas:
            cls._schemas[key] = super().model_json_schema(*args, **kwargs)
        return cls._schemas[key]

    _schemas: ClassVar[dict[str, dict[str, Any]]]


class OptionalIn(In):
    """A request whose body may be missing altogether."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value


class Out(BaseModel):
    """A response."""


class ProblemOut(Out):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable name of the error, such as `face_not_found`.")


# -- accounts


class TeacherSignUpIn(In):
    """A new teacher."""

    name: Text200
    email: Email
    password: NewPassword
    department: Text200 | None = None


class StudentSignUpIn(In):
    """A new student; `student_id` is the school's number."""

    name: Text200
    email: Email
    password: NewPassword
    student_id: Text64
    course: Text200 | None = None


class LoginIn(In):
    """E-mail address and password."""

    email: Annotated[str, StringConstraints(max_length=254), AfterValidator(str.lower)]
    password: GivenPassword


class LogoutIn(OptionalIn):
    """Optionally the refresh token, to be revoked too."""

    refresh_token: str | None = None


class SetPasswordIn(In):
    """The token of an invitation or reset link, and the password to set."""

    token: Annotated[str, StringConstraints(max_length=500)]
    password: NewPassword


class TransportQuery(In):
    """How tokens are handed out."""

    transport: Literal["token", "cookie"] = Field(
        "token", description="`cookie`: HttpOnly cookies instead of tokens in the body."
    )


class TeacherPatchIn(In):
    """What a teacher may change. A new password needs the current one and ends all tokens."""

    name: Text200 | None = None
    department: Text200 | None = None
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


class StudentPatchIn(In):
    """What a student may change. A new password needs the current one and ends all tokens."""

    name: Text200 | None = None
    course: Text200 | None = None
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


class Teacher(Out):
    """A teacher."""

    id: int
    name: str
    email: str
    department: str | None
    role: Literal["teacher", "admin"]
    state: Literal["active", "pending", "suspended"]
    created_at: datetime


class Student(Out):
    """A student."""

    id: int
    student_id: str
    name: str
    email: str | None
    course: str | None
    templates: int = Field(description="How many face templates are stored.")
    consent_at: datetime | None
    created_at: datetime


class TokenOut(Out):
    """A new access token."""

    access_token: str


class TeacherOut(Out):
    """A teacher."""

    teacher: Teacher


class TeacherTokensOut(TeacherOut):
    """A teacher and the tokens."""

    access_token: str
    refresh_token: str


class StudentOut(Out):
    """A student."""

    student: Student


class StudentTokensOut(StudentOut):
    """A student and the tokens."""

    access_token: str
    refresh_token: str


class SetPasswordOut(Out):
    """The account whose password was set, and its tokens."""

    teacher: Teacher | None = None
    student: Student | None = None
    access_token: str
    refresh_token: str


# -- faces


class UploadFaceForm(In):
    """One to five pictures of one face: JPEG, PNG or WebP, 10 MB each."""

    image: list[FileStorage]
    consent: bool | None = Field(
        None, description="false refuses; the upload itself is the consent otherwise."
    )


class FaceQuality(Out):
    """How good a picture was for recognition."""

    quality: float = Field(description="0 to 1, over all.")
    sharpness: float
    brightness: float = Field(description="Mean luminance of the face, 0 to 255.")
    size: int = Field(description="Shorter side of the face, in pixels of the picture.")


class UploadFaceOut(Out):
    """What was stored."""

    templates: int
    faces: list[FaceQuality]


class CheckFaceOut(Out):
    """What a picture would be good for. Nothing of it is stored."""

    good: bool = Field(description="Whether it could be enrolled or marked with.")
    code: str | None = Field(description="Why not: the problem's code, such as `too_dark`.")
    detail: str | None = Field(description="What to do better.")
    pose: Literal["straight", "left", "right", "away"] | None = Field(
        description="Which way the face looks; left and right are the person's own."
    )
    face: FaceQuality | None


class RegisterForm(In):
    """A person for identification by a device."""

    first_name: FormName
    last_name: FormName
    image: FileStorage
    student_id: FormName | None = Field(None, description="Unset: a number is made.")


class ImageForm(In):
    """One picture."""

    image: FileStorage


class RegisterOut(Out):
    """The person was registered."""

    student_id: str
    name: str
    quality: FaceQuality


class VerifyOut(Out):
    """The person was recognised."""

    student_id: str
    name: str
    distance: float


# -- sessions


class SessionStartIn(In):
    """A new session."""

    subject: Text200
    section: Text80 | None = None
    course_id: int | None = Field(None, ge=1)
    code: Annotated[str, AfterValidator(_code)] | None = Field(
        None, description="An own code, 4 to 12 letters and digits; unset: one is made."
    )
    late_after_minutes: int | None = Field(None, ge=0, le=1440)
    duration_minutes: int | None = Field(None, ge=1, le=1440)


class SessionIdIn(In):
    """Which session."""

    session_id: int


class SessionPath(In):
    """Which session."""

    session_id: int


class SessionQuery(In):
    """Which session."""

    session_id: int


class PageQuery(In):
    """Which page."""

    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(20, ge=1, le=200)


class QrQuery(In):
    """How large."""

    size: int = Field(10, ge=2, le=40, description="Pixels per module.")


class CsvQuery(In):
    """Which columns."""

    details: bool = Field(False, description="Also the remark, and start and end of the session.")


class JoinIn(OptionalIn):
    """A code, or a ticket from the QR code; neither: the reservation cookie of a scan."""

    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    ticket: Annotated[str, StringConstraints(max_length=200)] | None = None


class MarkForm(In):
    """A picture, and the join token or the code."""

    image: FileStorage | None = None
    join_token: FormText | None = None
    code: FormText | None = None
    session_id: int | None = None


class Session(Out):
    """A session. `code` is shown to its teacher, and to students who typed it."""

    id: int
    code: str | None
    subject: str
    section: str | None
    course_id: int | None
    state: State
    locked: bool
    started_at: datetime
    closes_at: datetime | None = Field(description="When it will end by itself.")
    ended_at: datetime | None
    late_after_minutes: int | None


class SessionOut(Out):
    """A session."""

    session: Session


class OpenSession(Session):
    """A session that the student may mark in, and the own mark there."""

    status: Status | None = Field(description="The own status; null: not marked yet.")


class OpenSessionsOut(Out):
    """The sessions that run now."""

    sessions: list[OpenSession]


class SessionsOut(Out):
    """A page of sessions."""

    sessions: list[Session]
    page: int
    per_page: int
    total: int


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


class HistoryOut(Out):
    """A page of the student's own marks."""

    attendance: list[HistoryRow]
    page: int
    per_page: int
    total: int


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


class ExportedTemplate(Out):
    """A face template and the photograph that it was made from, if that is kept."""

    model: str
    quality: float
    created_at: datetime
    embedding: str = Field(description="512 little-endian 32-bit floats, base64.")
    photograph: str | None = Field(description="The picture as it was uploaded, base64.")


class PersonalDataOut(StudentOut):
    """Everything that is kept about a student; further lists by the name of what they hold."""

    exported_at: datetime
    templates: list[ExportedTemplate]
    attendance: list[dict[str, Any]]
    courses: list[dict[str, Any]]
    audit: list[dict[str, Any]]


# -- operation


class HealthOut(Out):
    """The process answers."""

    status: Literal["ok"]


class ReadyOut(Out):
    """Database and networks are ready."""

    status: Literal["ready"]
    database: str
    recognizer: dict[str, Any]
