"""Nothing in a request is taken for what it merely looks like."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, TypeAdapter, ValidationError

from attendance.web.schemas import FormIn, In, OptionalIn, Out, TextIn
from tests.attendance.school import course_of
from tests.conftest import Api, code_of, picture

pytestmark = pytest.mark.any_database

LARGEST = 2**63 - 1
TIMES = (0, 1.5, True, "0", "1e3", "2026-1-1", "\uff12\uff10\uff12\uff16-01-01", "tomorrow", "")
# By format or type: what is of another.
OTHERS: dict[str, tuple[Any, ...]] = {
    "integer": (True, "1", 1.5, "\u0661"),
    "number": (True, "1", float("nan"), float("inf")),
    "boolean": (0, 1, "true", "yes"),
    "string": (1, 1.5, True, ["a"]),
    "array": ("a", 1, {"a": 1}),
    "date": (*TIMES, "2026-01-01T00:00:00", "2026-02-30"),
    "date-time": (*TIMES, "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T25:00:00Z"),
    "day or moment": (*TIMES, "2026-01-01T00:00:00", "2026-01-01T25:00:00Z", "2026-02-30"),
    "object": ("a", 1, ["a"]),
    "binary": ("a", 1),
}
NUMBERS = ("\u0663", "\u00b2", "1_0", " 1", "1 ", "+1", "01", "0x1", "", "one")
OTHER_TEXTS: dict[str, tuple[Any, ...]] = {
    **OTHERS,
    "integer": (*NUMBERS, "1.0", "1e1", True),
    "number": (*NUMBERS, "nan", "inf", "1e999", True),
    "boolean": ("0", "1", "yes", "on", "t", "True", ""),
}


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for derived in model.__subclasses__():
        yield derived
        yield from _below(derived)


def _requests() -> Iterator[type[In]]:
    for model in _below(In):
        if model not in (OptionalIn, TextIn, FormIn):
            assert issubclass(model, In)
            yield model


def _fields(model: type[In]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each field by its name in requests, with its JSON schema when it is there."""
    for name, schema in model.model_json_schema().get("properties", {}).items():
        kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
        if {kind.get("format") for kind in kinds} == {"date", "date-time"}:
            kinds = [{"type": "string", "format": "day or moment"}]
        assert len(kinds) == 1, (model, name)
        yield name, kinds[0]


def _takes(model: type[In], name: str, value: Any) -> bool:
    try:
        TypeAdapter(model).validate_python({name: value})
    except ValidationError as error:
        return name not in {item["loc"][0] for item in error.errors() if item["loc"]}
    return True


def test_no_model_of_a_request_takes_another_type(app: OpenAPI) -> None:
    seen, taken = 0, []
    with app.test_request_context():
        for model in _requests():
            others = OTHER_TEXTS if issubclass(model, TextIn) else OTHERS
            for name, schema in _fields(model):
                if "$ref" in schema:
                    continue
                kind = schema.get("format") if schema.get("format") in others else schema["type"]
                for value in others[kind]:
                    seen += 1
                    if _takes(model, name, value):
                        taken.append((model.__name__, name, value))
    assert seen > 500
    assert taken == []


def test_every_model_of_the_application_says_on_which_side_it_is(app: OpenAPI) -> None:
    for model in _below(BaseModel):
        if model.__module__.startswith("attendance.") and model.__name__ != "Settings":
            assert issubclass(model, In | Out), model
    for model in _requests():
        name = model.__name__
        assert issubclass(model, TextIn) == name.endswith(("Path", "Query", "Form", "Filter")), name
        assert issubclass(model, FormIn) == name.endswith("Form"), name


def test_no_number_of_a_request_is_larger_than_what_databases_keep(app: OpenAPI) -> None:
    for model in _requests():
        for name, schema in _fields(model):
            if schema.get("type") == "integer":
                assert schema["maximum"] <= LARGEST, (model.__name__, name)


@pytest.mark.parametrize(
    "body",
    [
        {"late_after_minutes": False},
        {"duration_minutes": "60"},
        {"duration_minutes": 60.5},
        {"subject": 7},
        {"course_id": True},
    ],
    ids=str,
)
def test_a_field_of_another_type_is_named(api: Api, body: dict[str, Any]) -> None:
    answer = api.post("/session/start", api.teacher(), json={"subject": "Algebra", **body})
    assert code_of(answer) == (400, "invalid_request")
    assert [error["field"] for error in answer.json["errors"]] == list(body)


def test_a_whole_number_is_whole_however_json_writes_it(api: Api) -> None:
    body = '{"subject": "Algebra", "late_after_minutes": 15.0}'
    answer = api.post("/session/start", api.teacher(), data=body, content_type="application/json")
    assert answer.status_code == 201, answer.text
    assert answer.json["session"]["late_after_minutes"] == 15


def test_json_in_a_json_text_is_no_body(api: Api) -> None:
    answer = api.post("/session/start", api.teacher(), json='{"subject": "Algebra"}')
    assert code_of(answer) == (400, "invalid_request")


def test_what_no_json_number_can_be_is_no_body(api: Api) -> None:
    teacher = api.teacher()
    url = f"/course/{course_of(api, teacher)['id']}"
    for word in ("NaN", "Infinity", "-Infinity"):
        body = f'{{"min_percentage": {word}}}'
        answer = api.call("PATCH", url, teacher, data=body, content_type="application/json")
        assert code_of(answer) == (400, "invalid_request")


@pytest.mark.parametrize("body", ["{", "null", "[]", '"{}"'])
def test_a_body_that_may_be_missing_is_judged_when_it_is_there(api: Api, body: str) -> None:
    student = api.student()
    content = {"data": body, "content_type": "application/json"}
    assert code_of(api.post("/auth/logout", student, **content)) == (400, "invalid_request")
    assert api.post("/auth/logout", student).status_code == 204


@pytest.mark.parametrize("number", ["1e3", "0012", "true", "null", "1.50"])
def test_a_number_in_a_form_arrives_as_it_was_typed(api: Api, number: str) -> None:
    answer = api.upload(
        "/register",
        api.teacher(),
        picture("obama"),
        first_name="7",
        last_name="null",
        student_id=number,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["student_id"] == number
    assert answer.json["name"] == "7 null"


def test_a_text_in_place_of_a_picture_is_refused(api: Api) -> None:
    student = api.student()
    for data in ({"image": "a"}, {"image": (io.BytesIO(b""), "")}):
        answer = api.call(
            "POST",
            "/student/upload-face",
            student,
            data=data,
            content_type="multipart/form-data",
        )
        assert answer.status_code in (400, 422), answer.text
        assert answer.mimetype == "application/problem+json"
