"""Requests and responses of accounts: sign-up, tokens, personal data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from attendance.accounts import passwords
from attendance.core.roles import AccountState, Role
from attendance.core.statuses import Method, Status
from attendance.web.schemas import (
    Email,
    GivenEmail,
    GivenNumber,
    In,
    NewNumber,
    OptionalIn,
    Out,
    RowId,
    Text80,
    Text200,
    TextIn,
    pin_digits,
)


def _password(value: str) -> str:
    if problem := passwords.complaint(value):
        raise PydanticCustomError("password", problem)
    return value


# Where a password is only compared, its form is not judged: the answer is the same.
GivenPassword = Annotated[str, StringConstraints(max_length=1024)]
NewPassword = Annotated[
    str,
    AfterValidator(_password),
    WithJsonSchema(
        {
            "type": "string",
            "format": "password",
            "minLength": passwords.MIN_LENGTH,
            "maxLength": passwords.MAX_BYTES,
            "pattern": r"^[^\x00]*$",
            "description": f"At most {passwords.MAX_BYTES} bytes in UTF-8.",
        },
        mode="validation",
    ),
]


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
    student_id: NewNumber
    course: Text200 | None = None


class LoginIn(In):
    """An e-mail address, a user name or a student number (one of them), and the password.

    A number is taken as `username` as well, where no such user name is there.
    """

    email: GivenEmail | None = None
    username: GivenNumber | None = None
    student_id: GivenNumber | None = None
    password: GivenPassword

    @model_validator(mode="after")
    def _names_one(self) -> LoginIn:
        if sum(name is not None for name in (self.email, self.username, self.student_id)) != 1:
            raise ValueError("Send one of email, username and student_id.")
        return self


class LogoutIn(OptionalIn):
    """Optionally the refresh token, to be revoked too."""

    refresh_token: str | None = None


class SetPasswordIn(In):
    """The token of an invitation or reset link, and the password to set."""

    token: Annotated[str, StringConstraints(max_length=500)]
    password: NewPassword


class FirstSignInIn(In):
    """What a printed slip says (a user name or a student number, and the PIN), and the password to
    set. Spaces, hyphens and the like in the PIN do not count, and digits may be of any script."""

    username: GivenNumber | None = None
    student_id: GivenNumber | None = None
    pin: Annotated[str, StringConstraints(max_length=40), AfterValidator(pin_digits)]
    password: NewPassword

    @model_validator(mode="after")
    def _names_one(self) -> FirstSignInIn:
        if (self.username is None) == (self.student_id is None):
            raise ValueError("Send one of username and student_id.")
        return self


class ForgotPasswordIn(In):
    """Whose password is forgotten."""

    email: GivenEmail


class ForgotPasswordOut(Out):
    """The same, whether there is such an account or not."""

    mail: bool = Field(description="Whether this installation sends mail.")


class PasswordLinkIn(In):
    """The token of an invitation or reset link."""

    token: Annotated[str, StringConstraints(max_length=500)]


class PasswordLinkOut(Out):
    """Whose password the link sets."""

    kind: Literal["teacher", "student"]
    name: str
    email: str | None
    student_id: str | None = Field(description="The school's number; null for teachers.")
    has_password: bool = Field(description="false: it is the first one.")


class TransportQuery(TextIn):
    """How tokens are handed out."""

    transport: Literal["token", "cookie"] = Field(
        "token", description="`cookie`: HttpOnly cookies instead of tokens in the body."
    )


class TeacherPatchIn(In):
    """What a teacher may change. Address and password need the current password; a new password
    ends all tokens."""

    name: Text200 | None = None
    email: Email | None = None
    department: Text200 | None = None
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


class ExportChoicesIn(In):
    """How a teacher's pages ask for CSV files."""

    separator: Literal["comma", "semicolon", "tab"]
    times: Literal["utc", "local"]
    bom: bool = True


class ExportChoices(Out):
    """How a teacher's pages ask for CSV files: the parameters that they add."""

    separator: Literal["comma", "semicolon", "tab"]
    times: Literal["utc", "local"]
    bom: bool
    chosen: bool = Field(description="false: the caller has chosen nothing yet.")


class StudentPatchIn(In):
    """What a student may change. Address and password need the current password; a new password
    ends all tokens."""

    name: Text200 | None = None
    email: Email | None = None
    course: Text200 | None = None
    camera_consent: bool | None = Field(
        None,
        description="Whether cameras in the room and at the door may recognise the student. It "
        "can be taken back at any time, and nobody else is shown it.",
    )
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


class StudentDeleteIn(In):
    """The password of the account that shall be deleted."""

    current_password: GivenPassword


class TeacherDeleteIn(In):
    """The password of the account that shall be deleted, and who gets its courses."""

    current_password: GivenPassword
    transfer_to: GivenEmail | None = Field(
        None, description="Address of another teacher; unset: an administrator."
    )


class LeavingQuery(TextIn):
    """Who shall get the courses and sessions."""

    transfer_to: GivenEmail | None = None


class Heir(Out):
    """Who gets the courses and sessions."""

    name: str
    email: str


