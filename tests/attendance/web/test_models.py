"""The models that describe the API are told apart by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask import Response, jsonify
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, ValidationError

from tests.conftest import Api


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for derived in model.__subclasses__():
        yield derived
        yield from _below(derived)


def test_no_two_models_share_a_name(app: OpenAPI) -> None:
    # The description keeps its components by name: of two with one name the last one would win.
    classes = defaultdict(set)
    for model in _below(BaseModel):
        if model.__module__.startswith("attendance."):
            classes[model.__name__].add(model)
    assert len(classes) > 100
    assert {name: found for name, found in classes.items() if len(found) > 1} == {}


def test_lists_are_described_by_what_they_answer(api: Api) -> None:
    description = api.get("/openapi.json").json
    schemas = description["components"]["schemas"]

    def of(path: str, field: str) -> tuple[set[str], set[str]]:
        content = description["paths"][path]["get"]["responses"]["200"]["content"]
        name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        item = schemas[name]["properties"][field]["items"]["$ref"].rsplit("/", 1)[1]
        return set(schemas[name]["properties"]), set(schemas[item]["properties"])

    page, course = of("/course/mine", "courses")
    assert page == {"courses"}
    assert "join_code" in course
    page, student = of("/api/students/", "students")
    assert page == {"students", "next_cursor"}
    assert "has_password" in student
    page, session = of("/session/mine", "sessions")
    assert page == {"sessions", "page", "per_page", "total"}
    assert "teacher" not in session


@pytest.mark.parametrize(
    "answer",
    [{"status": "ok", "more": 1}, {}, {"status": 1}, {"status": "poorly"}],
    ids=["a field more", "a field less", "another type", "another word"],
)
def test_an_answer_that_differs_from_its_model_fails_the_test_that_sees_it(
    api: Api, answer: dict[str, object]
) -> None:
    assert api.get("/health").json == {"status": "ok"}
    api.app.view_functions["health.health"] = lambda: jsonify(answer)
    with pytest.raises(ValidationError):
        api.get("/health")


@pytest.mark.parametrize(
    "answer",
    [
        lambda: (jsonify({"status": "ok"}), 201),
        lambda: Response("ok", content_type="text/plain"),
        lambda: Response("{}", 500, content_type="application/json"),
    ],
    ids=["another status", "another media type", "an error that is no problem document"],
)
def test_an_answer_that_is_not_declared_fails_the_test_that_sees_it(
    api: Api, answer: object
) -> None:
    api.app.view_functions["health.health"] = answer  # type: ignore[assignment]
    with pytest.raises(AssertionError, match="GET /health answers"):
        api.get("/health")
