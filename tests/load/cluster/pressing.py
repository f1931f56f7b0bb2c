"""Marks flow while something breaks; afterwards every node and every list is looked at."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from database import Database
from tests.load.cluster.place import DATABASE, Cluster
from tests.load.cluster.processes import HERE, until
from tests.load.cluster.watching import Mark
from tests.load.faults import Flow

BEFORE_SECONDS, AFTER_SECONDS = 4.0, 5.0
WHOLE_SECONDS, LIST_SECONDS = 90.0, 20.0
DATABASE_PAUSE, PAUSE = 5.0, 2.0


@dataclass
class Outcome:
    """What one fault did to the marks, and to what teachers saw."""

    name: str
    told: int
    lost: int
    twice: int
    gap: float
    missed: int
    wrong: int
    whole: float
    answers: Counter[str]

    @property
    def is_as_promised(self) -> bool:
        """Nothing lost, nothing twice, no list wrong afterwards, and marks came again."""
        return not (self.lost or self.twice or self.wrong) and self.gap < float("inf")

    def row(self) -> str:
        """A line of the table."""
        refused = ", ".join(
            f"{n} × {answer}" for answer, n in sorted(self.answers.items()) if "200" not in answer
        )
        gap = "not back" if self.gap == float("inf") else f"{self.gap:.1f} s"
        return (
            f"| {self.name} | {self.told} | {self.lost} | {self.twice} | {gap} | {self.missed} | "
            f"{self.wrong} | {refused or '–'} |"
        )


def press(
    place: Cluster, name: str, fault: Callable[[Cluster], None], short: bool = False
) -> Outcome:
    """Let marks flow, break something, and look what became of the marks."""
    for watcher in place.watchers:
        watcher.begin()
    flow = Flow(place)
    thread = threading.Thread(target=flow.run)
    thread.start()
    try:
        time.sleep(BEFORE_SECONDS / (2 if short else 1))
        fault(place)
        back = time.monotonic()
        time.sleep(AFTER_SECONDS / (2 if short else 1))
    finally:
        flow.ended.set()
        thread.join()
    whole = until(place.is_whole, f"after «{name}» all parts work again", WHOLE_SECONDS)
    told = set(flow.told)
    sessions = {session for session, _ in told}
    counts = [marks_of(node.port, sessions) for node in place.galera.nodes]
    marks = counts[0]
    shown: set[Mark] = {(session, number) for session, _, number in marks}
    return Outcome(
        name=name,
        told=len(told),
        lost=sum(mark not in {(s, i) for s, i, _ in rows} for rows in counts for mark in told),
        twice=sum(n > 1 for rows in counts for n in rows.values()),
        gap=pause(flow, back),
        missed=sum(watcher.missed(shown) for watcher in place.watchers),
        wrong=wrong_lists(place, shown),
        whole=whole,
        answers=flow.answers,
    )


def marks_of(port: int, sessions: set[int]) -> Counter[tuple[int, int, str]]:
    """How often each mark is there, as one node has it."""
    database = Database(f"mysql+mysqlconnector://root@{HERE}:{port}/{DATABASE}")
    try:
        with database.read() as tx:
            rows = tx.all(
                """
                SELECT attendance.session, attendance.student, students.student_id AS number
                FROM attendance JOIN students ON students.id = attendance.student
                WHERE attendance.session IN :sessions
                """,
                sessions=sorted(sessions),
            )
    finally:
        database.close()
    return Counter((int(row["session"]), int(row["student"]), row["number"]) for row in rows)


def pause(flow: Flow, back: float) -> float:
    """The longest time without a good answer; without end if there was none afterwards."""
    moments = sorted(flow.good_at)
    if not moments or moments[-1] < back:
        return float("inf")
    return max((b - a for a, b in itertools.pairwise(moments)), default=float("inf"))


def wrong_lists(place: Cluster, marks: set[Mark]) -> int:
    """How many teachers' lists are not what the database has, some seconds later."""
    deadline = time.monotonic() + LIST_SECONDS
    while True:
        wrong = sum(not watcher.shows(marks) for watcher in place.watchers)
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(0.2)
