"""What differs between SQLite, MySQL, MariaDB and PostgreSQL, in one place.

How a connection is opened and prepared, which clause holds a row, and what a driver's error
means. Everything else in this package is the same SQL for all.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

MYSQL = ("mysql", "mariadb")
WAL_TRIES = 100

# Errors by SQLSTATE (PostgreSQL) and error number (MySQL, MariaDB, and what speaks their protocol).
_UNIQUE = {"23505", 1062}
_FOREIGN_KEY = {"23503", 1451, 1452, 1216, 1217}
# Deadlock, serialisation failure, certification failure of Galera (1213) or Group Replication
# (3101): rolled back whole, by the server, also where the commit is answered so.
_ROLLED_BACK = {"40001", "40P01", 1213, 1020, 3101, 9007}
# A node of a cluster that has lost the others, or stands by after a fail-over: not ready (1047),
# an error during the commit (1180), read-only (1290, 1836), a hook of Group Replication (3100),
# outside of its group (3796), or its group does not answer (3797).
# Another node takes the transaction; of a commit only the cluster knows the outcome.
_OF_A_NODE = {1047, 1180, 1290, 1836, 3100, 3796, 3797}
# Waited too long for a lock: the statement was undone, and with the error the transaction ends.
_WAITED = {1205}
# Too many connections, shutting down, no access, no TLS (2026), a full disk (1021, 1114): nothing
# that another statement would cure.
_UNAVAILABLE = {1203, 1040, 1226, 1053, 1044, 1045, 1049, 1698, 2026, 3159, 1021, 1114}
_UNAVAILABLE_CLASSES = ("08", "53", "57")
_UNAVAILABLE_STATES = {"55P03", "25006"}
# The connection is gone, which SQLAlchemy does not see by itself: -1 is a broken socket, 3024 the
# driver's own time-out (the server then still works on the statement).
_LOST = {-1, 2003, 3024, 3025, 1053, 1927, 4031} | _OF_A_NODE


class UniqueViolation(Exception):
    """A row with this key is already there."""


class ForeignKeyViolation(Exception):
    """The row points to another that does not exist (any more)."""


class ValueOutOfRange(ValueError):
    """A number does not fit into 64 bits, so no row can have it."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached, is locked for too long, or the connection was lost."""


class RolledBack(DatabaseUnavailable):
    """A deadlock, a conflict or a lost connection: nothing was kept; a new attempt may succeed."""


class OutcomeUnknown(DatabaseUnavailable):
    """The connection broke during the commit: only the database knows whether it was kept."""


@dataclass(frozen=True)
class DatabaseOptions:
    """How a database is opened."""

    # connections kept, and as many more under load
    pool_size: int = 10
    # seconds to wait for one of them, for the server to accept one, for another's lock, and for
    # an answer before the connection is given up (0: as long as it takes)
    pool_timeout: float = 10
    connect_timeout: int = 5
    lock_timeout: int = 10
    answer_timeout: int = 30
    # encrypted where the server can, always, or always and by a server that `tls_ca` vouches for
    tls: Literal["prefer", "require", "verify"] = "prefer"
    tls_ca: Path | None = None
    # this client's own certificate, where the server asks for one
    tls_cert: Path | None = None
    tls_key: Path | None = None


