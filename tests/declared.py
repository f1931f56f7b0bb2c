"""Whether an answer is what the application's own description declares for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from flask_openapi3 import OpenAPI
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from attendance.web.schemas import Out, ProblemOut

PROBLEM = "application/problem+json"
_documents: dict[tuple[str, ...], dict[str, Any]] = {}
_of_app: WeakKeyDictionary[OpenAPI, dict[str, Any]] = WeakKeyDictionary()


def check(app: OpenAPI, answer: TestResponse) -> None:
    """Compare an answer with the model declared for its operation and status.

    A field that the model lacks, a field that the answer lacks, and a value of another type are
    faults; so are a status and a media type that the operation does not declare.

    Raises:
        AssertionError: the two disagree.
        pydantic.ValidationError: the same, for a field.
    """
    operation = _operation(app, answer)
    where = f"{answer.request.method} {answer.request.path} answers {answer.status_code}"
    if answer.mimetype == PROBLEM:
        ProblemOut.model_validate_json(answer.data, strict=True, extra="forbid")
    if operation is None:
        assert answer.mimetype != "application/json", f"{where} with JSON that is not described"
        return
    declared = operation["responses"].get(str(answer.status_code))
    assert declared is not None, f"{where}, which is not declared: {answer.text[:200]}"
    content = _resolved(app, declared).get("content")
    if content is None:
        return
    assert answer.mimetype in content, f"{where} as {answer.mimetype}, declared: {list(content)}"
    if answer.mimetype == "application/json" and answer.request.path != "/openapi.json":
        reference = content[answer.mimetype]["schema"]["$ref"]
        model = _models()[reference.rsplit("/", 1)[1]]
        model.model_validate_json(answer.data, strict=True, extra="forbid")


def _resolved(app: OpenAPI, declared: dict[str, Any]) -> dict[str, Any]:
    reference = declared.get("$ref")
    if reference is None:
        return declared
    found: dict[str, Any] = _document(app)["components"]["responses"][reference.rsplit("/", 1)[1]]
    return found


def _operation(app: OpenAPI, answer: TestResponse) -> dict[str, Any] | None:
    """What the description says of the call that gave the answer; None: nothing."""
    method = answer.request.method
    try:
        rule, _ = app.url_map.bind("localhost").match(
            answer.request.path, method=method, return_rule=True
        )
    except (HTTPException, RequestRedirect):
        return None
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    operation: dict[str, Any] | None = _document(app)["paths"].get(path, {}).get(method.lower())
    return operation


def _document(app: OpenAPI) -> dict[str, Any]:
    """The application's description, made once for all that have the same routes."""
    if app not in _of_app:
        routes = tuple(rule.rule for rule in app.url_map.iter_rules())
        if routes not in _documents:
            _documents[routes] = app.api_doc
        _of_app[app] = _documents[routes]
    return _of_app[app]


@cache
def _models() -> dict[str, type[Out]]:
    # No two models share a name: a test of its own sees to that.
    return {model.__name__: model for model in _below(Out)}


def _below(model: type[Out]) -> Iterator[type[Out]]:
    for derived in model.__subclasses__():
        yield derived
        yield from _below(derived)
