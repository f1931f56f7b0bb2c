"""Requests and responses of faces: enrolment and identification."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from attendance.web.schemas import (
    File,
    FormIn,
    GivenNumber,
    In,
    NewNumber,
    Out,
    RowId,
    Text64,
    TextIn,
)


class UploadFaceForm(FormIn):
    """One to five pictures of one face: JPEG, PNG or WebP, 10 MB each."""

    image: list[File] = Field(min_length=1)
    consent: bool | None = Field(
        None, description="false: consent is refused; otherwise the upload itself is the consent."
    )


class FaceQuality(Out):
    """How good a picture was for recognition."""

    quality: float = Field(description="0 to 1, overall.")
    sharpness: float
    brightness: float = Field(description="Mean luminance of the face, 0 to 255.")
    size: int = Field(description="Shorter side of the face, in pixels of the picture.")


class UploadFaceOut(Out):
    """What was stored."""

    templates: int
    faces: list[FaceQuality]


class PendingFaceOut(Out):
    """The new face waits until a teacher or administrator has confirmed it."""

    pending: Literal[True]
    faces: list[FaceQuality]


class ProposalPath(TextIn):
    """Which enrolment that waits."""

    proposal: RowId


class ProposalDecideIn(In):
    """Whether the face is the student's."""

    accepted: bool


class Proposal(Out):
    """An enrolment that waits for a decision."""

    id: int
    student_id: str
    name: str
    replaces: bool = Field(description="Whether the student has another face that counts now.")
    distance: float | None = Field(
        description="Between the two, where there is one: more than a mark accepts."
    )
    templates: int
    picture: bool = Field(description="Whether there is a small picture of the face that waits.")
    before: bool = Field(
        description="Whether there is one of the face that counts now: where photographs are kept."
    )
    first_marks: int = Field(
        description="In so many sessions the student has marked with it; they count with it."
    )
    proposed_at: datetime


class ProposalsOut(Out):
    """The enrolments that wait, the oldest first."""

    enrolments: list[Proposal]


class ProposalDecidedOut(Out):
    """What was decided."""

    student_id: str
    accepted: bool
    sessions: list[int] = Field(description="In which the student is marked by it now.")


class CheckFaceOut(Out):
    """How good a picture is. Nothing of it is stored."""

    good: bool = Field(description="Whether it could be enrolled or marked with.")
    code: str | None = Field(description="Why not: the problem's code, such as `too_dark`.")
    detail: str | None = Field(description="How to take a better one.")
    pose: Literal["straight", "left", "right", "away"] | None = Field(
        description="Which way the face looks; left and right are the person's own."
    )
    turn: float | None = Field(
        description="How far it is turned, in distances between the eyes; above 0: to the left."
    )
    face: FaceQuality | None


class RegisterForm(FormIn):
    """A person for identification by a device."""

    first_name: Text64
    last_name: Text64
    image: File
    student_id: NewNumber | None = Field(None, description="Unset: a number is generated.")


class ImageForm(FormIn):
    """One picture."""

    image: File


class VerifyForm(FormIn):
    """One to five pictures of one moment."""

    image: list[File] = Field(min_length=1)
    candidates: int | None = Field(
        None, ge=1, le=10, description="Also tell so many of the nearest people."
    )
    all_faces: bool = Field(
        False, description="Tell of every face of the one picture, in place of the one person."
    )


class RegisterOut(Out):
    """The person was registered."""

    student_id: str
    name: str
    quality: FaceQuality


class VerifyCandidate(Out):
    """One of the nearest people, whether near enough or not."""

    student_id: str
    name: str
    distance: float


class VerifyFace(Out):
    """One face of a picture, and who it is, where that is known."""

    box: Annotated[list[float], Field(min_length=4, max_length=4)] = Field(
        description="x1, y1, x2, y2 as parts of the upright picture's width and height, 0 to 1."
    )
    student_id: str | None
    name: str | None
    distance: float | None


class VerifyOut(Out):
    """The person was recognised; or, with `all_faces`, only every face."""

    student_id: str | None = None
    name: str | None = None
    distance: float | None = None
    candidates: list[VerifyCandidate] | None = Field(None, description="With `candidates`.")
    faces: list[VerifyFace] | None = Field(None, description="With `all_faces`.")


class PairIn(In):
    """Two students, by the school's numbers."""

    student_ids: Annotated[list[GivenNumber], Field(min_length=2, max_length=2)]

    @field_validator("student_ids")
    @classmethod
    def _are_two(cls, value: list[str]) -> list[str]:
        if value[0] == value[1]:
            raise PydanticCustomError("same_student", "A pair has two different students.")
        return value


class PairQuery(TextIn):
    """Two students, by the school's numbers."""

    student_id: GivenNumber
    other_id: GivenNumber


class PairStudent(Out):
    """One of a pair."""

    id: int
    student_id: str
    name: str


class PairOut(Out):
    """Two students whose faces are alike, or who are allowed as a pair."""

    students: Annotated[list[PairStudent], Field(min_length=2, max_length=2)]
    distance: float | None = Field(
        description="The least between their templates; null where it is over the threshold."
    )
    allowed_at: datetime | None = Field(description="Since when they are an allowed pair, or null.")


class LookAlikesOut(Out):
    """Look-alikes, and allowed pairs."""

    threshold: float = Field(description="The largest distance that a mark accepts.")
    pairs: list[PairOut]
