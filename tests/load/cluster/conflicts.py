"""Two nodes that write the same row at once: what certification refuses is tried again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from database import Database, Transaction
from tests.load.cluster.place import DATABASE, Cluster
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
        database = Database(f"mysql+mysqlconnector://root@{HERE}:{port}/{DATABASE}")
        for _ in range(ROUNDS):
            database.run(once)
        database.close()
        return ROUNDS

    first, second = place.galera.nodes[:2]
    first.ask(f"CREATE TABLE {DATABASE}.cluster_probe (id INT PRIMARY KEY, value INT)")
    first.ask(f"INSERT INTO {DATABASE}.cluster_probe VALUES (1, 0)")  # noqa: S608  # the same
    with ThreadPoolExecutor(2) as pool:
        asked = sum(pool.map(press, (first.port, second.port)))
    done = int(first.ask(f"SELECT value FROM {DATABASE}.cluster_probe")[0][0])  # noqa: S608  # names of ours
    first.ask(f"DROP TABLE {DATABASE}.cluster_probe")
    return asked, done, len(attempts)
