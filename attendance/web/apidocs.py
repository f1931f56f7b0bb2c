"""/openapi.json and the page at /docs, with nothing loaded from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template
from flask_openapi3 import OpenAPI, Tag
from flask_openapi3_swagger.plugins import RegisterPlugin

from attendance.core import errors

SECURITY_SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}

TAGS = [Tag(name="documentation", description="The API's description of itself")]

JSON: Any = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
HTML: Any = {200: {"content": {"text/html": {}}}}


def init_app(app: OpenAPI) -> None:
    """Serve the description of the API and a page to try it."""
    app.register_blueprint(RegisterPlugin.register(doc_url="openapi.json"), url_prefix="/docs/ui")

    @app.get("/openapi.json", tags=TAGS, responses=JSON)
    def openapi_json() -> Response:
        """The API, described for machines."""
        return jsonify(app.api_doc)

    @app.get("/docs/errors", tags=TAGS, responses=HTML)
    def docs_errors() -> str:
        """What each `code` of a problem document means; its `type` points here."""
        return render_template("errors.html", errors=errors.catalogue())

    @app.get("/docs", tags=TAGS, responses=HTML)
    def docs() -> str:
        """The API, documented for people."""
        return render_template("docs.html")
