"""What the errors of clustered databases mean for a transaction: try again, or nobody knows."""

from __future__ import annotations

import mysql.connector.errors
import pytest
from sqlalchemy.exc import DBAPIError

from database import Database, DatabaseUnavailable, Transaction, dialects
from database.dialects import OutcomeUnknown, RolledBack
from tests.database.test_transactions import add_student, numbers

CERTIFICATION = [
    (1213, "40001", "Deadlock found when trying to get lock; try restarting transaction"),
    (3101, "40000", "Plugin instructed the server to rollback the current transaction."),
    (1180, "HY000", "Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT"),
]
OF_A_NODE = [
    (1047, "08S01", "WSREP has not yet prepared node for application use"),
    (1180, "HY000", "Got error 6 during COMMIT"),
    (1290, "HY000", "The MySQL server is running with the --super-read-only option"),
    (1836, "HY000", "Running in read-only mode"),
    (3100, "HY000", "Error on observer while running replication hook 'before_commit'."),
    (3796, "HY000", "The option group_replication_consistency cannot be used on the current ..."),
    (3797, "HY000", "Error while waiting for group transactions commit on ..."),
]


def as_the_driver(number: int, state: str, message: str) -> DBAPIError:
    """As SQLAlchemy hands it on, after the pool has been told."""
    error = mysql.connector.errors.get_mysql_exception(number, message, state)
    wrapped = DBAPIError.instance("COMMIT", None, error, mysql.connector.Error)
    assert isinstance(wrapped, DBAPIError)
    context = type("Context", (), {"original_exception": error, "is_disconnect": False})()
    dialects.notice_lost_connection(context)
    wrapped.connection_invalidated = context.is_disconnect
    return wrapped


@pytest.mark.any_database
@pytest.mark.parametrize("error", CERTIFICATION, ids=lambda error: str(error[0]))
@pytest.mark.parametrize("committing", [False, True])
def test_a_conflict_in_a_cluster_is_rolled_back_and_may_be_tried_again(
    error: tuple[int, str, str], committing: bool
) -> None:
    wrapped = as_the_driver(*error)
    assert type(dialects.translated(wrapped, committing=committing)) is RolledBack
    assert not wrapped.connection_invalidated, "the node is well"


@pytest.mark.any_database
@pytest.mark.parametrize("error", OF_A_NODE, ids=lambda error: str(error[0]))
def test_a_node_that_has_left_is_not_asked_again_and_a_commit_there_is_not_doubled(
    error: tuple[int, str, str],
) -> None:
    wrapped = as_the_driver(*error)
    assert wrapped.connection_invalidated, "the next connection is to another node"
    assert type(dialects.translated(wrapped)) is RolledBack
    assert type(dialects.translated(wrapped, committing=True)) is OutcomeUnknown


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("number", "message"), [(1114, "The table 'attendance' is full"), (1021, "Disk full")]
)
def test_a_full_disk_is_no_mistake_of_the_application(number: int, message: str) -> None:
    wrapped = as_the_driver(number, "HY000", message)
    assert type(dialects.translated(wrapped)) is DatabaseUnavailable
    assert not wrapped.connection_invalidated


@pytest.mark.any_database
def test_a_lock_that_was_waited_for_too_long_may_be_asked_for_again() -> None:
    wrapped = as_the_driver(1205, "HY000", "Lock wait timeout exceeded")
    assert type(dialects.translated(wrapped)) is RolledBack
    assert not wrapped.connection_invalidated


@pytest.mark.needs_server
def test_a_server_that_becomes_read_only_is_tried_again_by_another_connection(
    database_url: str,
) -> None:
    """A node that stands by, as far as one server can say it: the error is the server's own."""
    database = Database(database_url)
    connections: list[int] = []

    def work(tx: Transaction) -> None:
        call = "pg_backend_pid()" if tx.dialect == "postgresql" else "CONNECTION_ID()"
        connections.append(int(tx.scalar(f"SELECT {call}")))
        if len(connections) == 1 and tx.dialect != "postgresql":
            tx.execute("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1290, MESSAGE_TEXT = 'read-only'")
        add_student(tx)

    database.run(work)
    if database.dialect != "postgresql":
        assert len(set(connections)) == 2
    assert numbers(database) == ["S1"]
    database.close()


@pytest.mark.needs_server
def test_who_waited_long_for_a_lock_does_not_wait_four_times(database_url: str) -> None:
    holder, waiter = (
        Database(database_url, dialects.DatabaseOptions(lock_timeout=seconds)) for seconds in (9, 1)
    )
    tries: list[bool] = []

    def work(tx: Transaction) -> None:
        tries.append(True)
        tx.execute("UPDATE counters SET value = 8 WHERE name = 'faces'")

    with holder.write() as tx:
        tx.execute("UPDATE counters SET value = 7 WHERE name = 'faces'")
        with pytest.raises(DatabaseUnavailable):
            waiter.run(work)
    assert len(tries) == 1
    holder.close()
    waiter.close()
