"""What a fault of the databases costs whoever writes: rows in place of marks, through HAProxy and
the application's database layer, without servers and faces, which take minutes to start."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from database import Database, DatabaseUnavailable, Transaction
from tests.load.cluster.balancer import USER, Balancer
from tests.load.cluster.place import DATABASE, KINDS, Databased, database_url
from tests.load.cluster.processes import until

WRITERS, BEFORE_SECONDS, AFTER_SECONDS = 4, 3.0, 3.0
# Between two rows of a writer: a node that comes back has to catch up with them.
PAUSE_SECONDS = 0.05
HEAD = "| fault | rows written | of them lost | twice | longest pause | refused |"


@dataclass
class Rows:
    """Rows that are written all the time, and what became of each."""

    url: str
    good: dict[int, float] = field(default_factory=dict)
    refused: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def write(self) -> None:
        """One after the other, until `ended`."""
        database = Database(self.url)
        while not self.ended.is_set():
            with self.lock:
                number = next(self.numbers)

            def one(tx: Transaction, number: int = number) -> None:
                tx.execute("INSERT INTO cluster_rows (number) VALUES (:n)", n=number)

            try:
                database.run(one)
            except DatabaseUnavailable:
                with self.lock:
                    self.refused += 1
                time.sleep(0.1)
            else:
                with self.lock:
                    self.good[number] = time.monotonic()
                time.sleep(PAUSE_SECONDS)
        database.close()


@contextlib.contextmanager
def databased(kind: str) -> Iterator[Databased]:
    """The nodes and HAProxy alone."""
    folder = Path(tempfile.mkdtemp(prefix="attendance-cluster-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = KINDS[kind](folder)
        stack.callback(databases.stop)
        databases.start()
        databases.nodes[0].ask(USER)
        databases.nodes[0].ask(f"CREATE DATABASE {DATABASE}")
        balancer = Balancer(folder / "haproxy", databases, [])
        stack.callback(balancer.stop)
        balancer.start()
        yield Databased(databases=databases, balancer=balancer)


def one(place: Databased, name: str, fault: Callable[[Databased], None]) -> bool:
    """One fault while rows are written; prints a line, and tells whether all is as promised."""
    writer = place.writer()
    writer.ask(f"DROP TABLE IF EXISTS {DATABASE}.cluster_rows")
    # no key says that a row is there already: one that comes twice is seen
    writer.ask(
        f"CREATE TABLE {DATABASE}.cluster_rows (id INT AUTO_INCREMENT PRIMARY KEY, number INT)"
    )
    rows = Rows(database_url(place.balancer.database))
    threads = [threading.Thread(target=rows.write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(BEFORE_SECONDS)
        fault(place)
        back = time.monotonic()
        until(lambda: any(at > back for at in list(rows.good.values())), "rows are written again")
        time.sleep(AFTER_SECONDS)
    finally:
        rows.ended.set()
        for thread in threads:
            thread.join()
    until(place.databases.are_synced, "all nodes take part")
    sql = f"SELECT number, COUNT(*) FROM {DATABASE}.cluster_rows GROUP BY number"  # noqa: S608  # names of ours
    lost = twice = 0
    for node in place.databases.nodes:
        until(lambda node=node: set(rows.good) <= {n for n, _ in node.ask(sql)}, "", 20, False)  # type: ignore[misc]
        counts = {int(number): int(count) for number, count in node.ask(sql)}
        lost += len(set(rows.good) - counts.keys())
        twice += sum(count > 1 for count in counts.values())
    gap = max(b - a for a, b in itertools.pairwise(sorted(rows.good.values())))
    print(
        f"| {name} | {len(rows.good)} | {lost} | {twice} | {gap:.1f} s | {rows.refused} |",
        flush=True,
    )
    return not lost and not twice