def connect_args(dialect: str, options: DatabaseOptions) -> dict[str, Any]:
    """The driver's own arguments."""
    files = {"ca": options.tls_ca, "cert": options.tls_cert, "key": options.tls_key}
    given = {name: str(path) for name, path in files.items() if path is not None}
    answer = options.answer_timeout
    if dialect == "sqlite":
        return {"check_same_thread": False, "timeout": options.lock_timeout}
    if dialect in MYSQL:
        arguments: dict[str, Any] = {f"ssl_{name}": path for name, path in given.items()}
        arguments["connection_timeout"] = options.connect_timeout
        # the same driver on every machine, whose errors are the ones told apart here
        arguments["use_pure"] = True
        if answer:
            arguments |= {"read_timeout": answer, "write_timeout": answer}
        if options.tls == "verify":
            arguments |= {"ssl_verify_cert": True, "ssl_verify_identity": True}
        return arguments
    names = {"ca": "sslrootcert", "cert": "sslcert", "key": "sslkey"}
    arguments = {names[name]: path for name, path in given.items()}
    arguments["connect_timeout"] = options.connect_timeout
    arguments["sslmode"] = {"verify": "verify-full"}.get(options.tls, options.tls)
    if answer:
        # also when the other end vanishes without a word
        arguments |= {
            "tcp_user_timeout": answer * 1000,
            "keepalives_idle": answer,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
    return arguments


def prepare(dialect: str, options: DatabaseOptions, connection: Any) -> None:
    """Set up a fresh connection.

    Raises:
        DatabaseUnavailable: TLS is required, and the server has none.
    """
    if dialect == "sqlite":
        # The driver's own transaction handling is off: BEGIN is sent by the `begin` event.
        connection.isolation_level = None
        # SQLite's own folds ASCII only.
        connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for statement in _settings(dialect, options):
        cursor.execute(statement)
    if dialect == "sqlite":
        _write_ahead(cursor)
    if dialect == "postgresql":
        connection.commit()
    if dialect in MYSQL:
        _wait_for_the_cluster(cursor)
    if dialect in MYSQL and options.tls != "prefer":
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        if not cursor.fetchone()[1]:
            connection.close()
            raise DatabaseUnavailable("TLS is required, and the database server offers none")
    cursor.close()


def _wait_for_the_cluster(cursor: Any) -> None:
    """On a node of Galera, or of a group in which all may write: until it has done all that the
    others had agreed upon by now. After a fail-over it would else read, for a moment, what was
    there before. (Where Group Replication has one primary, that one waits by itself.)"""
    cursor.execute(
        "SHOW VARIABLES WHERE Variable_name IN "
        "('wsrep_on', 'group_replication_single_primary_mode')"
    )
    found = dict(cursor.fetchall())
    if found.get("wsrep_on") == "ON":
        variable, waits = "wsrep_sync_wait", "1"
    elif found.get("group_replication_single_primary_mode") == "OFF":
        variable, waits = "group_replication_consistency", "'BEFORE'"
    else:
        return
    cursor.execute(f"SET SESSION {variable} = {waits}")
    cursor.execute("SELECT 1 FROM (SELECT 1) AS one")
    cursor.fetchall()
    cursor.execute(f"SET SESSION {variable} = @@GLOBAL.{variable}")


def _write_ahead(cursor: Any) -> None:
    """Switch SQLite to its write-ahead log: two at once do not wait for each other."""
    for _ in range(WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            time.sleep(0.02)
    cursor.execute("PRAGMA journal_mode = WAL")


def _settings(dialect: str, options: DatabaseOptions) -> list[str]:
    if dialect == "sqlite":
        return [
            f"PRAGMA busy_timeout = {options.lock_timeout * 1000}",
            "PRAGMA foreign_keys = ON",
            "PRAGMA synchronous = FULL",
        ]
    if dialect in MYSQL:
        return [
            "SET SESSION time_zone = '+00:00', "
            f"SESSION innodb_lock_wait_timeout = {options.lock_timeout}, "
            "SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
            "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
        ]
    return [
        "SET TIME ZONE 'UTC'",
        f"SET lock_timeout = {options.lock_timeout * 1000}",
        f"SET statement_timeout = {options.answer_timeout * 1000}",
    ]


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def share_lock(dialect: str) -> str:
    """SQL suffix that keeps a read row unchanged until commit.

    SQLite needs none: its write transactions exclude each other (BEGIN IMMEDIATE).
    """
    return {"sqlite": "", "postgresql": "FOR SHARE"}.get(dialect, "LOCK IN SHARE MODE")


def notice_lost_connection(context: sa.engine.ExceptionContext) -> None:
    """Tell the pool when a connection is gone (SQLAlchemy's `handle_error`)."""
    if _codes(context.original_exception) & _LOST:
        context.is_disconnect = True


def integrity_error(error: IntegrityError) -> Exception:
    """The named error that says the same, or the error itself."""
    codes, message = _codes(error.orig), str(error.orig)
    if codes & _UNIQUE or "UNIQUE constraint failed" in message:
        return UniqueViolation(message)
    if codes & _FOREIGN_KEY or "FOREIGN KEY constraint failed" in message:
        return ForeignKeyViolation(message)
    return error


def translated(error: DBAPIError, *, committing: bool = False) -> Exception:
    """The named error that says the same, or the error itself: a mistake in the SQL."""
    message, codes = str(error.orig), _codes(error.orig)
    if codes & _ROLLED_BACK or (codes & _WAITED and not committing):
        return RolledBack(message)
    if error.connection_invalidated:
        return OutcomeUnknown(message) if committing else RolledBack(message)
    state = next((code for code in codes if isinstance(code, str)), "")
    if (
        isinstance(error, OperationalError)
        or codes & _UNAVAILABLE
        or codes & _LOST
        or state in _UNAVAILABLE_STATES
        or state.startswith(_UNAVAILABLE_CLASSES)
    ):
        return DatabaseUnavailable(message)
    return error


def _codes(original: BaseException | None) -> set[str | int]:
    found = (getattr(original, "sqlstate", None), getattr(original, "errno", None))
    if 1180 in found and "error 149 " in str(original):
        return {1213}  # so a group says at a commit that another member's came first
    return {code for code in found if code is not None}
