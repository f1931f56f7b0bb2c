"""The types that requests and responses are made of: checked at the door, shown at /docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import werkzeug.datastructures
from flask import request
from flask_openapi3 import FileStorage
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from attendance.core import emails, student_numbers, texts, usernames
from attendance.core.clock import iso
from attendance.web import exact


def in_order(last: date | None, info: ValidationInfo) -> date | None:
    """Refuse a `last_day` before its `first_day`, which the model has before it.

    Raises:
        PydanticCustomError: kind `before_from`.
    """
    first = info.data.get("first_day")
    if first is not None and last is not None and last < first:
        raise PydanticCustomError("before_from", "`to` lies before `from`.")
    return last


def _no_control_characters(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise PydanticCustomError("control_character", "Control characters are not allowed.")
    return value


def pin_digits(text: Any) -> Any:
    """A PIN as people type it from a slip ("1234 5678", "۱۲۳۴-۵۶۷۸"): its digits, as 0 to 9."""
    if not isinstance(text, str):
        return text
    return "".join(filter(str.isalnum, texts.plain_digits(text)))


def _text(
    form: Callable[[str], str], longest: int, shortest: int = 1, *, kinds: str = "string_too"
) -> Callable[[str], str]:
    """A validator: the text in the form that `attendance/core/texts.py` gives it, and its length.

    It comes before lengths are looked at: what is composed, or without the spaces around it, may
    be shorter than what was sent. `kinds` is how the mistakes' names begin, which clients know.
    """

    def checked(value: str) -> str:
        try:
            text = form(value)
        except texts.Unacceptable as error:
            raise PydanticCustomError(error.kind, "{message}", {"message": str(error)}) from None
        if len(text) < shortest:
            raise _wrong_length(f"{kinds}_short", min_length=shortest)
        if len(text) > longest:
            raise _wrong_length(f"{kinds}_long", max_length=longest)
        return text

    return checked


def _wrong_length(kind: str, **limit: int) -> PydanticCustomError:
    least = "at least {min_length}" if "min_length" in limit else "at most {max_length}"
    return PydanticCustomError(kind, f"The text should have {least} characters.", limit)


def _shown(longest: int, shortest: int = 1, **more: str) -> WithJsonSchema:
    """How such a text is described."""
    least = {"minLength": shortest} if shortest else {}
    schema = {"type": "string", **least, "maxLength": longest, **more}
    return WithJsonSchema(schema, mode="validation")


Text4 = Annotated[str, AfterValidator(_text(texts.line, 4)), _shown(4)]
Text40 = Annotated[str, AfterValidator(_text(texts.line, 40, kinds="too")), _shown(40)]
Text64 = Annotated[str, AfterValidator(_text(texts.line, 64)), _shown(64)]
Text80 = Annotated[str, AfterValidator(_text(texts.line, 80)), _shown(80)]
Text200 = Annotated[str, AfterValidator(_text(texts.line, 200)), _shown(200)]
# Of several lines.
Prose = Annotated[str, AfterValidator(_text(texts.paragraphs, 5000, 0)), _shown(5000, 0)]
Reason = Annotated[str, AfterValidator(_text(texts.paragraphs, 5000, kinds="too")), _shown(5000)]
# A new one; see `attendance/core/student_numbers.py`.
NewNumber = Annotated[
    str,
    AfterValidator(_text(student_numbers.accepted, student_numbers.LONGEST)),
    _shown(student_numbers.LONGEST, pattern=student_numbers.PATTERN),
]
# See `attendance/core/usernames.py`.
NewUsername = Annotated[
    str,
    AfterValidator(_text(usernames.accepted, usernames.LONGEST, 2)),
    _shown(usernames.LONGEST, 2, pattern=usernames.PATTERN),
]
# What is looked for: in the form in which texts are kept.
SearchText = Annotated[str, StringConstraints(max_length=200), AfterValidator(texts.cleaned)]
# A student number by which somebody is looked up: what was accepted once is found, in every form.
GivenNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(_no_control_characters),
]
Email = Annotated[EmailStr, AfterValidator(emails.normal), StringConstraints(max_length=254)]
# An address by which somebody is looked up: `emails.forms` says under what.
GivenEmail = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]
# A moment with its zone, within the years that every database stores.
Moment = Annotated[
    AwareDatetime,
    Field(
        ge=datetime(1970, 1, 1, tzinfo=timezone.utc), lt=datetime(2999, 12, 31, tzinfo=timezone.utc)
    ),
]
# As large as the databases' keys are.
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


def _file(value: Any) -> Any:
    if not isinstance(value, werkzeug.datastructures.FileStorage):
        raise PydanticCustomError("file", "A file is needed.")
    return value


# The library's own takes anything.
File = Annotated[FileStorage, AfterValidator(_file)]


class In(BaseModel):
    """A request. Unknown fields are ignored, so that newer clients can talk to older servers.

    Types are strict: no boolean is a number, no number a date or a text.
    """

    model_config = ConfigDict(strict=True, allow_inf_nan=False, str_max_length=10_000)
    _is_text: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _exactly(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        return exact.values(sent, cls.model_json_schema(), text=cls._is_text)

    @classmethod
    def model_validate_json(cls, json_data: Any, **options: Any) -> Any:
        """Refuse a text: the library would take JSON within a JSON text for the body."""
        return cls.model_validate(json_data, **options)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As pydantic's, but made once: forms and queries are read by it on every request."""
        key = repr((args, kwargs))
        if "_schemas" not in cls.__dict__:
            cls._schemas = {}
        if key not in cls._schemas:
            schema = super().model_json_schema(*args, **kwargs)
            cls._schemas[key] = _without_null(schema) if cls._is_text else schema
        return cls._schemas[key]

    _schemas: ClassVar[dict[str, dict[str, Any]]]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's schema for what arrives as text: there is no null, only what is not sent."""
    fields = {}
    for name, field in schema.get("properties", {}).items():
        kinds = [kind for kind in field.get("anyOf", []) if kind != {"type": "null"}]
        rest = {key: value for key, value in field.items() if key != "anyOf"}
        if rest.get("default", ...) is None:
            del rest["default"]
        fields[name] = {**kinds[0], **rest} if len(kinds) == 1 else field
    return {**schema, "properties": fields}


