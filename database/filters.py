"""Conditions that count only when asked for, and searching in text; the same on every database."""

from __future__ import annotations

from typing import Any

from database import naming
from database.core import Transaction

ESCAPE = "ESCAPE '!'"
# Of a search, which more words would hardly narrow.
MOST_WORDS = 8


def where(*conditions: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A WHERE clause of the conditions none of whose parameters is None, and the parameters.

    Nothing is sent for the others: PostgreSQL cannot tell the type of a lone NULL.
    """
    used = [item for item in conditions if None not in item[1].values()]
    params = {name: value for _, values in used for name, value in values.items()}
    return " AND ".join(["WHERE 1 = 1", *(sql for sql, _ in used)]), params


def containing(text: str | None) -> str | None:
    """A LIKE pattern (with `ESCAPE`, over LOWER) for what contains the text in any case."""
    return f"%{escaped(text.lower())}%" if text else None


def escaped(text: str) -> str:
    """The text with LIKE's own characters meaning themselves."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def count(tx: Transaction, table: str, clause: str, params: dict[str, Any]) -> int:
    """How many rows of the table meet the clause."""
    return int(tx.scalar(f"SELECT COUNT(*) FROM {table} {clause}", **params))


def searched(text: str | None) -> list[tuple[str, dict[str, Any]]]:
    """Conditions, for `where`, on students who have every word of the text somewhere, whatever the
    accents and capitals of either."""
    return [
        (
            f"students.search_key LIKE :word_{place} {ESCAPE}",
            {f"word_{place}": f"%{escaped(word)}%"},
        )
        for place, word in enumerate(naming.words(text or "")[:MOST_WORDS])
    ]
