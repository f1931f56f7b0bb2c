"""What a mark costs the database as it grows from one node to three.

    python -m tests.load.growing [--marks 800]

Three MariaDB Galera nodes with the file of deploy/cluster join one after the other; after each, so
many marks are written through the first one, as the server writes them (`marks.add`), by 8 threads
with connections of their own. All is on one machine, so what a network takes is not in it, and the
processors are shared. Prints a table for docs/capacity.md; what others take of the machine changes
the first figures, not the last.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from database import Database, marks, migrate, sessions, students, teachers
from tests.load.cluster.galera import Galera
from tests.load.cluster.nodes import Node
from tests.load.cluster.processes import HERE, until

THREADS = 8
SESSIONS = 8
NOW = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)


def people(database: Database, count: int) -> list[int]:
    """A teacher and so many students; the students' identifiers."""
    with database.write() as tx:
        teachers.create(
            tx, name="T", email="t@x.example", password_hash="", department=None,
            open_sign_up=True, now=NOW,
        )  # fmt: skip
        return [
            int(
                students.create(
                    tx, student_id=f"S{number}", name=f"S {number}", email=None,
                    password_hash=None, course=None, now=NOW,
                )["id"]
            )
            for number in range(count)
        ]  # fmt: skip


def opened(database: Database, turn: int) -> list[int]:
    """New sessions; their identifiers."""
    with database.write() as tx:
        teacher = int(tx.scalar("SELECT MIN(id) FROM teachers"))
        return [
            int(
                sessions.create(
                    tx, teacher=teacher, course=None, subject="A", section=None,
                    code=f"T{turn}N{number}", late_after_minutes=None, now=NOW, closes_at=None,
                )["id"]
            )
            for number in range(SESSIONS)
        ]  # fmt: skip


def processor_seconds(nodes: list[Node]) -> float:
    """What these processes have had of the processors."""
    ticks = 0
    for node in nodes:
        fields = Path(f"/proc/{node.program.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def marked(database: Database, where: list[tuple[int, int]]) -> list[float]:
    """Write these marks (session, student); the seconds of each, in order of length."""

    def mark(place: tuple[int, int]) -> float:
        began = time.monotonic()
        with database.write() as tx:
            _, already = marks.add(
                tx, session=place[0], student=place[1], status="present", method="face",
                distance=0.2, now=NOW,
            )  # fmt: skip
            assert not already
        return time.monotonic() - began

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(pool.map(mark, where))


def table(folder: Path, count: int) -> list[str]:
    """A line for each number of nodes."""
    rows = [
        "| nodes | marks a second | p50 | p95 | seconds of a core for 1,000 marks, all nodes |",
        "| --- | --- | --- | --- | --- |",
    ]
    galera = Galera(folder)
    try:
        running: list[Node] = []
        for number, node in enumerate(galera.nodes, 1):
            node.program.start(*(["--wsrep-new-cluster"] if number == 1 else []))
            until(node.has_come, f"{node.name} joins the cluster")
            running.append(node)
            if number == 1:
                node.ask("CREATE DATABASE attendance")
                url = f"mysql+mysqlconnector://root@{HERE}:{node.port}/attendance"
                database = Database(url)
                migrate(database)
                known = people(database, count // SESSIONS)
            places = opened(database, number)
            where = [(place, student) for student in known for place in places]
            before, began = processor_seconds(running), time.monotonic()
            found = marked(database, where)
            took, spent = time.monotonic() - began, processor_seconds(running) - before
            p50, p95 = (1000 * found[int(part * len(found))] for part in (0.5, 0.95))
            rows.append(
                f"| {number} | {len(found) / took:.0f} | {p50:.1f} ms | {p95:.1f} ms "
                f"| {1000 * spent / len(found):.2f} |"
            )
        database.close()
    finally:
        galera.stop()
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--marks", type=int, default=800)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="attendance-growing-"))
    folder.chmod(0o755)
    try:
        print(*table(folder, asked.marks), sep="\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
