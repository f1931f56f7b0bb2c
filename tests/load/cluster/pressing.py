"""Marks flow while something breaks; afterwards every node and every list is looked at."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from database import Database, DatabaseUnavailable
from tests.load.cluster.camera import Looked
from tests.load.cluster.lists import Lists, compared
from tests.load.cluster.place import Cluster, database_url
from tests.load.cluster.processes import until
from tests.load.faults import Flow

BEFORE_SECONDS, AFTER_SECONDS = 4.0, 5.0
WHOLE_SECONDS = 240.0


@dataclass
class Outcome:
    """What one fault did to the marks, and to what teachers saw."""

    name: str
    told: int
    lost: int
    twice: int
    gap: float
    lists: Lists
    whole: float
    answers: Counter[str]
    looked: Looked
    # marks of the camera that some node does not have
    camera_lost: int

    @property
    def is_as_promised(self) -> bool:
        """Nothing lost, nothing twice, no list wrong afterwards, and marks came again."""
        wrong = self.lost or self.twice or self.lists.wrong or self.camera_lost
        return not wrong and max(self.gap, self.looked.pause()) < float("inf")

    def row(self) -> str:
        """A line of the table."""
        refused = ", ".join(
            f"{n} × {answer}" for answer, n in sorted(self.answers.items()) if "200" not in answer
        )
        gap = "not back" if self.gap == float("inf") else f"{self.gap:.1f} s"
        return (
            f"| {self.name} | {self.told} | {self.lost} | {self.twice} | {gap} | "
            f"{self.lists.missed} | {self.lists.behind:.1f} s | {self.lists.wrong} | "
            f"{refused or '–'} | {self._camera()} |"
        )

    def _camera(self) -> str:
        refused = ", ".join(f"{n} × {why}" for why, n in sorted(self.looked.refused.items()))
        return (
            f"{len(self.looked.good_at)} frames, {len(self.looked.told)} marks, "
            f"{self.camera_lost} lost, pause {self.looked.pause():.1f} s; {refused or '–'}"
        )


def press(
    place: Cluster, name: str, fault: Callable[[Cluster], None], short: bool = False
) -> Outcome:
    """Let marks flow, break something, and look what became of the marks."""
    for watcher in place.watchers:
        watcher.begin()
    assert place.camera is not None
    place.camera.begin()
    flow = Flow(place)
    thread = threading.Thread(target=flow.run)
    thread.start()
    try:
        time.sleep(BEFORE_SECONDS / (2 if short else 1))
        fault(place)
        back = time.monotonic()
        # on a busy machine the first good answer afterwards may take a while
        while not marked_since(flow, back) and time.monotonic() < back + WHOLE_SECONDS:
            time.sleep(0.1)
        time.sleep(AFTER_SECONDS / (2 if short else 1))
    finally:
        flow.ended.set()
        thread.join()
        looked = place.camera.end()
    whole = until(place.is_whole, f"after «{name}» all parts work again", WHOLE_SECONDS)
    told = set(flow.told)
    sessions = {session for session, _ in told}
    looked_into = {session for session, _ in looked.told}
    by_camera = [
        {(session, number) for session, _, number in marks_of(node.port, looked_into)}
        for node in place.databases.nodes
    ]
    counts = [marks_of(node.port, sessions) for node in place.databases.nodes]
    numbers = {(session, student): (session, number) for session, student, number in counts[0]}
    answered = {
        numbers[mark]: at
        for mark, at in zip(flow.told, flow.good_at, strict=True)
        if mark in numbers
    }
    return Outcome(
        name=name,
        told=len(told),
        lost=sum(mark not in {(s, i) for s, i, _ in rows} for rows in counts for mark in told),
        twice=sum(n > 1 for rows in counts for n in rows.values()),
        gap=pause(flow, back),
        lists=compared(place, set(numbers.values()), answered),
        whole=whole,
        answers=flow.answers,
        looked=looked,
        camera_lost=sum(mark not in had for had in by_camera for mark in looked.told),
    )


def marks_of(port: int, sessions: set[int]) -> Counter[tuple[int, int, str]]:
    """How often each mark is there, as one node has it when it has caught up with the others."""
    if not sessions:
        return Counter()
    deadline = time.monotonic() + WHOLE_SECONDS
    while True:
        try:
            return _marks_of(port, sessions)
        except DatabaseUnavailable:
            if time.monotonic() > deadline:
                raise


def _marks_of(port: int, sessions: set[int]) -> Counter[tuple[int, int, str]]:
    database = Database(database_url(port))
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


def marked_since(flow: Flow, moment: float) -> bool:
    """Whether somebody was answered well after that moment."""
    return bool(flow.good_at) and max(flow.good_at) > moment


def pause(flow: Flow, back: float) -> float:
    """The longest time without a good answer; without end if there was none afterwards."""
    if not marked_since(flow, back):
        return float("inf")
    moments = sorted(flow.good_at)
    return max((b - a for a, b in itertools.pairwise(moments)), default=float("inf"))
