"""A database of another version: who starts, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from attendance.core.settings import Settings
from database import Database, SchemaDiffers, migrate
from database.migrate import require_schema
from tests.databases import Server, Sqlite


@pytest.fixture
def empty(tmp_path: Path, database_server: Sqlite | Server) -> Iterator[Database]:
    database = Database(database_server.create_empty(tmp_path))
    yield database
    database.close()


def of_a_newer_version(database: Database) -> None:
    with database.write() as tx:
        tx.execute("UPDATE alembic_version SET version_num = '9999'")


def test_an_older_version_leaves_a_newer_database_alone(empty: Database) -> None:
    migrate(empty)
    require_schema(empty)
    of_a_newer_version(empty)
    for call in (migrate, require_schema):
        with pytest.raises(SchemaDiffers, match="at revision 9999, which this version does not"):
            call(empty)
    with empty.read() as tx:
        assert tx.scalar("SELECT version_num FROM alembic_version") == "9999"


def test_a_node_without_the_newest_schema_is_named(empty: Database) -> None:
    with pytest.raises(SchemaDiffers, match=r"at revision none, and .* db-upgrade"):
        require_schema(empty)
    migrate(empty, "0022")
    with pytest.raises(SchemaDiffers, match=r"at revision 0022, and this version works with 00"):
        require_schema(empty)


def test_a_server_beside_a_newer_one_ends_with_one_sentence(
    empty: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate(empty)
    of_a_newer_version(empty)
    url = empty.url.render_as_string(hide_password=False)
    models = Settings.load().models_dir
    settings = Settings.load(database_url=url, models_dir=models, port=1)
    monkeypatch.setattr(Settings, "load", lambda: settings)
    assert app.main() == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert said[0].startswith("error: the database is at revision 9999")
