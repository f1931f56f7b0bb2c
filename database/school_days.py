"""Terms and holidays of the school: named stretches of days, both ends included."""

from __future__ import annotations

from database.core import Row, Transaction

TABLES = ("terms", "holidays")


def every(tx: Transaction, table: str) -> list[Row]:
    """All terms or holidays, by their first day."""
    assert table in TABLES
    return tx.all(f"SELECT id, name, first_day, last_day FROM {table} ORDER BY first_day, id")


def by_id(tx: Transaction, table: str, number: int) -> Row | None:
    """One term or holiday, or None."""
    assert table in TABLES
    return tx.one(f"SELECT id, name, first_day, last_day FROM {table} WHERE id = :id", id=number)


def add(tx: Transaction, table: str, *, name: str, first_day: str, last_day: str) -> int:
    """Add a term or holiday, and return its id."""
    assert table in TABLES
    _move_on(tx, table)
    return tx.insert(
        f"INSERT INTO {table} (name, first_day, last_day) VALUES (:name, :first_day, :last_day)",
        name=name,
        first_day=first_day,
        last_day=last_day,
    )


def change(
    tx: Transaction, table: str, number: int, *, name: str, first_day: str, last_day: str
) -> None:
    """Give a term or holiday other words or days."""
    assert table in TABLES
    _move_on(tx, table)
    tx.execute(
        f"""
        UPDATE {table} SET name = :name, first_day = :first_day, last_day = :last_day
        WHERE id = :id
        """,
        id=number,
        name=name,
        first_day=first_day,
        last_day=last_day,
    )


def delete(tx: Transaction, table: str, number: int) -> None:
    """Delete a term or holiday."""
    assert table in TABLES
    _move_on(tx, table)
    tx.execute(f"DELETE FROM {table} WHERE id = :id", id=number)


def free_days(tx: Transaction) -> list[tuple[str, str]]:
    """The first and last day of every holiday."""
    rows = tx.tuples("SELECT first_day, last_day FROM holidays ORDER BY first_day")
    return [(str(first), str(last)) for first, last in rows]


def _move_on(tx: Transaction, table: str) -> None:
    """Calendars take a change of a lesson only with a higher number than they know."""
    if table == "holidays":
        tx.execute("UPDATE plans SET sequence = sequence + 1")
