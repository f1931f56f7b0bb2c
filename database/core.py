"""The one door to the database: opens by URL, hands out transactions, closes.

SQLAlchemy serves as engine and pool only; every statement is raw SQL. What differs between the
dialects stands in `database.dialects`.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool

from database import dialects
from database.dialects import (
    DatabaseOptions,
    DatabaseUnavailable,
    ForeignKeyViolation,
    OutcomeUnknown,
    RolledBack,
    UniqueViolation,
    ValueOutOfRange,
)

__all__ = [
    "Database",
    "DatabaseUnavailable",
    "ForeignKeyViolation",
    "Row",
    "Transaction",
    "UniqueViolation",
    "ValueOutOfRange",
]

# A row of an answer: its values by the names of the columns.
Row = dict[str, Any]
Result = TypeVar("Result")
# A row whose columns are known: see `database.rows`.
Known = TypeVar("Known", bound=Mapping[str, Any])

# A connection older than this is replaced: below MySQL's wait_timeout on common hosts (10 min).
POOL_RECYCLE_SECONDS = 280
# How long to wait before each new attempt; half as long again at random, so that two who met part.
RETRY_SECONDS = (0.03, 0.1, 0.4)


class Transaction:
    """One open transaction. Commits when its `with` block ends, rolls back when it raises.

    Times go in and come out as aware UTC `datetime`: a column whose name ends in ``_at`` or
    ``_until`` is read as a time, whatever the driver makes of it.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect.name
        self._undo: list[Callable[[], object]] = []

    @property
    def connection(self) -> sa.Connection:
        """SQLAlchemy's connection, for Alembic, which speaks to one itself."""
        return self._connection

    def inspector(self) -> sa.Inspector:
        """What tells of the database's tables and columns, as they are now."""
        return sa.inspect(self._connection)

    def on_rollback(self, undo: Callable[[], object]) -> None:
        """Call `undo` if nothing of this transaction is kept, e.g. to delete a written file."""
        self._undo.append(undo)

    @property
    def share_lock(self) -> str:
        """SQL suffix that keeps a read row unchanged until commit."""
        return dialects.share_lock(self.dialect)

    @property
    def update_lock(self) -> str:
        """SQL suffix that lets no other transaction lock or change a read row until commit."""
        return "" if self.dialect == "sqlite" else "FOR UPDATE"

    def execute(self, sql: str, /, **params: Any) -> int:
        """Run one statement and return the number of rows it touched."""
        return self._run(sql, params).rowcount

    def insert(self, sql: str, /, **params: Any) -> int:
        """Run one INSERT into a table with an ``id`` and return the new id.

        Raises:
            UniqueViolation, ForeignKeyViolation: and the transaction goes on as if the
                statement had not been sent (a savepoint guards it).
        """
        with self.savepoint():
            if self.dialect == "postgresql":
                return int(self._run(f"{sql} RETURNING id", params).scalar_one())
            return int(self._run(sql, params).lastrowid)

    def insert_row(self, sql: str, /, **params: Any) -> None:
        """Like `insert`, for tables whose key is not ``id``."""
        with self.savepoint():
            self._run(sql, params)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails in this block is undone, and the transaction goes on."""
        savepoint = self._connection.begin_nested()
        try:
            yield
        except DatabaseUnavailable:
            # The transaction is over; after a deadlock MySQL has forgotten the savepoint already.
            raise
        except BaseException:
            savepoint.rollback()
            raise
        savepoint.commit()

    @overload
    def one(self, sql: str, /, **params: Any) -> Row | None: ...
    @overload
    def one(self, sql: str, kind: type[Known], /, **params: Any) -> Known | None: ...
    def one(self, sql: str, kind: Any = dict, /, **params: Any) -> Any:
        """The first row as a dict, or None; `kind` tells a type checker its columns."""
        row = self._run(sql, params).mappings().first()
        return None if row is None else _from_db(row)

    @overload
    def all(self, sql: str, /, **params: Any) -> list[Row]: ...
    @overload
    def all(self, sql: str, kind: type[Known], /, **params: Any) -> list[Known]: ...
    def all(self, sql: str, kind: Any = dict, /, **params: Any) -> Any:
        """Every row, each as a dict; `kind` tells a type checker their columns."""
        return [_from_db(row) for row in self._run(sql, params).mappings()]

    def tuples(self, sql: str, /, **params: Any) -> list[tuple[Any, ...]]:
        """Every row as a plain tuple, for many small rows; times as the driver gives them."""
        return [tuple(row) for row in self._run(sql, params)]

    def scalar(self, sql: str, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        return self._run(sql, params).scalar()

    def stream(self, sql: str, /, *, batch: int = 500) -> Iterator[list[Row]]:
        """Every row, some at a time: for whole tables. Read it to its end."""
        statement = _statement(sql).execution_options(yield_per=batch)
        with _named_errors():
            for rows in self._connection.execute(statement).mappings().partitions(batch):
                yield [_from_db(row) for row in rows]

    def insert_many(self, sql: str, rows: list[Row]) -> None:
        """Run one INSERT for each row."""
        if rows:
            bound = [{name: self._to_db(value) for name, value in row.items()} for row in rows]
            with _named_errors():
                self._connection.execute(_statement(sql), bound)

    def _run(self, sql: str, params: Mapping[str, Any]) -> sa.CursorResult[Any]:
        expanding = tuple(name for name in params if isinstance(params[name], (list, tuple)))
        bound = {name: self._to_db(value) for name, value in params.items()}
        # `IN ()` is no SQL; NULL is like no value of any type
        bound.update({name: [None] for name in expanding if not params[name]})
        with _named_errors():
            return self._connection.execute(_statement(sql, expanding), bound)

    def _to_db(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError("a time without a zone was given to the database")
            naive = value.astimezone(timezone.utc).replace(tzinfo=None)
            if self.dialect == "sqlite":
                return naive.isoformat(sep=" ", timespec="microseconds")
            return naive
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueOutOfRange("a number does not fit into 64 bits")
        return value


@lru_cache(1024)
def _statement(sql: str, expanding: tuple[str, ...] = ()) -> sa.TextClause:
    """The parsed statement; `expanding` names the parameters that are lists, as after IN."""
    statement = sa.text(sql)
    return statement.bindparams(*(sa.bindparam(name, expanding=True) for name in expanding))


_SNAPSHOT = {"isolation_level": "REPEATABLE READ"}


class Database:
    """Owns the engine and its pool. One per process, shared by all threads."""

    def __init__(self, url: str | sa.URL, options: DatabaseOptions | None = None) -> None:
        """Open by SQLAlchemy URL, e.g. ``sqlite:///instance/attendance.db``.

        Nothing is sent until the first transaction. A SQLite file's folder is created.
        """
        self.url = sa.make_url(url)
        self.options = options or DatabaseOptions()
        self.closed = False
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            if self.url.database in (None, "", ":memory:"):
                raise ValueError("an SQLite database must be a file")
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine_options: dict[str, Any] = {
            "poolclass": QueuePool,
            "pool_pre_ping": self.dialect != "sqlite",
            "pool_size": self.options.pool_size,
            "max_overflow": self.options.pool_size,
            "pool_timeout": self.options.pool_timeout,
            "pool_recycle": POOL_RECYCLE_SECONDS,
        }
        if self.dialect != "sqlite":
            engine_options["isolation_level"] = "READ COMMITTED"
        self.engine = sa.create_engine(
            self.url,
            connect_args=dialects.connect_args(self.dialect, self.options),
            **engine_options,
        )
        sa.event.listen(self.engine, "connect", self._prepare)
        sa.event.listen(self.engine, "handle_error", dialects.notice_lost_connection)
        if self.dialect == "sqlite":
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        self._readers = self.engine.execution_options(attendance_read_only=True)
        # SQLite has one writer at a time and lets the others ask again and again, so that some
        # never come to their turn: within this process they wait in line.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None

    def _prepare(self, dbapi_connection: Any, _record: Any) -> None:
        dialects.prepare(self.dialect, self.options, dbapi_connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that may change rows.

        Raises:
            DatabaseUnavailable: nothing of it was kept, unless it is `OutcomeUnknown`.
        """
        with self._turn(), _named_errors(), self.engine.connect() as connection:
            transaction = connection.begin()
            tx = Transaction(connection)
            try:
                try:
                    yield tx
                except BaseException:
                    transaction.rollback()
                    raise
                with _named_errors(committing=True):
                    transaction.commit()
            except OutcomeUnknown:
                raise
            except BaseException:
                for undo in tx._undo:
                    undo()
                raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=self.options.lock_timeout):
            raise DatabaseUnavailable("database is locked by another transaction of this process")
        try:
            yield
        finally:
            self._writer.release()

    def run(self, work: Callable[[Transaction], Result], *, repeatable: bool = False) -> Result:
        """Do `work` in a write transaction, and again, some few times, if that was rolled back by
        a deadlock, a conflict, a fail-over or a lost connection, unless it has taken as long as a
        lock may be waited for.

        Args:
            work: what to do; it changes nothing but the database.
            repeatable: `work` done twice is as good as once, so that it is tried again also when
                the connection broke during the commit, and only the database knows the outcome.

        Raises:
            DatabaseUnavailable: as `write` does, after the last try.
        """
        until = time.monotonic() + self.options.lock_timeout
        for pause in RETRY_SECONDS:
            try:
                with self.write() as tx:
                    return work(tx)
            except RolledBack:
                if time.monotonic() >= until:
                    raise
            except OutcomeUnknown:
                if not repeatable:
                    raise
            time.sleep(pause * random.uniform(1, 1.5))  # noqa: S311  # not a secret
        with self.write() as tx:
            return work(tx)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads; on SQLite it never waits for a writer."""
        with self._reading() as tx:
            yield tx

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A transaction that reads the whole database as it was at one moment."""
        with self._reading(**({} if self.dialect == "sqlite" else _SNAPSHOT)) as tx:
            yield tx

    @contextmanager
    def _reading(self, **options: Any) -> Iterator[Transaction]:
        with _named_errors(), self._readers.connect() as connection:
            if options:
                connection = connection.execution_options(**options)
            with connection.begin():
                yield Transaction(connection)

    @property
    def shown(self) -> str:
        """The URL without the password, for people and logs."""
        return self.url.render_as_string(hide_password=True)

    def ping(self) -> None:
        """Ask the database for an answer.

        Raises:
            DatabaseUnavailable: there is none.
        """
        with self.read() as tx:
            tx.scalar("SELECT 1")

    def in_use(self) -> int:
        """How many connections are in use now."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    def close(self) -> None:
        """Give every connection back to the operating system."""
        self.closed = True
        self.engine.dispose()


@contextmanager
def _named_errors(*, committing: bool = False) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise dialects.integrity_error(error) from error
    except DBAPIError as error:
        raise dialects.translated(error, committing=committing) from error
    except sa.exc.TimeoutError as error:
        raise DatabaseUnavailable(str(error)) from error


def _begin_sqlite(connection: sa.Connection) -> None:
    read_only = connection.get_execution_options().get("attendance_read_only")
    # A writer takes its lock at once: upgrading a read lock later could only fail.
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _from_db(row: Mapping[Any, Any]) -> Row:
    return {
        key: _as_time(value) if key.endswith(("_at", "_until")) else value
        for key, value in row.items()
    }


def _as_time(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    assert isinstance(value, datetime)
    return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value
