"""Every field that people write in takes the same texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from attendance.web import schemas
from tests.attendance.school import course_of
from tests.conftest import Api, code_of

HIDDEN, BLANK = "a\u202eb", "\u2800"
# What is not kept, but compared with what is, and what has a form of its own.
COMPARED = {
    *("password", "current_password", "token", "refresh_token", "code", "ticket", "join_token"),
    *("join_code", "q", "actor", "action", "subject", "cursor", "student_id", "url", "email"),
    *(
        "language",
        "other_id",
        "student_ids",
        "challenge",
        "pin",
        "pass",
        "transfer_to",
        "username",
        "state",
        "passkey",
        "passkey_state",
    ),
}
KEPT = {
    *("name", "first_name", "last_name", "student_id", "department", "course", "code", "section"),
    *("subject", "description", "reason", "remark"),
}


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for derived in model.__subclasses__():
        yield derived
        yield from _below(derived)


def _takes_text(annotation: Any) -> bool:
    return annotation is str or any(map(_takes_text, get_args(annotation)))


def _kinds(model: type[BaseModel], name: str, text: str) -> set[str]:
    """The mistakes of this text in this field."""
    try:
        model.model_validate({name: text})
    except ValidationError as error:
        return {item["type"] for item in error.errors() if item["loc"][:1] == (name,)}
    return set()


def test_every_field_refuses_what_deceives(api: Api) -> None:
    seen = set()
    for model in _below(schemas.In):
        for field, info in model.model_fields.items():
            name = info.alias or field
            if not _takes_text(info.annotation) or name == "settings":
                continue
            with api.app.test_request_context():  # forms look at the request
                hidden, blank = _kinds(model, name, HIDDEN), _kinds(model, name, BLANK)
            if "control_character" in hidden and "blank_text" in blank:
                seen.add(name)
            else:
                assert hidden or name in COMPARED, (model.__name__, name)
    assert seen >= KEPT


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "/session/start", {"subject": "{}"}),
        ("POST", "/session/start", {"subject": "Algebra", "section": "{}"}),
        ("POST", "/course", {"code": "{}", "name": "Algebra"}),
        ("POST", "/course", {"code": "MA", "name": "{}"}),
        ("POST", "/course", {"code": "MA", "name": "Algebra", "description": "{}"}),
        ("PATCH", "/teacher/me", {"name": "{}"}),
        ("PATCH", "/teacher/me", {"department": "{}"}),
        ("POST", "/admin/api-keys", {"name": "{}", "scopes": ["verify"]}),
    ],
)
@pytest.mark.parametrize(
    ("text", "kind"),
    [("\u200b\u200b", "control_character"), (BLANK, "blank_text"), ("a\u2028b", None)],
)
def test_an_empty_looking_text_is_refused_with_the_kind_of_mistake(
    api: Api, method: str, url: str, body: dict[str, Any], text: str, kind: str | None
) -> None:
    field = next(name for name, value in body.items() if value == "{}")
    answer = api.call(method, url, api.teacher(), json={**body, field: text})
    assert code_of(answer) == (400, "invalid_request")
    assert [(error["field"], error["type"]) for error in answer.json["errors"]] == [
        (field, kind or "control_character")
    ]


def test_a_length_is_that_of_what_is_kept(api: Api) -> None:
    teacher = api.teacher()
    decomposed = "e\u0301" * 40
    kept = course_of(api, teacher, code=f"  {decomposed}  ")
    assert kept["code"] == "é" * 40
    answer = api.post("/course", teacher, json={"code": "é" * 41, "name": "A"})
    assert [(error["type"], error["limit"]) for error in answer.json["errors"]] == [
        ("too_long", 40)
    ]


def test_the_same_number_in_another_form_is_the_same_student(api: Api) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher)
    api.student(student_id="Zoe\u0308-1")
    answer = api.post(f"/course/{course['id']}/students", teacher, json={"student_id": "Zoë-1"})
    assert answer.status_code == 201
    assert answer.json["student"]["student_id"] == "Zoë-1"


def test_the_description_tells_how_long_a_text_may_be(api: Api) -> None:
    models = api.get("/openapi.json").json["components"]["schemas"]
    name = models["CourseIn"]["properties"]["name"]
    assert (name["minLength"], name["maxLength"]) == (1, 200)
    assert models["AppealIn"]["properties"]["reason"]["maxLength"] == 5000
