"""Schema migrations, forward and back, by Alembic. The scripts are in ``migrations/versions``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from database.core import Database, Transaction
from database.dialects import MYSQL, DatabaseUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
# Names of the lock under which one process migrates; on MySQL names are of the whole server.
_POSTGRESQL_LOCK = 0x617474656E64
_MYSQL_LOCK = "CONCAT('migrate.', LEFT(SHA2(DATABASE(), 256), 40))"


class SchemaDiffers(Exception):
    """The schema is not the one that this version works with; the message says which is newer."""


def migrate(database: Database, revision: str = "head") -> bool:
    """Bring the schema to `revision` (``head``, ``base``, or a revision id), up or down.

    Running it again changes nothing, and of two servers that start at once the second waits. The
    whole step is one transaction where the database can do that (SQLite, PostgreSQL).

    Returns:
        Whether the database was empty before.

    Raises:
        SchemaDiffers: a newer version has migrated it; nothing was changed.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    # A big table takes its time.
    patient = Database(database.url, replace(database.options, answer_timeout=0, lock_timeout=600))
    try:
        with patient.write() as tx, _turn(tx):
            before = MigrationContext.configure(tx.connection).get_current_revision()
            _require_known(before)
            config.attributes["connection"] = tx.connection
            down = revision == "base" or (before is not None and revision < before)
            (command.downgrade if down else command.upgrade)(config, revision)
    finally:
        patient.close()
    return before is None


def current_revision(database: Database) -> str | None:
    """The revision that the schema is at, or None for an empty database."""
    with database.read() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision()


def require_schema(database: Database) -> None:
    """The schema is what this version works with.

    Raises:
        SchemaDiffers: it is older, or newer.
    """
    revision = current_revision(database)
    _require_known(revision)
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if revision != newest:
        raise SchemaDiffers(
            f"the database is at revision {revision or 'none'}, and this version works with "
            f"{newest}: run `flask --app app db-upgrade`"
        )


def _require_known(revision: str | None) -> None:
    if revision is not None and not is_known(revision):
        raise SchemaDiffers(
            f"the database is at revision {revision}, which this version does not know: a newer "
            "one has been there; run that one, or restore a backup"
        )


def is_known(revision: str | None) -> bool:
    """Whether this version of the application has the migrations up to a revision."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    return revision in known


@contextmanager
def _turn(tx: Transaction) -> Iterator[None]:
    """Whoever else migrates this database waits. (On SQLite every writer does.)"""
    if tx.dialect == "postgresql":
        tx.scalar("SELECT pg_advisory_xact_lock(:key)", key=_POSTGRESQL_LOCK)
    if tx.dialect not in MYSQL:
        yield
        return
    # A lock of the connection: on MySQL each change of a table ends the transaction.
    if tx.scalar(f"SELECT GET_LOCK({_MYSQL_LOCK}, 600)") != 1:
        raise DatabaseUnavailable("another server is migrating this database")
    try:
        yield
    finally:
        tx.scalar(f"SELECT RELEASE_LOCK({_MYSQL_LOCK})")
