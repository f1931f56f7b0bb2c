"""Names of libraries that are nobody's promise: when one changes, it is said here, by its name."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask_babel import Domain, get_domain
from flask_openapi3 import OpenAPI

from attendance.core.settings import PROJECT

# What is overridden or called, and the library's own function that calls it, or that it is. `_`
# begins no promise, and gunicorn's and python-socketio's inner classes make none either.
CALLED_BY_LIBRARIES = {
    "socketio.pubsub_manager.PubSubManager": ("_publish", "_listen"),
    "gunicorn.workers.gthread.ThreadWorker": (
        *("accept", "on_client_socket_readable", "finish_request", "murder_pending"),
        *("_cap_keepalive", "handle_error", "enqueue_req"),
    ),
    "engineio.socket.Socket": ("_send_ping",),
    "engineio.server.Server": ("generate_id", "_cors_allowed_origins"),
    "werkzeug.routing.rules.Rule": ("_compile_builder", "_trace"),
}
USED = [(owner, name) for owner, names in CALLED_BY_LIBRARIES.items() for name in names]


def names_in(code: CodeType) -> set[str]:
    """The attributes that a function speaks of, those within it included."""
    inner = [names_in(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inner)


@pytest.mark.parametrize(("owner", "name"), USED)
def test_the_library_still_goes_by_this_name(owner: str, name: str) -> None:
    module_name, _, class_name = owner.rpartition(".")
    module = import_module(module_name)
    functions = [
        function
        for cls in getattr(module, class_name).__mro__
        for _, function in inspect.getmembers(cls, inspect.isfunction)
        if cls is not object
    ]
    assert any(name in names_in(function.__code__) for function in functions), (
        f"{owner} speaks of {name} no more: what relies on it (see the imports) must be looked at"
    )


def test_flask_babel_still_finds_catalogues_where_they_are_put(
    app: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any, **__: Any) -> None:
        raise AssertionError("Flask-Babel reads a catalogue that was put into its cache")

    monkeypatch.setattr("flask_babel.support.Translations.load", read)
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert isinstance(get_domain(), Domain)
        assert get_domain().gettext("Sign in") == "Anmelden"


def test_every_private_name_of_another_is_on_the_list() -> None:
    """`x._name`, where x is neither this object nor one of the project's own."""
    own = {"_undo", "_schemas", "_exit", "_get_current_object"}
    known = own | {name for _, name in USED}
    found: dict[str, list[str]] = {}
    for folder in ("attendance", "database", "facerecog"):
        for path in sorted((PROJECT / folder).rglob("*.py")):
            for name in private_names(path):
                found.setdefault(name, []).append(path.relative_to(PROJECT).as_posix())
    assert {name: where for name, where in found.items() if name not in known} == {}


def private_names(path: Path) -> set[str]:
    """Names with one underscore that a file asks of other objects."""
    return {
        node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and isinstance(node.value, ast.Name)
        and node.value.id not in ("self", "cls")
    }
