"""What two nodes of Galera are asked: writes of one row at once, and what the other has written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import mysql.connector

from database import Database, Transaction
from database.dialects import RolledBack
from tests.load.cluster.nodes import Node
from tests.load.cluster.place import DATABASE, Cluster, database_url
from tests.load.cluster.processes import HERE

ROUNDS = 50


def conflicts(place: Cluster) -> tuple[int, int, int]:
    """Count one row up through two nodes. Returns how often it was asked for, how often it was
    done, and how many attempts that took."""
    attempts: list[bool] = []

    def once(tx: Transaction) -> None:
        attempts.append(True)
        tx.execute("UPDATE cluster_probe SET value = value + 1 WHERE id = 1")

    def press(port: int) -> int:
        database = Database(database_url(port))
        for _ in range(ROUNDS):
            while not _has_run(database, once):
                pass
        database.close()
        return ROUNDS

    first, second = place.databases.nodes[:2]
    with _probe(first), ThreadPoolExecutor(2) as pool:
        asked = sum(pool.map(press, (first.port, second.port)))
        done = _value(first.port)
    return asked, done, len(attempts)


def is_read_at_once(place: Cluster) -> bool:
    """Whether a new connection to a node that lags reads what another node has written: as after a
    fail-over, when the new writer has not yet done all that was agreed upon."""
    first, second = place.databases.nodes[:2]
    with (
        _probe(first),
        mysql.connector.connect(host=HERE, port=second.port, user="root", use_pure=True) as held,
        ThreadPoolExecutor(1) as pool,
    ):
        cursor = held.cursor()
        cursor.execute("FLUSH TABLES WITH READ LOCK")  # it does nothing of what comes now
        first.ask(f"UPDATE {DATABASE}.cluster_probe SET value = 7")  # noqa: S608  # names of ours
        read = pool.submit(_value, second.port)
        time.sleep(1)
        cursor.execute("UNLOCK TABLES")
        return read.result() == 7


@contextmanager
def _probe(node: Node) -> Iterator[None]:
    """A table with one row for a while."""
    node.ask(f"CREATE TABLE {DATABASE}.cluster_probe (id INT PRIMARY KEY, value INT)")
    node.ask(f"INSERT INTO {DATABASE}.cluster_probe VALUES (1, 0)")  # noqa: S608  # the same
    try:
        yield
    finally:
        node.ask(f"DROP TABLE {DATABASE}.cluster_probe")


def _has_run(database: Database, work: Callable[[Transaction], None]) -> bool:
    """Whether it was done; not, if the node refused more often than the database layer tries."""
    try:
        database.run(work)
    except RolledBack:
        return False
    return True


def _value(port: int) -> int:
    database = Database(database_url(port))
    with database.read() as tx:
        value = int(tx.scalar("SELECT value FROM cluster_probe"))
    database.close()
    return value