class OptionalIn(In):
    """A request whose body may be missing altogether."""

    model_config = ConfigDict(openapi_extra={"required": False})  # type: ignore[typeddict-unknown-key]  # of the OpenAPI library

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:
        # also a body that cannot be read arrives as None
        return {} if value is None and not request.get_data() else value


class TextIn(In):
    """What arrives as text: a path or a query. Numbers have ASCII digits and nothing else, and
    `true` and `false` are the only words for truth."""

    _is_text: ClassVar[bool] = True


class CsvStyleQuery(TextIn):
    """How a CSV file is written."""

    separator: Literal["comma", "semicolon", "tab"] = Field(
        "comma",
        description="With `semicolon`, numbers have a decimal comma, as spreadsheets then expect.",
    )
    times: Literal["utc", "local"] = Field(
        "utc",
        description="`local`: as the course's clocks show them, for people; a session's file then "
        "bears the course's name.",
    )
    bom: bool = Field(True, description="Whether the file begins with a byte order mark.")


class FormIn(TextIn):
    """A form, with files or without."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        """Take each text as it was sent: the library reads what it can as JSON, and of the student
        number 1e3 would make 1000.0."""
        texts = {name: text for name, text in request.form.items() if name not in request.files}
        return super().model_validate({**obj, **texts}, **options)


class Out(BaseModel):
    """A response."""

    @classmethod
    def shown(cls, row: object, **given: Any) -> dict[str, Any]:
        """The fields of this model, by their names in responses and in its order: as `given`, else
        as the row (or another object) has them, with times and flags as the API writes them.

        Raises:
            KeyError, AttributeError: the row lacks a field that is not given.
        """
        has = row.__getitem__ if isinstance(row, Mapping) else partial(getattr, row)
        fields: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            value = given[name] if name in given else has(name)
            shown = iso(value) if isinstance(value, datetime) else value
            if field.annotation is bool:  # databases keep 0 and 1
                shown = bool(shown)
            fields[field.serialization_alias or field.alias or name] = shown
        return fields


class FieldError(Out):
    """What is wrong with one field."""

    field: str
    message: str
    type: str = Field(description="The kind of mistake, such as `missing` or `string_too_long`.")
    limit: int | float | str | None = Field(
        None, description="The length, number or day that was exceeded."
    )


class ProblemOut(Out):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable name of the error, such as `face_not_found`.")
    errors: list[FieldError] | None = Field(None, description="With `invalid_request`: each field.")
    image: int | None = Field(
        None, description="Which of several pictures is meant, from 1 in the order sent."
    )
    session: dict[str, Any] | None = Field(
        None, description="With `session_open`: the session that is open."
    )
    found_columns: list[str] | None = Field(
        None, description="With `table_unreadable`: words of the file that may be its columns."
    )
    limit: int | None = Field(
        None, description="With `table_too_long`: how many rows are read at once."
    )
    step: int | None = Field(
        None, description="With `not_alive`: which picture does not show what was asked, from 1."
    )
    reason: str | None = Field(
        None,
        description="With `not_alive`: missing, other, too_late, too_fast, used, count, step or "
        "flat.",
    )
    marks: int | None = Field(
        None, description="With `confirmation_required`: how many marks would be cleared."
    )


def refuses(*statuses: int) -> dict[Any, Any]:
    """Declare statuses with which a call answers a problem document, for its `responses`.

    What every call of a kind may answer is declared by `apidocs`: 400 where something is sent,
    401 and 403 where a token is needed, 404 where the URL names something, 413 where there is a
    body, 500 and 503 everywhere.
    """
    return dict.fromkeys(statuses, ProblemOut)


class HealthOut(Out):
    """The process answers."""

    status: Literal["ok"]


class ReadyOut(Out):
    """Database and networks are ready."""

    status: Literal["ready"]
    database: str
    recognizer: dict[str, Any]
