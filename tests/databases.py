"""The database servers that the tests run on, and a fresh database for each test.

SQLite runs always. `TEST_DATABASE_URLS` names others, separated by spaces or commas; the user of
each URL may create databases. A test's database is a copy of a migrated one and is dropped after
it; what a killed run has left behind goes with the next start.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from database import Database, migrate

ALL = ("SQLite", "MySQL", "MariaDB", "PostgreSQL")
PREFIX = "attendance_test_"


class Sqlite:
    """Databases that are files."""

    kind = "SQLite"
    version = sqlite3.sqlite_version

    def __init__(self, folder: Path) -> None:
        self._migrated = folder / "migrated.db"

    def create(self, folder: Path) -> str:
        """The URL of a migrated, empty database in a folder of the test."""
        if not self._migrated.exists():
            _migrate(f"sqlite:///{self._migrated}")
        path = folder / "attendance.db"
        shutil.copyfile(self._migrated, path)
        return f"sqlite:///{path}"

    def create_empty(self, folder: Path) -> str:
        """The URL of a database without tables."""
        return f"sqlite:///{folder / 'empty.db'}"

    def drop_all(self) -> None:
        """Nothing: pytest keeps its folders for a while."""


class Server:
    """Databases on a MySQL, MariaDB or PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self._admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        self._numbers = itertools.count(1)
        self._alive: set[str] = set()
        self._template: str | None = None
        self._ddl: list[str] = []
        with self._admin.connect() as connection:
            said = str(connection.exec_driver_sql("SELECT VERSION()").scalar())
            if self.url.get_backend_name() != "postgresql":
                # a test that still holds a lock fails here, and does not hang
                connection.exec_driver_sql("SET SESSION lock_wait_timeout = 20")
        self.kind = "MariaDB" if "MariaDB" in said else "MySQL"
        if said.startswith("PostgreSQL"):
            self.kind, said = said.split()[:2]
        self.version = said.split("-")[0]
        self._drop_left_behind()

    def create(self, _folder: Path) -> str:
        """The URL of a migrated, empty database."""
        if self._template is None:
            self._prepare()
        name = self._new_name()
        if self.kind == "PostgreSQL":
            self._do(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        else:
            self._do(
                f"CREATE DATABASE {name}", f"USE {name}", "SET foreign_key_checks = 0", *self._ddl
            )
        return self._url(name)

    def create_empty(self, _folder: Path) -> str:
        """The URL of a database without tables."""
        name = self._new_name()
        self._do(f"CREATE DATABASE {name}")
        return self._url(name)

    def drop_all(self, *, template: bool = False) -> None:
        """Drop the databases of the test; after the last one also the migrated one."""
        for name in sorted(self._alive):
            if template or name != self._template:
                force = " WITH (FORCE)" if self.kind == "PostgreSQL" else ""
                self._do(f"DROP DATABASE IF EXISTS {name}{force}")
                self._alive.discard(name)
        if template:
            self._admin.dispose()

    def _prepare(self) -> None:
        template = self._new_name()
        self._do(f"CREATE DATABASE {template}")
        _migrate(self._url(template))
        self._template = template
        if self.kind == "PostgreSQL":
            return
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"USE {template}")
            for (table,) in connection.exec_driver_sql("SHOW TABLES").all():
                made = connection.exec_driver_sql(f"SHOW CREATE TABLE {table}").all()[0][1]
                self._ddl.append(re.sub(r" AUTO_INCREMENT=\d+", "", made))
                if connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar():  # noqa: S608  # a name from the server
                    self._ddl.append(
                        f"INSERT INTO {table} SELECT * FROM {template}.{table}"  # noqa: S608  # the same
                    )
            connection.invalidate()

    def _do(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            if len(statements) > 1:
                connection.exec_driver_sql("SET foreign_key_checks = 1")

    def _url(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _new_name(self) -> str:
        name = f"{PREFIX}{os.getpid()}_{next(self._numbers)}"
        self._alive.add(name)
        return name

    def _drop_left_behind(self) -> None:
        if self.url.host not in ("127.0.0.1", "localhost"):
            return
        sql = "SELECT datname FROM pg_database" if self.kind == "PostgreSQL" else "SHOW DATABASES"
        with self._admin.connect() as connection:
            names = [str(row[0]) for row in connection.exec_driver_sql(sql)]
        for name in names:
            owner = re.fullmatch(rf"{PREFIX}(\d+)_\d+", name)
            if owner and not _runs(int(owner[1])):
                # another run that starts now may be quicker
                with contextlib.suppress(sa.exc.DBAPIError):
                    self._do(f"DROP DATABASE {name}")


def from_environment(folder: Path) -> list[Sqlite | Server]:
    """SQLite, and every server of TEST_DATABASE_URLS.

    Raises:
        sqlalchemy.exc.DBAPIError: one does not answer.
    """
    urls = re.split(r"[\s,]+", os.environ.get("TEST_DATABASE_URLS", "").strip())
    return [Sqlite(folder), *(Server(url) for url in urls if url)]


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
