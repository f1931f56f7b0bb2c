"""Promises as flat facts, which can be compared line by line."""

from __future__ import annotations

from typing import Any

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
WORDS = ("title", "description", "summary", "operationId", "tags")
Facts = dict[str, str]


def readable(promised: dict[str, Any], *, words: bool = False) -> dict[str, Facts]:
    """The facts of each part: where it stands → what stands there."""
    return {
        "calls": calls(promised["openapi"], words=words),
        "errors": {e["code"]: f"{e['status']} {e['meaning']}" for e in promised["errors"]},
        "events": {
            f"{heading}: {row[0]} {row[1] if len(row) > 2 else ''}".strip(): " | ".join(row[1:])
            for heading, rows in promised["events"].items()
            for row in rows
        },
        "settings": flat(promised["settings"]),
    }


def calls(description: dict[str, Any], *, words: bool = False) -> Facts:
    """Each call of an OpenAPI description, with the models that it names put in their places.

    The names of models are nobody's business outside: what counts is the fields.
    """
    facts: Facts = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if method not in METHODS:
                continue
            call = f"{method.upper()} {path}"
            facts[call] = "is there"
            whole = _resolved(operation, description, ())
            whole["parameters"] = {
                f"{each['in']} {each['name']}": each for each in whole.get("parameters", [])
            }
            found = flat(whole if words else _without_words(whole))
            facts.update({f"{call} {where}": what for where, what in found.items()})
    return facts


def flat(value: Any, where: str = "") -> Facts:
    """A tree as one line a leaf; a list of plain values is a set and stands on one line."""
    if isinstance(value, dict) and value:
        parts = [flat(each, f"{where}.{key}".lstrip(".")) for key, each in value.items()]
        return {place: what for part in parts for place, what in part.items()}
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        parts = [flat(each, f"{where}[{number}]") for number, each in enumerate(value)]
        return {place: what for part in parts for place, what in part.items()}
    if isinstance(value, list):
        return {where: ", ".join(sorted(map(str, value)))}
    return {where: str(value)}


def _resolved(value: Any, description: dict[str, Any], above: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_resolved(each, description, above) for each in value]
    if not isinstance(value, dict):
        return value
    name = value.get("$ref")
    if isinstance(name, str):
        if name in above:
            return {"again": str(len(above) - above.index(name))}  # a model inside itself
        found: Any = description
        for step in name.removeprefix("#/").split("/"):
            found = found[step]
        beside = {key: each for key, each in value.items() if key != "$ref"}
        return {**_resolved(found, description, (*above, name)), **beside}
    return {key: _resolved(each, description, above) for key, each in value.items()}


def _without_words(value: Any, *, names: bool = False) -> Any:
    # Under `properties` the keys are names of fields: one that is called title is no title.
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_words(each, names=key in ("properties", "parameters") and not names)
        for key, each in value.items()
        if names or key not in WORDS
    }
