"""Requests and responses of cameras, photographs of a class and kiosks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from attendance.core.statuses import Status
from attendance.courses import check_in
from attendance.room.modes import Mode
from attendance.sessions.schemas import AttendanceRow, SessionPath
from attendance.web.schemas import File, FormIn, GivenNumber, In, Out, RowId, TextIn, pin_digits

Box = Annotated[list[float], Field(min_length=4, max_length=4)]
BOX = "x1, y1, x2, y2 as parts of the upright picture's width and height, 0 to 1."


class CameraIn(In):
    """What the session's cameras may do."""

    mode: Mode


class CameraState(Out):
    """The session's cameras."""

    mode: Mode
    gallery: int = Field(description="How many students of the session agreed, and have a face.")
    seen: int = Field(description="How many of them a camera has seen.")
    marked: int = Field(description="How many marks come from a camera or photograph.")


class CameraOut(Out):
    """The session's cameras."""

    camera: CameraState


class SightingPath(SessionPath):
    """Which sighting of which session."""

    sighting: RowId


class SightingsQuery(TextIn):
    """Which sightings."""

    all: bool = Field(False, description="Also those that were decided.")


class Candidate(Out):
    """A student who could be meant."""

    student_id: str
    name: str
    distance: float


class Sighting(Out):
    """A face of which the teacher is asked who it is."""

    id: int
    at: datetime
    camera: str
    reason: Literal["proposed", "uncertain", "still"] = Field(
        description="`proposed`: recognised, to be confirmed; `uncertain`: it could be one of "
        "these; `still`: it has never moved, and may be a picture."
    )
    box: Box = Field(description=BOX)
    crop: bool = Field(description="Whether there is still a small picture of it.")
    candidates: list[Candidate]
    decided: bool


class SightingsOut(Out):
    """The session's sightings, the oldest first."""

    sightings: list[Sighting]


class DecideSightingIn(In):
    """Who it is, by the school's number; null: nobody of those."""

    student_id: GivenNumber | None = None


class SightingOut(Out):
    """The sighting, and the mark that the decision made or found."""

    sighting: Sighting
    attendance: AttendanceRow | None = None


class StudentsIn(In):
    """Students, by the school's numbers."""

    student_ids: Annotated[list[GivenNumber], Field(min_length=1, max_length=1000)]


class CameraMarksOut(Out):
    """Whose marks were written, or taken back: the school's numbers."""

    marked: list[str]


class SeenStudent(Out):
    """A student by name."""

    student_id: str
    name: str


class Compared(Out):
    """What the phones and the cameras say; nobody is named who did not agree to cameras."""

    seconds: int = Field(description="How long the cameras looked.")
    enough: bool = Field(
        description="Whether they looked long enough and saw most of those who checked in."
    )
    unseen: list[SeenStudent] = Field(description="Checked in, and never seen; where `enough`.")
    unmarked: list[SeenStudent] = Field(description="Seen, and not checked in.")


class ComparedOut(Compared):
    """The phones and the cameras of a session."""


class PhotographForm(FormIn):
    """One to five photographs of the class."""

    image: list[File] = Field(min_length=1)
    mark: bool = Field(
        True, description="false: only tell who is on them; POST /session/{id}/camera/marks marks."
    )


class PhotographFace(Out):
    """A face on a photograph."""

    image: int = Field(description="On which of the photographs, from 1 in the order sent.")
    box: Box = Field(description=BOX)
    state: Literal["known", "uncertain", "unknown", "small"]
    student_id: str | None = None
    name: str | None = None
    distance: float | None = None
    candidates: list[Candidate] = Field(description="Who could be meant, where that is uncertain.")


class PhotographOut(Out):
    """Who is on the photographs."""

    faces: list[PhotographFace]
    marked: list[str] = Field(description="Numbers of the students who were marked by this call.")
    uncertain: list[PhotographFace] = Field(description="Those of `faces` that need an answer.")


class KioskForm(FormIn):
    """One to five pictures of one moment, or a student's pass, or a student number and PIN."""

    image: list[File] = Field(default_factory=list)
    pass_: str | None = Field(
        None, alias="pass", max_length=300, description="The text of the QR code."
    )
    student_id: GivenNumber | None = None
    pin: Annotated[str, StringConstraints(max_length=40), AfterValidator(pin_digits)] | None = None
    waited_seconds: int = Field(
        0,
        ge=0,
        le=600,
        description="For how long it could not be sent: the time that counts is that of arrival at "
        "the door.",
    )
    leaving: bool = Field(
        False, description="Who stands there leaves; for courses that want to be told."
    )


class KioskSession(Out):
    """A session in which a kiosk marks."""

    id: int
    subject: str
    section: str | None
    started_at: datetime
    check_out: check_in.CheckOut


class KioskPlanned(Out):
    """The next lesson that is planned."""

    subject: str
    starts_at: datetime


class KioskOut(Out):
    """What a kiosk shows while nobody stands there."""

    now: datetime
    sessions: list[KioskSession]
    next: KioskPlanned | None


class KioskMarkOut(Out):
    """Who was marked at the door, or left by it."""

    status: Status
    already: bool = Field(description="Whether there was a mark before this.")
    student_id: str
    name: str
    marked_at: datetime
    session_id: int
    left_at: datetime | None