class LeavingOut(Out):
    """What deleting the account would do, and what stands in the way."""

    courses: int
    sessions: int
    open_sessions: int = Field(description="They have to end first.")
    last_administrator: bool = Field(description="Another one has to be made first.")
    heir: Heir | None = Field(description="null: there is nobody.")


class Teacher(Out):
    """A teacher."""

    id: int
    name: str
    email: str
    department: str | None
    role: Role
    state: AccountState
    created_at: datetime


class Student(Out):
    """A student."""

    id: int
    student_id: str
    name: str
    email: str | None
    course: str | None
    username: str | None
    templates: int = Field(description="How many face templates are stored.")
    consent_at: datetime | None
    face_withdrawn_at: datetime | None = Field(
        description="When the consent was taken back, until the student gives it again."
    )
    created_at: datetime


class StudentAccount(Student):
    """A student's own account, with what nobody else is shown."""

    camera_consent: bool = Field(description="Whether cameras may recognise the student.")
    face_waits: bool = Field(description="Whether a face waits until a person has confirmed it.")


class TokenOut(Out):
    """A new access token; with `transport=cookie` it comes as a cookie only."""

    access_token: str | None = None


class TeacherOut(Out):
    """A teacher."""

    teacher: Teacher


class StudentOut(Out):
    """A student."""

    student: StudentAccount


class Tokens(Out):
    """Tokens for the body; with `transport=cookie` they come as cookies only."""

    access_token: str | None = None
    refresh_token: str | None = None


class TeacherTokensOut(Tokens, TeacherOut):
    """A teacher and the tokens; with `transport=cookie` they come as cookies only."""


class TeacherChangedOut(TeacherTokensOut):
    """A teacher; with new tokens if the password was changed."""


class StudentTokensOut(Tokens, StudentOut):
    """A student and the tokens; with `transport=cookie` they come as cookies only."""


class StudentChangedOut(StudentTokensOut):
    """A student; with new tokens if the password was changed."""


class SetPasswordOut(Tokens):
    """The account whose password was set, and its tokens."""

    teacher: Teacher | None = None
    student: StudentAccount | None = None


# -- marking without a face


class PinIn(In):
    """A PIN, and the password that says whose it is."""

    pin: Annotated[
        str, StringConstraints(pattern=r"^[0-9]{6,12}$"), BeforeValidator(pin_digits)
    ] = Field(description="6 to 12 digits.")
    password: Annotated[str, StringConstraints(max_length=200)]


class PasskeyPath(TextIn):
    """Which passkey."""

    passkey: RowId


class PasskeyIn(In):
    """What `navigator.credentials.create` gave, as JSON, and the `state` it was asked with."""

    credential: dict[str, Any]
    state: Annotated[str, StringConstraints(max_length=500)]
    name: Text80 = "Passkey"


class OwnPasskey(Out):
    """A passkey of the student's."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


class PasskeyOut(Out):
    """The passkey that was added."""

    passkey: OwnPasskey


class PasskeyAskedOut(Out):
    """For `navigator.credentials`, and the state to send back."""

    options: dict[str, Any]
    state: str


class KeysOut(Out):
    """With what the student can mark without a face."""

    pin: bool
    passkeys: list[OwnPasskey]


# -- personal data


class ExportedTemplate(Out):
    """A face template and the photograph that it was made from, if that is kept."""

    model: str
    quality: float
    created_at: datetime
    embedding: str = Field(description="Little-endian 32-bit floats, base64.")
    photograph: str | None = Field(description="The picture as it was uploaded, base64.")


class ExportedCourse(Out):
    """A course that the student is in."""

    course_id: int
    code: str
    name: str
    section: str | None
    enrolled_at: datetime


class ExportedFormerCourse(Out):
    """A course that the student was in."""

    course_id: int
    enrolled_at: datetime
    left_at: datetime


class ExportedMark(Out):
    """A mark; `distance` where a face was compared."""

    session_id: int
    subject: str
    section: str | None
    started_at: datetime
    status: Status
    method: Method
    distance: float | None
    marked_at: datetime
    remark: str | None
    evidence: str | None = Field(description="What it rests on; null: what `method` says.")
    school_reason: str | None = Field(description="The school's reason, by its name.")


class ExportedDeparture(Out):
    """When the student left a session before its end."""

    session_id: int
    left_at: datetime
    left_by: str = Field(description="How it is known: scan, code, kiosk, or manual by a teacher.")


class ExportedRefusal(Out):
    """A refused attempt to mark."""

    session_id: int
    code: str
    refused_at: datetime


class ExportedAppeal(Out):
    """An appeal of the student's, and what became of it."""

    session_id: int
    reason: str
    state: Literal["open", "accepted", "rejected"]
    remark: str | None
    created_at: datetime
    decided_at: datetime | None


class ExportedJoinRequest(Out):
    """That the student asked to be let into a course, and what became of it."""

    course_id: int
    state: Literal["open", "accepted", "declined"]
    created_at: datetime
    decided_at: datetime | None


