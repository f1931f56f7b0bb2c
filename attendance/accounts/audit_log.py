"""The audit log as people read it: with names, and as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attendance.accounts.schemas import AuditLine
from attendance.core.services import Services
from database import Row, Transaction, audit, students, teachers

COLUMNS = (
    *("occurred_at", "actor", "actor_name", "action", "subject", "subject_name"),
    *("old", "new", "reason", "request_id"),
)
# A part of a name that more people have is no filter.
MOST_PEOPLE = 500


def table(parts: Services, wanted: audit.Filter) -> Iterator[tuple[Any, ...]]:
    """Header and one row per line, newest first.

    A page per transaction: a slow reader holds nothing open.
    """
    yield COLUMNS
    before = None
    while True:
        with parts.database.read() as tx:
            rows = audit.page(tx, wanted, before=before, limit=audit.PAGE)
            lines = shown(tx, rows)
        for line in lines:
            yield tuple(_cell(line[column]) for column in COLUMNS)
        if len(rows) < audit.PAGE:
            return
        before = int(rows[-1]["id"])


def meant(tx: Transaction, text: str | None) -> list[str] | None:
    """The accounts that a filter means: one as the log writes it (`teacher:7`, `cli`), or people of
    whose name, number or address the text is a part. None: all."""
    if text is None:
        return None
    if ":" in text:
        return [text]
    people = [f"teacher:{number}" for number in teachers.called(tx, text)]
    people += [f"student:{number}" for number in students.called(tx, text, MOST_PEOPLE)]
    return [text, *people]


def shown(tx: Transaction, rows: list[Row]) -> list[Row]:
    """Lines as the outside sees them, with the present names of the accounts."""
    people = {str(row[column]) for row in rows for column in ("actor", "subject")}
    names = {f"teacher:{key}": name for key, name in teachers.names(tx, _ids(people, "teacher"))}
    names |= {f"student:{key}": name for key, name in students.names(tx, _ids(people, "student"))}
    return [
        AuditLine.shown(
            row,
            actor_name=names.get(row["actor"]),
            subject_name=names.get(row["subject"]),
            old=_value(row["old_value"]),
            new=_value(row["new_value"]),
        )
        for row in rows
    ]


def _ids(people: set[str], kind: str) -> list[int]:
    parts = (person.partition(":") for person in people)
    return [int(number) for name, _, number in parts if name == kind and number.isdigit()]


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
