"""/openapi.json and the page at /docs, with nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from threading import Lock
from typing import Any

from flask import Response, jsonify, render_template, request
from flask_openapi3 import APIBlueprint, OpenAPI, Tag
from flask_openapi3.utils import get_operation_id_for_path
from flask_openapi3_swagger.plugins import RegisterPlugin

from attendance.core import errors

SECURITY_SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}

TAGS = [Tag(name="documentation", description="The API's description of itself")]

JSON: Any = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
HTML: Any = {200: {"content": {"text/html": {}}}}
PROBLEM = "application/problem+json"
# These say how long to wait.
WAITING = (429, 503)


class Described(OpenAPI):
    """An application whose description says what its errors are like."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._describing = Lock()
        super().__init__(*args, **options)

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """As the library's, which forgets a path's methods when another blueprint has the path."""
        before = dict(self.paths)
        super().register_api(api, **options)
        for path in before.keys() & api.paths.keys():
            own = {name: value for name, value in self.paths[path] if value is not None}
            self.paths[path] = before[path].model_copy(update=own)

    @property
    def api_doc(self) -> dict[str, Any]:
        """The description, made when it is first asked for, whole for those who ask at once."""
        with self._describing:
            document: dict[str, Any] = super().api_doc
        return document

    def generate_spec_json(self) -> None:
        """As the library's, which takes errors for lists of `application/json`."""
        super().generate_spec_json()  # type: ignore[no-untyped-call]  # has no types
        describe_errors(self.spec_json)


def part_of(
    resource: str, name: str, module: str, *, prefix: str | None = None, description: str = ""
) -> APIBlueprint:
    """A blueprint for some of a resource's calls, where these stand in several files.

    In the API's description the resource is one.
    """

    def operation_id(*, name: str, path: str, method: str) -> str:
        return get_operation_id_for_path(bp_name=resource, name=name, path=path, method=method)

    return APIBlueprint(
        name,
        module,
        url_prefix=prefix,
        abp_tags=[Tag(name=resource, description=description)],
        operation_id_callback=operation_id,
    )


def describe_errors(document: dict[str, Any]) -> None:
    """Declare at each operation the statuses of its errors, each one RFC 9457 problem document.

    To those that an operation declares itself come the ones that follow from what it takes. What
    is left (405, 408) is its `default`.
    """
    responses = document["components"].setdefault("responses", {})
    codes: dict[int, list[str]] = {}
    for error in errors.catalogue():
        codes.setdefault(error["status"], []).append(error["code"])
    for operations in document["paths"].values():
        for operation in operations.values():
            declared = operation["responses"]
            own = {key: value for key, value in declared.items() if key[0] in "45"}
            for status in sorted(own.keys() - {"400"} | _following(operation)):
                known = codes.get(int(status), [])
                if f"Problem{status}" not in responses:
                    responses[f"Problem{status}"] = _problem(status, known)
                also = set(own.get(status, {}).get("content", {})) - {"application/json"}
                declared[status] = (
                    _problem(status, known, *also)
                    if also
                    else {"$ref": f"#/components/responses/Problem{status}"}
                )
            if "400" not in _following(operation):
                declared.pop("400", None)
            declared["default"] = {"$ref": "#/components/responses/Problem"}
    responses["Problem"] = _problem()


def _following(operation: dict[str, Any]) -> set[str]:
    """The statuses of the errors that follow from what an operation takes."""
    parameters, body = operation.get("parameters", []), "requestBody" in operation
    statuses = {"500", "503"}
    if parameters or body:
        statuses.add("400")
    if operation.get("security"):
        statuses |= {"401", "403"}
    if any(parameter["in"] == "path" for parameter in parameters):
        statuses.add("404")
    if body:
        statuses.add("413")
    return statuses


def _problem(status: str | None = None, codes: Sequence[str] = (), *also: str) -> dict[str, Any]:
    """A response with a problem document, or with one of `also` other media types."""
    text = "Another error." if status is None else f"{HTTPStatus(int(status)).phrase}."
    if codes:
        text += f" `code` is, for one, {', '.join(f'`{code}`' for code in codes)}."
    response: dict[str, Any] = {
        "description": text,
        "content": {
            PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}},
            **{media_type: {} for media_type in also},
        },
    }
    if status == "401":
        response["headers"] = {
            "WWW-Authenticate": {
                "description": "How to authenticate.",
                "schema": {"type": "string", "enum": ["Bearer"]},
            }
        }
    if status and int(status) in WAITING:
        response["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait before another attempt.",
                "schema": {"type": "integer"},
            }
        }
    return response


def init_app(app: OpenAPI) -> None:
    """Serve the description of the API and a page to try it."""
    app.register_blueprint(RegisterPlugin.register(doc_url="openapi.json"), url_prefix="/docs/ui")

    @app.get("/openapi.json", tags=TAGS, responses=JSON)
    def openapi_json() -> Response:
        """The API, described for machines."""
        if not request.script_root:
            return jsonify(app.api_doc)
        return jsonify({**app.api_doc, "servers": [{"url": request.script_root}]})

    @app.get("/docs/errors", tags=TAGS, responses=HTML)
    def docs_errors() -> str:
        """What each `code` of a problem document means; its `type` points here."""
        return render_template("errors.html", errors=errors.catalogue())

    @app.get("/docs", tags=TAGS, responses=HTML)
    def docs() -> str:
        """The API, documented for people."""
        return render_template("docs.html")
