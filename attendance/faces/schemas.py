"""Requests and responses of faces: enrolment and identification."""

from __future__ import annotations

from typing import Annotated, Literal

from flask_openapi3 import FileStorage
from pydantic import Field

from attendance.web.schemas import FormText, In, Out, Text64

FormName = Annotated[Text64, FormText]


class UploadFaceForm(In):
    """One to five pictures of one face: JPEG, PNG or WebP, 10 MB each."""

    image: list[FileStorage]
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


class CheckFaceOut(Out):
    """How good a picture is. Nothing of it is stored."""

    good: bool = Field(description="Whether it could be enrolled or marked with.")
    code: str | None = Field(description="Why not: the problem's code, such as `too_dark`.")
    detail: str | None = Field(description="How to take a better one.")
    pose: Literal["straight", "left", "right", "away"] | None = Field(
        description="Which way the face looks; left and right are the person's own."
    )
    face: FaceQuality | None


class RegisterForm(In):
    """A person for identification by a device."""

    first_name: FormName
    last_name: FormName
    image: FileStorage
    student_id: FormName | None = Field(None, description="Unset: a number is generated.")


class ImageForm(In):
    """One picture."""

    image: FileStorage


class VerifyForm(In):
    """One to five pictures of one moment."""

    image: list[FileStorage]


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
