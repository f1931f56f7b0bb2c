"""Requests and responses of the calls under /admin."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, create_model

from attendance.accounts.guard import Scope
from attendance.accounts.schemas import AuditLine, Student, Teacher
from attendance.core import texts
from attendance.core.roles import AccountState, Role
from attendance.core.stored_settings import changeable, declared_type
from attendance.courses.schemas import CheckIn, Room
from attendance.sessions.schemas import Session
from attendance.web.paging import Page, PageQuery
from attendance.web.schemas import (
    Email,
    File,
    FormIn,
    GivenEmail,
    In,
    Moment,
    NewNumber,
    NewUsername,
    Out,
    RowId,
    SearchText,
    Text80,
    Text200,
    TextIn,
)

Filter = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(texts.cleaned),
]


# -- teachers


class TeacherPath(TextIn):
    """Which teacher."""

    teacher_id: RowId


class TeachersQuery(PageQuery):
    """Which teachers."""

    state: AccountState | None = None
    q: SearchText | None = Field(None, description="Part of the name or e-mail address.")


class TeacherChangeIn(In):
    """A teacher's new role."""

    role: Role


class TransferQuery(TextIn):
    """Who takes over."""

    transfer_to: RowId | None = Field(
        None, description="Id of the teacher who takes over the courses and sessions."
    )


class ListedTeacher(Teacher):
    """A teacher in the list."""

    courses: int
    sessions: int


class TeachersOut(Page):
    """A page of teachers, those waiting for approval first."""

    teachers: list[ListedTeacher]


class ResetLinkOut(Out):
    """A link for setting a password. Hand it to nobody but the account's owner."""

    link: str
    expires_at: datetime


# -- students


class AdminStudentPath(TextIn):
    """Which student, by `id` (not by `student_id`)."""

    student: RowId


class AdminStudentsQuery(PageQuery):
    """Which students."""

    q: SearchText | None = Field(None, description="Part of the number, name or e-mail address.")
    irregular: bool = Field(
        False, description="Only those with an old number, which could not be given today."
    )


class StudentCorrectionIn(In):
    """What an administrator puts right of a student's account; what is not sent stays.

    `student_id: null` frees the number: the account gets one that nobody else would.
    """

    name: Text200 = Field("")
    email: Email | None = None
    student_id: NewNumber | None = None
    username: NewUsername | None = None


class TutorIn(In):
    """The tutor, by e-mail address."""

    email: GivenEmail | None = Field(description="Of an active teacher; null: nobody.")


class Tutor(Out):
    """A teacher who looks after a student."""

    id: int
    name: str
    email: str


class TutorOut(Out):
    """A student's tutor; null: nobody."""

    tutor: Tutor | None


class MergeIn(In):
    """The account that stays, by its `id`."""

    into: RowId


class AdminStudent(Student):
    """A student in the list."""

    irregular: bool = Field(description="Whether the number is an old one, outside the alphabet.")


class AdminStudentOut(Out):
    """A student, as administrators see one."""

    student: AdminStudent


class AdminStudentsOut(Page):
    """A page of students by number."""

    students: list[AdminStudent]


# -- courses and sessions of everybody


class TeacherName(Out):
    """Whose it is."""

    id: int
    name: str


class AdminRecordsQuery(PageQuery):
    """Whose, and which page."""

    teacher_id: RowId | None = None


class AdminCourse(Out):
    """A course."""

    id: int
    code: str
    name: str
    section: str | None
    timezone: str
    students: int
    archived: bool
    teacher: TeacherName


class AdminCoursesOut(Page):
    """A page of courses by code."""

    courses: list[AdminCourse]


class AdminSession(Session):
    """A session, and whose it is."""

    teacher: TeacherName
    marks: int


class AdminSessionsOut(Page):
    """A page of sessions, newest first."""

    sessions: list[AdminSession]


# -- audit


class AuditFilter(TextIn):
    """Which lines; each filter narrows the others."""

    actor: Filter | None = Field(
        None, description="Who did it: `teacher:7`, `cli`, or a part of a name, number or address."
    )
    action: Filter | None = Field(
        None, description="What was done, or its family: `student.delete`, `student`."
    )
    subject: Filter | None = Field(
        None, description="To whom or what: `student:12`, or a part of a name."
    )
    since: Moment | None = None
    until: Moment | None = None


class AuditQuery(AuditFilter):
    """Which lines, and how many at once."""

    before: RowId | None = Field(None, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=500)


class AuditOut(Out):
    """Lines, newest first."""

    audit: list[AuditLine]
    next: int | None = Field(description="Send as `before` for the next page; null: no more.")


# -- API keys


class ApiKeyIn(In):
    """A new key."""

    name: Text200 = Field(description="Which device it is for.")
    scopes: list[Scope] = Field(min_length=1, description="The calls that it may make.")
    course_ids: list[RowId] = Field(
        default_factory=list,
        max_length=500,
        description="The courses whose sessions a camera or kiosk serves, and of which lists are "
        "read; none and no room: all.",
    )
    room: Text80 | None = Field(
        None, description="The room whose sessions it serves. Lists are of courses, not of rooms."
    )
    expires_at: Moment | None = Field(None, description="Unset: until it is revoked.")


class ApiKeyPath(TextIn):
    """Which key."""

    key_id: RowId


class ApiKey(Out):
    """A key, without the key itself."""

    id: int
    name: str
    hint: str = Field(description="How the key begins.")
    scopes: list[Scope]
    course_ids: list[int]
    room: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiKeyCreatedOut(Out):
    """The new key, shown only this once."""

    api_key: ApiKey
    key: str


