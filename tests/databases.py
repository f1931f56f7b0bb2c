"""The database servers that the tests run on, and a fresh database for each test.

SQLite runs always. `TEST_DATABASE_URLS` names others, separated by spaces or commas; the user of
each URL may create databases. A test's database is a copy of a migrated one. After it, it is
emptied for a later test, which is quicker than another copy, or dropped where that cannot be done;
what a killed run has left behind goes with the next start.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from database import Database, migrate

ALL = ("SQLite", "MySQL", "MariaDB", "PostgreSQL")
PREFIX = "attendance_test_"
# So many emptied databases rest before one is used again: what a test has left running writes to
# nobody's.
SPARE = 3

Ask = Callable[[str], Any]


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
        # the tables of the migrated one, and their rows
        self._tables: dict[str, list[dict[str, Any]]] = {}
        self._spare: deque[str] = deque()
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
        if len(self._spare) > SPARE:
            name = self._spare.popleft()
            self._alive.add(name)
            return self._url(name)
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
        """Drop the databases of the test, or keep those that can be made as they were, which is
        quicker, for later tests; after the last one drop all, also the migrated one."""
        for name in sorted(self._alive):
            if template or name != self._template:
                self._alive.discard(name)
                if not template and self._emptied(name):
                    self._spare.append(name)
                else:
                    self._drop(name)
        if template:
            while self._spare:
                self._drop(self._spare.popleft())
            self._admin.dispose()

    def _drop(self, name: str) -> None:
        force = " WITH (FORCE)" if self.kind == "PostgreSQL" else ""
        self._do(f"DROP DATABASE IF EXISTS {name}{force}")

    def _emptied(self, name: str) -> bool:
        """Make a used database as it was when it was new, where that can be done."""
        if not self._tables:
            return False
        if self.kind != "PostgreSQL":
            with self._admin.connect() as connection:
                return self._is_emptied(connection, f"{name}.")
        engine = sa.create_engine(self._url(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                return self._is_emptied(connection, "")
        except sa.exc.DBAPIError:  # a test has dropped it
            return False

    def _is_emptied(self, connection: sa.Connection, prefix: str) -> bool:
        ask = connection.exec_driver_sql
        try:
            if not self._is_as_migrated(connection, prefix):
                return False
            if self.kind == "PostgreSQL":
                self._empty_postgresql(ask)
            else:
                self._empty_mysql(ask, prefix)
            for table, rows in self._tables.items():
                if rows:
                    ask(f"DELETE FROM {prefix}{table}")  # noqa: S608  # names from the server
                    names = rows[0].keys()
                    values = ", ".join(f":{column}" for column in names)
                    columns = ", ".join(names)
                    connection.execute(
                        sa.text(f"INSERT INTO {prefix}{table} ({columns}) VALUES ({values})"),  # noqa: S608
                        rows,
                    )
        except sa.exc.DBAPIError:  # a connection that a test has left open holds a row
            connection.invalidate()
            return False
        return True

    def _is_as_migrated(self, connection: sa.Connection, prefix: str) -> bool:
        schema = prefix.rstrip(".") or "public"
        if set(sa.inspect(connection).get_table_names(schema=schema)) != self._tables.keys():
            return False
        [revision] = self._tables["alembic_version"]
        found = connection.exec_driver_sql(f"SELECT version_num FROM {prefix}alembic_version")  # noqa: S608
        return [row[0] for row in found] == [revision["version_num"]]

    def _empty_mysql(self, ask: Ask, prefix: str) -> None:
        ask("SET foreign_key_checks = 0, innodb_lock_wait_timeout = 5")
        for table in self._used(ask, prefix):
            ask(f"DELETE FROM {prefix}{table}")  # noqa: S608  # names from the server
        view = "INNODB_SYS_TABLESTATS" if self.kind == "MariaDB" else "INNODB_TABLESTATS"
        stats = f"SELECT NAME FROM information_schema.{view} WHERE AUTOINC > 1"  # noqa: S608
        home = prefix.replace(".", "/")
        for (name,) in ask(f"{stats} AND NAME LIKE '{home}%%'").all():
            table = str(name).removeprefix(home)
            if not self._tables.get(table, True):
                ask(f"ALTER TABLE {prefix}{table} AUTO_INCREMENT = 1")
        ask("SET foreign_key_checks = 1, innodb_lock_wait_timeout = DEFAULT")

    def _empty_postgresql(self, ask: Ask) -> None:
        ask("SET lock_timeout = '5s'")
        if used := self._used(ask, ""):
            ask(f"TRUNCATE {', '.join(used)} CASCADE")
        counting = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
        for (sequence,) in ask(counting).all():
            ask(f"ALTER SEQUENCE {sequence} RESTART")

    def _used(self, ask: Ask, prefix: str) -> list[str]:
        """The tables that are empty in a new database, and are not here."""
        empty = [table for table, rows in self._tables.items() if not rows]
        asked = [f"SELECT '{each}' WHERE EXISTS (SELECT 1 FROM {prefix}{each})" for each in empty]  # noqa: S608
        return [str(row[0]) for row in ask(" UNION ALL ".join(asked))]

    def _prepare(self) -> None:
        template = self._new_name()
        self._do(f"CREATE DATABASE {template}")
        _migrate(self._url(template))
        self._template = template
        engine = sa.create_engine(self._url(template), poolclass=NullPool)
        with engine.connect() as connection:
            for table in sa.inspect(connection).get_table_names():
                rows = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()  # noqa: S608  # a name from the server
                self._tables[table] = [dict(row) for row in rows]
                if self.kind == "PostgreSQL":
                    continue
                made = connection.exec_driver_sql(f"SHOW CREATE TABLE {table}").all()[0][1]
                self._ddl.append(re.sub(r" AUTO_INCREMENT=\d+", "", made))
                if self._tables[table]:
                    self._ddl.append(
                        f"INSERT INTO {table} SELECT * FROM {template}.{table}"  # noqa: S608  # the same
                    )

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