class ExportedAbsence(Out):
    """Days for which the student asked to be excused."""

    id: int
    first_day: date
    last_day: date
    reason: str | None
    created_at: datetime
    note: str | None = Field(description="The picture of the note, a JPEG in base64.")


class ExportedExcuse(Out):
    """Days on which the student is excused from a course."""

    course_id: int
    first_day: date
    last_day: date
    reason: str | None
    school_reason: str | None
    created_at: datetime


class ExportedSeen(Out):
    """A session in which a camera has recognised the student."""

    session_id: int
    first_at: datetime
    last_at: datetime


class ExportedResembled(Out):
    """A face of which a teacher was asked whether it is the student's."""

    session_id: int
    seen_at: datetime
    distance: float


class ExportedClearedMark(Out):
    """A mark that was cleared, and may be restored."""

    session_id: int
    cleared_at: datetime
    undone_at: datetime | None
    status: Status
    method: Method
    distance: float | None
    marked_at: datetime
    remark: str | None
    evidence: str | None
    school_reason: str | None


class ExportedCorrectedMark(Out):
    """A mark that was put right with others at once, and what stood there before."""

    session_id: int
    corrected_at: datetime
    undone_at: datetime | None
    status: Status
    remark: str | None
    old_status: Status | None
    old_method: Method | None
    old_distance: float | None
    old_marked_at: datetime | None
    old_remark: str | None
    old_evidence: str | None
    school_reason: str | None
    old_school_reason: str | None


class ExportedPair(Out):
    """A pair with a student of a like face, as which the two were allowed; not who that is."""

    allowed_at: datetime


class ExportedPicture(Out):
    """A picture that enrolled or marked: its fingerprint, of which no picture can be made."""

    fingerprint: str
    used_at: datetime


class ExportedGuardian(Out):
    """A guardian."""

    name: str | None
    email: str
    language: str | None
    created_at: datetime


class ExportedMinor(Out):
    """Since when the consent is a guardian's."""

    noted_at: datetime


class ExportedTutor(Out):
    """The teacher who looks after the student."""

    name: str
    assigned_at: datetime


class ExportedGuardianConsent(Out):
    """What a guardian agreed to, and whether that was taken back."""

    signed_by: str
    email: str
    version: str
    language: str
    agreed_at: datetime
    withdrawn_at: datetime | None


class ExportedIncident(Out):
    """What a rule about absences found."""

    course_id: int
    rule: str
    day: str
    found: str
    began_at: datetime
    ended_at: datetime | None


class ExportedFirstPin(Out):
    """The PIN of a printed slip that waits for the student: when it was made, not which it is."""

    made_at: datetime
    expires_at: datetime


class ExportedPin(Out):
    """That the student has a PIN; its hash is not shown."""

    set_at: datetime


class ExportedPushDevice(Out):
    """A browser in which the student is told by push; not the secret that messages are sealed
    with."""

    id: int
    name: str
    endpoint: str
    created_at: datetime
    used_at: datetime | None


class ExportedProposal(Out):
    """A face that waits until a person has confirmed it."""

    model: str
    quality: float
    distance: float | None
    proposed_at: datetime
    picture: str | None = Field(description="The small picture of it, base64 of a JPEG.")


class ExportedFirstMark(Out):
    """A mark that counts when a person has confirmed the student's first face."""

    session_id: int
    status: str
    method: str
    distance: float
    evidence: str
    marked_at: datetime


class AuditLine(Out):
    """Who did what to whom, when, from what, to what, and why."""

    id: int
    occurred_at: datetime
    actor: str
    actor_name: str | None = Field(description="The account's present name, if it still exists.")
    action: str
    subject: str
    subject_name: str | None
    old: Any
    new: Any
    reason: str | None
    request_id: str | None


class PersonalDataOut(StudentOut):
    """Everything that is kept about a student."""

    exported_at: datetime
    templates: list[ExportedTemplate]
    courses: list[ExportedCourse]
    former_courses: list[ExportedFormerCourse]
    attendance: list[ExportedMark]
    departures: list[ExportedDeparture]
    refusals: list[ExportedRefusal]
    appeals: list[ExportedAppeal]
    join_requests: list[ExportedJoinRequest]
    absences: list[ExportedAbsence]
    excuses: list[ExportedExcuse]
    allowed_pairs: list[ExportedPair]
    seen_by_cameras: list[ExportedSeen]
    resembled: list[ExportedResembled]
    guardians: list[ExportedGuardian]
    minors: list[ExportedMinor]
    tutors: list[ExportedTutor]
    guardian_consents: list[ExportedGuardianConsent]
    incidents: list[ExportedIncident]
    pins: list[ExportedPin]
    first_pins: list[ExportedFirstPin]
    passkeys: list[OwnPasskey]
    push_devices: list[ExportedPushDevice]
    proposed_faces: list[ExportedProposal]
    first_marks: list[ExportedFirstMark]
    used_pictures: list[ExportedPicture]
    cleared_marks: list[ExportedClearedMark]
    corrected_marks: list[ExportedCorrectedMark]
    audit: list[AuditLine] = Field(description="What was done to the student, or by the student.")