class ApiKeysOut(Out):
    """Every key, newest first."""

    api_keys: list[ApiKey]


# -- settings


class Setting(Out):
    """A setting that may be changed while the server runs."""

    name: str
    value: Any
    default: Any
    source: Literal["environment", "stored", "default"] = Field(
        description="Where the value comes from; one from the environment cannot be changed here."
    )
    editable: bool
    description: str
    choices: list[str] | None = Field(description="The values it may have, if they are words.")
    type: Literal["boolean", "integer", "number", "string"]
    optional: bool = Field(description="Whether it may be unset.")
    distance: float | None = Field(
        description="Of a largest distance: the one in force, where none is set too."
    )
    false_match_rate: float | None = Field(
        description="Of a largest distance: the part of strangers whose comparison it accepts."
    )
    minimum: float | None
    exclusive_minimum: float | None
    maximum: float | None


class SettingsOut(Out):
    """Every setting that may be changed while the server runs."""

    settings: list[Setting]


SettingsPatchIn = create_model(
    "SettingsPatchIn",
    __base__=In,
    __doc__="New values by name; null: back to the default.",
    __cls_kwargs__={"extra": "forbid"},
    **{
        name: (declared_type(field) | None, Field(None, description=field.description))
        for name, field in changeable().items()
    },  # type: ignore[call-overload]  # the fields are computed
)


# -- the school


class LogoForm(FormIn):
    """The school's logo."""

    image: File


class LogoOut(Out):
    """Where the logo is now."""

    logo: str | None


class FirstStep(Out):
    """Something to do once."""

    name: Literal["school", "https", "mail", "course", "roster", "invitations", "trial"]
    done: bool


class FirstStepsOut(Out):
    """What is left to do on the first morning."""

    offered: bool = Field(description="false: all is done, or the setting `first_steps` says so.")
    steps: list[FirstStep]


# -- system


class Storage(Out):
    """Bytes in use, and of the disk."""

    database_bytes: int
    photo_bytes: int
    model_bytes: int
    disk_bytes: int
    disk_free_bytes: int


class FacesByNetwork(Out):
    """How many students have templates of which networks."""

    model: str = Field(description="The networks in use: both, vggface2 or sface.")
    current: int = Field(description="Students whom they compare.")
    re_embed: int = Field(description="Students whom `flask re-embed` moves: photographs are kept.")
    old: int = Field(description="Students whom an earlier network judges until a clear mark.")
    enrol_again: int = Field(description="Students who are asked to enrol again.")


class About(Out):
    """What runs here, and whether what keeps it safe is set up."""

    version: str
    address: str = Field(description="What links and QR codes begin with.")
    https: bool = Field(description="Whether that is an address by HTTPS.")
    mail: bool = Field(description="Whether a mail server is set up.")
    backup_at: datetime | None = Field(description="The last `flask backup`; null: none is known.")


class CameraFigures(Out):
    """What cameras have seen since this process of the server began."""

    open: int = Field(description="Cameras that have looked within the last two minutes.")
    frames: int
    faces: int = Field(description="Faces found, each in each frame.")
    known: int = Field(description="Faces that were followed and got a name.")
    uncertain: int = Field(description="Faces that were followed, and of which a teacher is asked.")
    unknown: int = Field(description="Faces that were followed and belong to nobody who agreed.")
    marked: int
    ms_per_frame: float | None
    frames_per_second: float | None = Field(
        description="How many frames one camera gets judged in a second while it looks."
    )


class SystemOut(Out):
    """How much is kept."""

    about: About
    faces: FacesByNetwork
    cameras: CameraFigures

    rows: dict[str, int] = Field(description="How many rows each table has.")
    storage: Storage


# -- accuracy


class ErrorsOut(Out):
    """Comparisons, and how many the threshold decides wrongly; rates are 0 to 1."""

    comparisons: int
    errors: int
    rate: float
    low: float = Field(description="The interval holds the true rate with a confidence of 95 %.")
    high: float


class OwnDataOut(Out):
    """What the school's own templates and marks say of the level in force."""

    model: str
    threshold: float = Field(description="The largest distance that a mark accepts, Euclidean.")
    expected_fmr: float = Field(
        description="Part of strangers whom it lets pass, as measured on public photographs."
    )
    students: int = Field(description="Who have templates and agreed to be recognised.")
    templates: int
    impostor: ErrorsOut | None = Field(description="Templates of two students with each other.")
    genuine: ErrorsOut | None = Field(description="Templates of one student with each other.")
    marks: int = Field(description="Marks by face, of which the distances are known.")
    distances: dict[str, float] = Field(description="Which part of them does not exceed what.")
    refused: int = Field(description="Attempts whose face did not agree.")
    refused_then_marked: int = Field(
        description="Of these, by students who were marked by face in the same session after all."
    )


class AccuracyOut(Out):
    """Error rates on the school's own data."""

    accuracy: OwnDataOut


class AssessedCourse(CheckIn):
    """A course in use, and how its students check in."""

    code: str
    name: str


class AssessmentOut(Out):
    """The facts of a data-protection impact assessment, as they are now."""

    printed_at: datetime
    school: str | None
    counts: dict[str, int] = Field(
        description="students, faces, photographs, waiting, cameras, fingerprints, pins, passkeys, "
        "marks, notes, guardians."
    )
    settings: dict[str, Any]
    courses: list[AssessedCourse]
    rooms: list[Room] = Field(
        description="Whose networks stand in the place of the courses', for sessions held there."
    )
    mail: bool = Field(description="Whether students are told by mail.")
