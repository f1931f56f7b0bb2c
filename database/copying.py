"""The whole database as one SQLite file, and back: the same file for every kind of database.

A database of SQLite is copied by its own online backup; of the others, every row is copied in one
snapshot transaction. Either way the file is the database at one moment, while others write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from database import counters, tokens
from database.core import Database, Transaction
from database.dialects import MYSQL, DatabaseOptions
from database.migrate import current_revision, migrate

_VERSIONS = "alembic_version"
Progress = Callable[[int], object]


def save(database: Database, path: Path, progress: Progress) -> None:
    """Write the database, as it is at this moment, into a new SQLite file.

    `progress` is told how many rows or pages were copied since the last time.
    """
    if database.dialect == "sqlite":
        _copy_online(Path(str(database.url.database)), path)
        return
    target = opened(path)
    try:
        # Before the snapshot: a migration in between would leave a table behind.
        migrate(target, str(current_revision(database)))
        with database.snapshot() as source, target.write() as tx:
            copy(source, tx, progress)
    finally:
        target.close()


def opened(path: Path) -> Database:
    """The database in a file that `save` has written."""
    return Database(f"sqlite:///{path.resolve()}", DatabaseOptions(pool_size=1))


def rows(database: Database) -> int:
    """How many rows the database has, about."""
    with database.read() as tx:
        return sum(int(tx.scalar(f"SELECT COUNT(*) FROM {table}")) for table, _ in tables_of(tx))


def copy(source: Transaction, target: Transaction, progress: Progress) -> dict[str, int]:
    """Replace every row of one database by those of another with the same schema.

    Returns the id with which each table goes on: of those that either database has given out none
    is given out again, since tokens name an account by it. `continue_ids` wants to know them when
    this transaction has been committed.
    """
    ids = _next_ids(source)
    for table, own in _next_ids(target).items():
        ids[table] = max(ids[table], own)
    tables = tables_of(target)
    for table, _ in reversed(tables):
        target.execute(f"DELETE FROM {table}")
    for table, columns in tables:
        names = ", ".join(columns)
        values = ", ".join(f":{column}" for column in columns)
        insert = f"INSERT INTO {table} ({names}) VALUES ({values})"
        for batch in source.stream(f"SELECT {names} FROM {table}"):
            target.insert_many(insert, batch)
            progress(len(batch))
    if target.dialect not in MYSQL:
        _set_next_ids(target, ids)
    return ids


def continue_ids(database: Database, ids: dict[str, int]) -> None:
    """Go on with these ids where `copy` cannot say so: MySQL and MariaDB would commit."""
    if database.dialect in MYSQL:
        with database.write() as tx:
            _set_next_ids(tx, ids)


def end_tokens(tx: Transaction) -> None:
    """End every token that was ever given out, also those given out after what was restored."""
    version = tokens.new_version()
    for table in ("teachers", "students"):
        tx.execute(f"UPDATE {table} SET token_version = :version", version=version)


def faces_before(tx: Transaction) -> tuple[int, set[int]]:
    """The version of the faces and who has any, to be told to `refresh_faces`."""
    version = int(tx.scalar("SELECT value FROM counters WHERE name = 'faces'"))
    return version, _with_faces(tx)


def refresh_faces(tx: Transaction, before: tuple[int, set[int]]) -> None:
    """Let every running process read all faces again: who had some before, or has some now."""
    version, students = before
    tx.execute(
        "UPDATE counters SET value = :version WHERE name = 'faces' AND value < :version",
        version=version,
    )
    for student in sorted(students | _with_faces(tx)):
        tx.insert_row(
            "INSERT INTO face_changes (version, student) VALUES (:version, :student)",
            version=counters.raise_by_one(tx, "faces"),
            student=student,
        )


def _with_faces(tx: Transaction) -> set[int]:
    return {int(row["student"]) for row in tx.all("SELECT DISTINCT student FROM face_templates")}


def _copy_online(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copied:
        # All pages in one step: writers go on in the log meanwhile.
        live.backup(copied)
        copied.execute("PRAGMA journal_mode = DELETE")


def tables_of(tx: Transaction) -> list[tuple[str, list[str]]]:
    """Every table of the application with its columns; who is pointed to comes first."""
    inspector = tx.inspector()
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name]
    return [
        (name, [column["name"] for column in inspector.get_columns(name)])
        for name in names
        if name != _VERSIONS
    ]


def _next_ids(tx: Transaction) -> dict[str, int]:
    """The id that the next row of each table gets, where the database gives them out."""
    inspector = tx.inspector()
    found = {}
    for table, _ in tables_of(tx):
        types = {column["name"]: column["type"] for column in inspector.get_columns(table)}
        if isinstance(types.get("id"), sa.Integer):
            found[table] = _next_id(tx, table)
    return found


def _set_next_ids(tx: Transaction, ids: dict[str, int]) -> None:
    for table, value in ids.items():
        _set_next_id(tx, table, value)


def _next_id(tx: Transaction, table: str) -> int:
    """The id that the next row gets; those of deleted rows are not given out again."""
    highest = int(tx.scalar(f"SELECT COALESCE(MAX(id), 0) FROM {table}"))
    used: Any
    if tx.dialect == "sqlite":
        used = tx.scalar("SELECT seq FROM sqlite_sequence WHERE name = :name", name=table)
    elif tx.dialect == "postgresql":
        sequence = tx.scalar("SELECT pg_get_serial_sequence(:name, 'id')", name=table)
        used = tx.scalar(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
    else:
        made = tx.one(f"SHOW CREATE TABLE {table}")
        assert made is not None
        _, _, counter = str(made["Create Table"]).partition(" AUTO_INCREMENT=")
        used = int(counter.split()[0]) - 1 if counter else 0
    return max(highest, int(used or 0)) + 1


def _set_next_id(tx: Transaction, table: str, value: int) -> None:
    if tx.dialect == "sqlite":
        tx.execute("DELETE FROM sqlite_sequence WHERE name = :name", name=table)
        tx.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :used)",
            name=table,
            used=value - 1,
        )
    elif tx.dialect == "postgresql":
        sequence = tx.scalar("SELECT pg_get_serial_sequence(:name, 'id')", name=table)
        tx.scalar(
            "SELECT setval(CAST(:name AS regclass), :value, false)", name=sequence, value=value
        )
    else:
        tx.execute(f"ALTER TABLE {table} AUTO_INCREMENT = {value}")
