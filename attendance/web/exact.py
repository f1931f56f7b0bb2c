"""Values of requests, read exactly: nothing that merely looks like another type is taken for it.

JSON has no dates, and paths, queries and forms have text only. What is written exactly as a type of
its field is written becomes a value of that type; everything else is left as it is, and fails the
field's strict validation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,99})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?(?:[eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_moments = TypeAdapter(datetime)


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else text
    except ValueError:
        return text


def _moment(text: str) -> datetime | str:
    try:
        return _moments.validate_python(text) if _MOMENT.fullmatch(text) else text
    except ValidationError:
        return text


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text


def _number(text: str) -> float | str:
    return float(text) if _NUMBER.fullmatch(text) else text


def _truth(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


# By the `format` or `type` of a field's JSON schema: what is text also in JSON, and what is not.
_WRITTEN: dict[str, Callable[[str], Any]] = {"date": _day, "date-time": _moment}
_FROM_TEXT = {**_WRITTEN, "integer": _whole, "number": _number, "boolean": _truth}


def values(sent: dict[str, Any], schema: dict[str, Any], *, text: bool) -> dict[str, Any]:
    """What was sent, by field, with the values that the model's JSON schema speaks of.

    Args:
        sent: by the names that a request has.
        schema: of the model.
        text: whether everything is text, as in paths, queries and forms.
    """
    readers = _FROM_TEXT if text else _WRITTEN
    fields = schema.get("properties", {})
    return {
        name: _read(value, fields[name], readers) if name in fields else value
        for name, value in sent.items()
    }


def _read(value: Any, schema: dict[str, Any], readers: dict[str, Callable[[str], Any]]) -> Any:
    for kind in _kinds(schema):
        if isinstance(value, list) and kind.get("type") == "array":
            return [_read(item, kind.get("items", {}), readers) for item in value]
        if isinstance(value, float) and kind.get("type") == "integer" and value.is_integer():
            return int(value)  # JSON has one kind of number: 27.0 is 27
        if isinstance(value, str):
            reader = readers.get(kind.get("format") or kind.get("type", ""))
            value = value if reader is None else reader(value)
    return value


def _kinds(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema, or those of which it is any."""
    yield from schema.get("anyOf", (schema,))
