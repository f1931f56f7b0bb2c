"""Everybody marks within a minute, and the teachers listen.

    python -m tests.load.load [--students 400] [--seconds 60] [--workers 2]

Each student joins and marks over HTTP at a random moment. Afterwards every mark must be in the
database exactly once, every teacher's socket must have heard each of them exactly once, and no
answer may have been a 5xx. Exit status 1 if not.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from tests.attendance.serving import Listener
from tests.load.school import Place, Pressed, Student, pressed

TEACHERS = 4
EVENT_SECONDS = 15


@dataclass
class Figures:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    stored: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, step: str, status: str, took: float) -> None:
        """Count one answer."""
        with self.lock:
            self.statuses[f"{step} {status}"] += 1
            self.seconds.setdefault(step, []).append(took)

    def line(self, step: str) -> str:
        """How long the answers of a step took."""
        took = sorted(self.seconds.get(step, [0.0]))
        shares = ", ".join(
            f"p{share} {took[min(len(took) - 1, len(took) * share // 100)]:.2f} s"
            for share in (50, 95, 99)
        )
        return f"{step}: {len(took)} answers, {shares}, longest {took[-1]:.2f} s"


def attend(place: Place, student: Student, session: dict[str, object], figures: Figures) -> bool:
    """Join and mark as a phone does. Whether the mark was answered with 200."""
    began = time.perf_counter()
    joined = place.school.call(
        "POST", "/session/join", student.token, json={"code": session["code"]}
    )
    figures.add("join", str(joined.status_code), time.perf_counter() - began)
    if joined.status_code != 200:
        return False
    began = time.perf_counter()
    marked = place.school.call(
        "POST",
        "/session/mark",
        student.token,
        files={"image": ("frame.jpg", student.picture)},
        data={"join_token": joined.json()["join_token"]},
    )
    status = str(marked.status_code)
    if marked.status_code != 200 and marked.headers["Content-Type"].startswith("application/"):
        status += f" {marked.json().get('code')}"
    figures.add("mark", status, time.perf_counter() - began)
    if marked.status_code == 200:
        with figures.lock:
            figures.stored.append(student.id)
    return bool(marked.status_code == 200)


def everybody(
    place: Pressed, session: dict[str, object], figures: Figures, seconds: float
) -> float:
    """Let every student attend at a random moment; returns how long all of it took."""
    began = time.monotonic()

    def at_its_moment(student: Student, moment: float) -> None:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        try:
            attend(place, student, session, figures)
        except requests.RequestException as error:
            figures.add("mark", type(error).__name__, 0.0)

    moments = [random.uniform(0, seconds) for _ in place.students]
    with ThreadPoolExecutor(len(place.students)) as pool:
        list(pool.map(at_its_moment, place.students, moments))
    return time.monotonic() - began


def wait_for_events(listeners: list[Listener], expected: int) -> None:
    """Wait until each has heard so many marks, or it takes too long."""
    deadline = time.monotonic() + EVENT_SECONDS
    while time.monotonic() < deadline and any(
        listener.names().count("attendance_marked") < expected for listener in listeners
    ):
        time.sleep(0.1)


def faults_of(
    place: Pressed, session: int, figures: Figures, heard: Iterable[Listener]
) -> list[str]:
    """What is not as promised."""
    found = []
    rows = place.marked(session)
    if sorted(rows) != sorted(figures.stored):
        found.append(f"{len(figures.stored)} marks answered 200, {len(rows)} in the database")
    numbers = {f"L{number:04}" for number in range(1, 100000)}
    for listener in heard:
        events = [
            payload["student_id"] for name, payload in listener.heard if name == "attendance_marked"
        ]
        if len(events) != len(rows) or len(set(events) & numbers) != len(rows):
            found.append(f"a teacher heard {len(events)} events, {len(set(events))} different")
    if bad := [status for status in figures.statuses if status.split()[1] >= "5"]:
        found.append(f"answered {', '.join(bad)}")
    return found


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    figures = Figures()
    with pressed(given.students, WORKERS=str(given.workers)) as place:
        session = place.start_session()
        listeners = [Listener(place.school.url, place.teacher) for _ in range(TEACHERS)]
        for listener in listeners:
            listener.follow(session["id"])
        took = everybody(place, session, figures, given.seconds)
        wait_for_events(listeners, len(figures.stored))
        found = faults_of(place, session["id"], figures, listeners)
        if len(figures.stored) < len(place.students):
            found.append(f"{len(place.students)} students, {len(figures.stored)} marks")
        for listener in listeners:
            listener.__exit__()
    print(f"{len(place.students)} students in {took:.1f} s with {given.workers} workers")
    for step in ("join", "mark"):
        print(figures.line(step))
    print("answers:", ", ".join(f"{n} × {status}" for status, n in figures.statuses.items()))
    print(f"{TEACHERS} teachers listened; {len(figures.stored)} marks stored")
    for fault in found:
        print("NOT AS PROMISED:", fault)
    if not found:
        print("Every mark stored once, every event heard once, no 5xx.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
