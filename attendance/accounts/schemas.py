"""Requests and responses of accounts: sign-up, tokens, personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from attendance.accounts import passwords
from attendance.web.schemas import Email, In, OptionalIn, Out, Text64, Text200


def _password(value: str) -> str:
    if problem := passwords.complaint(value):
        raise PydanticCustomError("password", problem)
    return value


# Where a password is only compared, its form is not judged: the answer is the same.
GivenPassword = Annotated[str, StringConstraints(max_length=1024)]
NewPassword = Annotated[str, AfterValidator(_password)]


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

    # Stripped: MySQL finds an address also with spaces after it, and the text counts attempts.
    email: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(str.lower)
    ]
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
