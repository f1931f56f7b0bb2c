"""Forward, back, and forward again; every table described; every query served by an index."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from attendance.core.settings import PROJECT
from database import Database, migrate
from database.migrate import MIGRATIONS, current_revision
from tests.databases import Server, Sqlite


@pytest.fixture
def empty(tmp_path: Path, database_server: Sqlite | Server) -> Iterator[Database]:
    database = Database(database_server.create_empty(tmp_path))
    yield database
    database.close()


def revisions() -> list[str]:
    """Every revision, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in scripts][::-1]


def schema(database: Database) -> dict[str, object]:
    """Tables with columns, keys and indexes, as the database tells them."""
    inspector = sa.inspect(database.engine)
    return {
        table: (
            sorted(
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            ),
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted(str(key["name"]) for key in inspector.get_foreign_keys(table)),
            sorted(str(key["name"]) for key in inspector.get_unique_constraints(table)),
            sorted(str(index["name"]) for index in inspector.get_indexes(table)),
        )
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_every_step_forward_leads_back(empty: Database) -> None:
    before = [schema(empty)]
    for revision in revisions():
        migrate(empty, revision)
        assert current_revision(empty) == revision
        before.append(schema(empty))
    for revision, expected in zip([*revisions()[-2::-1], "base"], before[-2::-1], strict=True):
        migrate(empty, revision)
        assert schema(empty) == expected, f"back to {revision}"
    assert migrate(empty), "the database counts as empty again"
    assert schema(empty) == before[-1]


def test_the_newest_schema_again_changes_nothing(empty: Database) -> None:
    assert migrate(empty)
    before = schema(empty)
    assert not migrate(empty)
    assert schema(empty) == before


def test_two_servers_that_start_at_once_migrate_once(empty: Database) -> None:
    was_empty: list[bool] = []
    threads = [threading.Thread(target=lambda: was_empty.append(migrate(empty))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(was_empty) == [False, True]


def test_every_table_is_described(empty: Database) -> None:
    migrate(empty)
    text = (PROJECT / "docs" / "schema.md").read_text("utf-8")
    for table in schema(empty):
        assert f"`{table}`" in text, table


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM teachers WHERE email = 'x'",
        "SELECT * FROM students WHERE email = 'x'",
        "SELECT * FROM students WHERE student_id = 'x'",
        "SELECT * FROM face_templates WHERE student = 1",
        "SELECT * FROM face_changes WHERE version > 1 ORDER BY version",
        "SELECT * FROM sessions WHERE code = 'x'",
        "SELECT * FROM sessions WHERE teacher = 1 ORDER BY started_at DESC",
        "SELECT * FROM attendance WHERE session = 1 AND student = 1",
        "SELECT * FROM attendance WHERE student = 1 ORDER BY marked_at DESC",
        "SELECT course FROM enrolments WHERE student = 1",
        "DELETE FROM revoked_tokens WHERE expires_at <= 'x'",
    ],
)
def test_what_the_application_asks_has_an_index(tmp_path: Path, query: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    migrate(database)
    with database.read() as tx:
        plan = " ".join(str(row["detail"]) for row in tx.all(f"EXPLAIN QUERY PLAN {query}"))
    database.close()
    assert "USING" in plan, plan
    assert "SCAN" not in plan, plan
