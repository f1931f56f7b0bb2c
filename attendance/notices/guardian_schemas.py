"""Requests and responses of guardians: as administrators keep them, and what they do by a link."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticKnownError

from attendance.corrections.schemas import AbsenceIn
from attendance.courses.schemas import Day
from attendance.notices.schemas import Language
from attendance.web.schemas import (
    Email,
    File,
    FormIn,
    In,
    Out,
    Reason,
    RowId,
    Text64,
    Text200,
    TextIn,
    in_order,
)


class GuardianIn(In):
    """A guardian of a student."""

    name: Text200 | None = None
    email: Email
    language: Language | None = Field(None, description="Unset: the school's, MAIL_LANGUAGE.")


class GuardiansPath(TextIn):
    """Of which student, by `id` (not by `student_id`)."""

    student: RowId


class GuardianPath(GuardiansPath):
    """Which guardian."""

    guardian: RowId


class Guardian(Out):
    """A guardian."""

    id: int
    name: str | None
    email: str
    language: Language | None
    created_at: datetime


class GuardianConsent(Out):
    """Who agreed to what, and when; and when that was taken back."""

    id: int
    signed_by: str
    email: str
    version: str
    language: Language
    agreed_at: datetime
    withdrawn_at: datetime | None


class GuardianOut(Out):
    """A guardian."""

    guardian: Guardian


class GuardiansOut(Out):
    """A student's guardians, and what they agreed to, newest first."""

    guardians: list[Guardian]
    minor: bool = Field(description="Whether the consent is a guardian's.")
    consents: list[GuardianConsent]


class MinorIn(In):
    """Whether the student's consent is a guardian's."""

    minor: bool


class GuardianAskedOut(Out):
    """The link, for whoever hands it over by hand."""

    link: str
    expires_at: datetime
    mail: bool = Field(description="Whether it was sent, too.")


class MissingConsent(Out):
    """A minor of whom no consent is in force."""

    id: int
    student_id: str
    name: str
    guardians: int
    has_face: bool


class MissingConsentsOut(Out):
    """Minors without a consent in force, by number."""

    missing: list[MissingConsent]


# -- what a guardian does with a link


class GuardianLinkIn(In):
    """The token behind the `#` of the link."""

    token: Text64


class GuardianLinkOut(Out):
    """What a link is for."""

    purpose: Literal["consent", "withdraw", "absence"]
    student: str
    version: str = Field(description="Which text of the consent the page shows.")


def _true(value: object) -> object:
    if value is not True:  # a literal would take a 1 as well
        raise PydanticKnownError("literal_error", {"expected": "True"})
    return value


class GuardianAgreeIn(GuardianLinkIn):
    """A guardian agrees."""

    name: Text200 = Field(description="The guardian's own name.")
    language: Language
    agree: Annotated[Literal[True], BeforeValidator(_true)]


class GuardianAbsenceIn(AbsenceIn, GuardianLinkIn):
    """A guardian asks to excuse the student."""


class GuardianNoteForm(FormIn):
    """The same as a form, with the picture of a note."""

    token: Text64
    first_day: Day = Field(alias="from")
    last_day: Day | None = Field(None, alias="to", description="Included; unset: one day.")
    reason: Reason
    image: File = Field(description="JPEG, PNG or WebP, up to 10 MB.")

    _in_order = field_validator("last_day")(in_order)


class GuardianDoneOut(Out):
    """It is done."""

    done: bool
