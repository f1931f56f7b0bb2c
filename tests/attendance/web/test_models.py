"""The models that describe the API are told apart by their names."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier
from typing import Any

import pytest
from flask import Response, jsonify
from flask_openapi3 import OpenAPI
from pydantic import BaseModel, Field, ValidationError

from attendance.core.errors import EmailTaken
from attendance.web.problems import respond
from attendance.web.schemas import Out
from tests.attendance.school import course_of, enrol, put
from tests.conftest import Api, code_of


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
        lambda: respond(EmailTaken()),
    ],
    ids=[
        "another status",
        "another media type",
        "an error that is no problem document",
        "an error that the call does not declare",
    ],
)
def test_an_answer_that_is_not_declared_fails_the_test_that_sees_it(
    api: Api, answer: object
) -> None:
    api.app.view_functions["health.health"] = answer  # type: ignore[assignment]
    with pytest.raises(AssertionError, match="GET /health answers"):
        api.get("/health")


def test_every_error_of_every_call_is_described_as_one_problem_document(api: Api) -> None:
    description = api.get("/openapi.json").json
    assert set(description["components"]["schemas"]["ProblemOut"]["properties"]) >= {
        *("type", "title", "status", "detail", "code", "errors")
    }
    responses = description["components"]["responses"]
    seen = 0
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            declared = operation["responses"]
            assert {"500", "503", "default"} <= set(declared)
            if operation.get("security"):
                assert {"401", "403"} <= set(declared), (method, path)
            if "requestBody" in operation:
                assert {"400", "413"} <= set(declared), (method, path)
            for status in [key for key in declared if key[0] in "45d"]:
                reference = declared[status].get("$ref", "").rsplit("/", 1)[-1]
                response = responses.get(reference, declared[status])
                content = dict(response["content"])
                schema = content.pop("application/problem+json")["schema"]
                assert schema == {"$ref": "#/components/schemas/ProblemOut"}
                also = {"text/html"} if path == "/join/{ticket}" else set()
                assert set(content) <= also, (method, path, status)
                seen += 1
    assert seen > 500


def test_a_call_names_the_errors_that_are_its_own(api: Api) -> None:
    paths = api.get("/openapi.json").json["paths"]

    def errors_of(method: str, path: str) -> set[str]:
        return {status for status in paths[path][method]["responses"] if status[0] == "4"}

    assert errors_of("post", "/session/mark") == {
        *("400", "401", "403", "404", "409", "410", "413", "422", "423", "429")
    }
    assert errors_of("post", "/teacher/login") == {"400", "401", "403", "413", "429"}
    assert errors_of("get", "/session/{session_id}") == {"400", "401", "403", "404"}
    assert errors_of("get", "/health") == set()


def test_who_must_wait_is_told_how_long_in_the_description(api: Api) -> None:
    responses = api.get("/openapi.json").json["components"]["responses"]
    for status in ("429", "503"):
        assert "Retry-After" in responses[f"Problem{status}"]["headers"]
    assert "`too_many_tries`" in responses["Problem429"]["description"]


def test_who_asks_at_once_for_the_description_gets_it_whole(make_app: Callable[..., Any]) -> None:
    app, together = make_app(), Barrier(8)

    def ask(_number: int) -> Any:
        together.wait(timeout=30)
        return json.dumps(app.api_doc)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


ENDS = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": (
        *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59.999999-12:00", "9999-12-31T23:59:59.999999Z"),
    ),
}


def _kind(parameter: dict[str, Any]) -> str | None:
    schema = parameter["schema"]
    kinds = (one.get("format") for one in (schema, *schema.get("anyOf", ())))
    return next((kind for kind in kinds if kind in ENDS), None)


@pytest.mark.one_database
def test_the_ends_of_the_calendar_are_asked_for_without_harm(api: Api) -> None:
    admin, student = api.teacher(), api.student()
    course = course_of(api, admin)
    enrol(api, admin, course, student)
    put(api, admin, api.session(admin, course_id=course["id"]), student, "late")
    asked = 0
    for path, operations in api.app.api_doc["paths"].items():
        url = path.replace("{course_id}", "1").replace("{student_id}", student.row["student_id"])
        parameters = operations.get("get", {}).get("parameters", [])
        for name, kind in ((one["name"], _kind(one)) for one in parameters):
            for value in ENDS.get(kind or "", ()):
                by = student if url.startswith("/student/") else admin
                answer = api.get(url, by, query_string={name: value})
                assert answer.status_code in (200, 400), (url, name, value, answer.text)
                asked += 1
    assert asked > 30


def test_times_at_the_ends_of_the_calendar_are_refused(api: Api) -> None:
    admin = api.teacher()
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        for path in ("/admin/audit", "/admin/audit.csv"):
            for name in ("since", "until"):
                refused = api.get(path, admin, query_string={name: moment})
                assert code_of(refused) == (400, "invalid_request")
                assert refused.json["errors"][0]["field"] == name
        key = {"name": "Door", "scopes": ["verify"], "expires_at": moment}
        answer = api.post("/admin/api-keys", admin, json=key)
        assert code_of(answer) == (400, "invalid_request")
    assert api.get("/admin/api-keys", admin).json == {"api_keys": []}


class Shown(Out):
    """A model with another name outside, and a time."""

    id: int
    first_day: str = Field(alias="from")
    course_id: int
    made_at: datetime | None


def test_a_row_is_shown_by_the_fields_of_its_model_and_no_others() -> None:
    row = {
        "made_at": datetime(2026, 3, 2, 8, tzinfo=timezone.utc),
        "course": 3,
        "first_day": "2026-03-02",
        "password_hash": "secret",
        "id": 7,
    }
    shown = Shown.shown(row, course_id=row["course"])
    assert list(shown.items()) == [
        ("id", 7),
        ("from", "2026-03-02"),
        ("course_id", 3),
        ("made_at", "2026-03-02T08:00:00.000000Z"),
    ]
    with pytest.raises(KeyError):
        Shown.shown(row)
