"""Write docs/api.md from the description that the application gives of itself.

python -m tools.gen_api_docs            write it
python -m tools.gen_api_docs --check    only tell whether it is up to date
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from flask_openapi3 import OpenAPI

from attendance import create_app
from attendance.core import errors
from attendance.core.settings import PROJECT, Settings

PAGE = PROJECT / "docs" / "api.md"
HEAD = """\
# API

This page is written by `python -m tools.gen_api_docs` from the application's own description of
itself; a running server shows the same at `/docs`, to try, and at `/openapi.json`, for machines.

Requests and responses are JSON, with names in snake_case and times in UTC (ISO 8601 with `Z`). A
call for a teacher, a student or an administrator needs `Authorization: Bearer ACCESS_TOKEN` (or the
cookies of the pages, with the header `X-CSRF-TOKEN`). A `?` marks an optional field. What a client
says of threshold, student, status or time is ignored.

Texts are kept in Unicode's form NFC, without spaces around them; those of one line have single
spaces. One that holds what is not seen is refused with the field error `control_character` (control
characters, directions, ends of lines; joiners where no script needs them), and one that shows
nothing with `blank_text`. Descriptions and the reasons of appeals may have lines (`\\n`).
E-mail addresses are kept in small letters, composed, with the domain as people read it
(`bücher.example`), and are found in every form (`xn--bcher-kva.example`).

A new student number begins with a letter or digit of any script and goes on with letters, digits,
spaces, dots, hyphens and underscores (`student_number` otherwise); older ones are found as they
are. Integers, in paths too, are in ASCII digits.

Errors are problem documents (RFC 9457, `application/problem+json`) with the stable `code` of the
table at the end; any call may also answer 500 or 503. Socket.IO is described in
[events.md](events.md).
"""


def page(app: OpenAPI) -> str:
    """The text of docs/api.md."""
    description = app.api_doc
    parts = [HEAD]
    groups: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_row(app, description, path, method, operation))
    for tag, rows in sorted(groups.items()):
        parts.append(f"\n## {tag[0].upper()}{tag[1:]}\n")
        parts.append(
            "| call | by | request | response | errors | |\n| --- | --- | --- | --- | --- | --- |"
        )
        parts += sorted(rows)
    parts.append("\n## Errors\n")
    parts.append("| code | status | meaning |\n| --- | --- | --- |")
    parts += [
        f"| `{error['code']}` | {error['status']} | {_cell(error['meaning'])} |"
        for error in errors.catalogue()
    ]
    return "\n".join(parts) + "\n"


def _row(
    app: OpenAPI, description: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> str:
    sent = [
        f"{item['name']}{'' if item.get('required') else '?'}"
        for item in operation.get("parameters", [])
        if item["in"] == "query"
    ]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        fields = _fields(description, content["schema"], marked=True)
        sent.append(("multipart " if "form" in kind else "") + ", ".join(fields))
    answered = [
        _answer(description, status, response)
        for status, response in operation.get("responses", {}).items()
        if status.startswith(("2", "3"))
    ]
    refused = [status for status in operation["responses"] if status.startswith("4")]
    text, more = (
        " ".join((operation.get(key) or "").replace("<br/>", " ").split())
        for key in ("summary", "description")
    )
    return (
        f"| `{method.upper()} {path}` | {_role(app, path, method)} | {', '.join(sent)} "
        f"| {' · '.join(answered)} | {', '.join(refused)} | {_cell(f'{text} {more}'.strip())} |"
    )


def _answer(description: dict[str, Any], status: str, response: dict[str, Any]) -> str:
    for kind, content in response.get("content", {}).items():
        fields = _fields(description, content.get("schema", {}), marked=False)
        return f"{status} {{{', '.join(fields)}}}" if fields else f"{status} {kind}"
    return status


def _fields(description: dict[str, Any], schema: dict[str, Any], *, marked: bool) -> list[str]:
    reference = schema.get("$ref", "")
    if reference:
        schema = description["components"]["schemas"][reference.rsplit("/", 1)[1]]
    required = schema.get("required", [])
    return [
        name + ("?" if marked and name not in required else "")
        for name in schema.get("properties", {})
    ]


def _role(app: OpenAPI, path: str, method: str) -> str:
    for rule in app.url_map.iter_rules():
        described = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if described == path and method.upper() in (rule.methods or ()):
            role = getattr(app.view_functions[rule.endpoint], "role", None)
            return {None: "anyone", "any": "teacher or student"}.get(role, str(role))
    raise LookupError(f"{method} {path} is described and does not exist")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def current() -> str:
    """The page of the application as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(instance_dir=Path(folder), database_url=None)
        return page(create_app(settings))


def main() -> None:
    """Write the page, or check it."""
    text = current()
    if sys.argv[1:] == ["--check"]:
        if not PAGE.is_file() or PAGE.read_text("utf-8") != text:
            sys.exit("docs/api.md is out of date: run `python -m tools.gen_api_docs`")
        return
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
