"""Break one part after the other while marks are flowing.

    python -m tests.load.faults [--students 60] [--only NAME …]

After each fault: what was answered 200 is in the database, nothing is there twice, and the service
comes back by itself. Prints a table for docs/reliability.md; exit status 1 if a promise is broken.
Filling a disk needs root, which mounts a small one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from attendance.core.settings import PROJECT
from database import Database
from tests.load.load import Figures, attend
from tests.load.school import Place, Pressed, pressed
from tests.load.strangers import STRANGERS

FLOWS = 4
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 6.0
SLOW_CLIENTS = 200
IDLE_SOCKETS = 1000
DISK_MEGABYTES = 1
FLOOD = 200
FLOOD_SECONDS = 10.0


@dataclass
class Flow:
    """Students who mark all the time, one session after the other, and what they were told."""

    place: Place
    told: list[tuple[int, int]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    good_at: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Mark until `ended`."""
        with ThreadPoolExecutor(FLOWS) as pool:
            for _ in range(FLOWS):
                pool.submit(self._one)

    def _one(self) -> None:
        while not self.ended.is_set():
            figures = Figures()
            try:
                session = self.place.start_session("Faults")
                for student in random.sample(
                    self.place.students, min(10, len(self.place.students))
                ):
                    if self.ended.is_set():
                        break
                    if attend(self.place, student, session, figures):
                        with self.lock:
                            self.told.append((session["id"], student.id))
                            self.good_at.append(time.monotonic())
            except requests.HTTPError as error:
                figures.add("start", str(error.response.status_code), 0.0)
                time.sleep(0.2)
            except requests.RequestException as error:
                figures.add("request", type(error).__name__, 0.0)
                time.sleep(0.2)
            with self.lock:
                self.answers.update(figures.statuses)


@dataclass
class Outcome:
    """What one fault did."""

    name: str
    told: int
    lost: int
    twice: int
    gap: float
    answers: Counter[str]

    @property
    def is_as_promised(self) -> bool:
        """Nothing lost, nothing twice, and the last answers were good again."""
        return self.lost == 0 and self.twice == 0 and self.gap < float("inf")

    def row(self) -> str:
        """A line of the table."""
        refused = ", ".join(
            f"{n} × {answer}" for answer, n in sorted(self.answers.items()) if "200" not in answer
        )
        gap = "not back" if self.gap == float("inf") else f"{self.gap:.1f} s"
        return (
            f"| {self.name} | {self.told} | {self.lost} | {self.twice} | {gap} | {refused or '–'} |"
        )


def press(place: Pressed, name: str, fault: Callable[[Pressed], None]) -> Outcome:
    """Let marks flow, break something, and look what became of the marks."""
    flow = Flow(place)
    thread = threading.Thread(target=flow.run)
    thread.start()
    time.sleep(BEFORE_SECONDS)
    fault(place)
    back = time.monotonic()
    time.sleep(AFTER_SECONDS)
    flow.ended.set()
    thread.join()
    with place.database.read() as tx:
        rows = Counter(
            (int(row["session"]), int(row["student"]))
            for row in tx.all("SELECT session, student FROM attendance")
        )
    moments = sorted(flow.good_at)
    is_back = bool(moments) and moments[-1] > back
    gap = max((b - a for a, b in itertools.pairwise(moments)), default=float("inf"))
    return Outcome(
        name=name,
        told=len(flow.told),
        lost=sum(mark not in rows for mark in flow.told),
        twice=sum(n > 1 for n in rows.values()),
        gap=gap if is_back else float("inf"),
        answers=flow.answers,
    )


# -- the faults


def nothing(_place: Pressed) -> None:
    """For comparison."""
    time.sleep(3)


def kill_a_worker(place: Pressed) -> None:
    """SIGKILL, as the out-of-memory killer does it."""
    before = place.school.workers()
    os.kill(before[0], signal.SIGKILL)
    while not set(place.school.workers()) - set(before):
        time.sleep(0.1)


def kill_the_networks(place: Pressed) -> None:
    """SIGKILL for the process that one of the workers has its photographs analysed by."""
    before = place.school.networks()
    os.kill(before[0], signal.SIGKILL)
    while len(set(place.school.networks()) | set(before)) == len(before):
        time.sleep(0.1)


def restart_mariadb(place: Pressed) -> None:
    """Away for two seconds."""
    place.mariadb.stop()
    time.sleep(2)
    place.mariadb.start()


def restart_redis(place: Pressed) -> None:
    """Away for two seconds."""
    place.redis.stop()
    time.sleep(2)
    place.redis.start()


def fill_the_disk(place: Pressed) -> None:
    """Enrol faces, whose photographs are kept, until the disk of the uploads is full."""
    statuses: Counter[str] = Counter()
    for student in place.students:
        answer = place.school.call(
            "POST",
            "/student/upload-face",
            student.token,
            files={"image": ("frame.jpg", student.picture)},
        )
        statuses[f"{answer.status_code} {answer.json().get('code', '')}"] += 1
        if answer.status_code >= 500:
            break
    print("  enrolments until the disk was full:", dict(statuses))
    assert any(status.startswith("503") for status in statuses), "the disk never was full"


@contextlib.contextmanager
def slow_clients(place: Pressed, count: int) -> Iterator[None]:
    """Clients that send the bytes of an upload one per second."""
    port = int(place.school.url.rsplit(":", 1)[1])
    head = (
        f"POST /session/mark HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {place.students[0].token}"
        "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
    ).encode()
    ended = threading.Event()

    def drip() -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(head)
            while not ended.wait(1):
                line.sendall(b"x")

    threads = [threading.Thread(target=drip) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def slow_client(place: Pressed) -> None:
    """More at once than there are places for requests."""
    with slow_clients(place, SLOW_CLIENTS):
        time.sleep(10)


def idle_sockets(place: Pressed) -> None:
    """Connections that say nothing."""
    port = int(place.school.url.rsplit(":", 1)[1])
    with contextlib.ExitStack() as stack:
        for _ in range(IDLE_SOCKETS):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        time.sleep(10)


def flood(place: Pressed, name: str, call: Callable[[int], requests.Response]) -> None:
    """So many clients make a call over and over again; tells what they were answered."""
    until = time.monotonic() + FLOOD_SECONDS
    answers: Counter[str] = Counter()

    def press_on(number: int) -> None:
        while time.monotonic() < until:
            try:
                answer = call(number)
                answers[f"{answer.status_code} {answer.json().get('code', '')}"] += 1
            except requests.RequestException as error:
                answers[type(error).__name__] += 1

    with ThreadPoolExecutor(FLOOD) as pool:
        list(pool.map(press_on, range(FLOOD)))
    print(f"  {name}:", dict(answers), place.school.call("GET", "/health").status_code)


def hash_flood(place: Pressed) -> None:
    """Sign-ins of accounts that there are not, each of which costs a hash."""
    flood(
        place,
        "sign-ins",
        lambda number: place.school.call(
            "POST",
            "/student/login",
            json={"email": f"nobody{number}.{random.random()}@x.example", "password": "a guess"},
        ),
    )


def upload_flood(place: Pressed) -> None:
    """One student who enrols without a pause; attempts are not counted here."""
    student = place.students[0]
    flood(
        place,
        "enrolments",
        lambda _number: place.school.call(
            "POST",
            "/student/upload-face",
            student.token,
            files={"image": ("frame.jpg", student.picture)},
        ),
    )


def workbook_bombs(place: Pressed) -> None:
    """Rosters that are small files and large tables, sent by a teacher without a pause."""
    course = place.school.call(
        "POST", "/course", place.teacher, json={"code": "BOMB", "name": "Bombs"}
    ).json()["course"]["id"]
    out = io.BytesIO()
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"{start}<sheetData>{'<row/>' * 1_400_000}")
    flood(
        place,
        "workbooks",
        lambda _number: place.school.call(
            "POST",
            f"/course/{course}/roster",
            place.teacher,
            files={"file": ("roster.xlsx", out.getvalue())},
        ),
    )


def back_up(place: Pressed) -> None:
    """Back up, restore into another database, and compare: one moment, and whole."""
    archive, copy = place.folder / "backup.zip", place.folder / "copy"
    before = marks_of(place.database)
    flask(place, "backup", str(archive), "--with-keys")
    after = marks_of(place.database)
    copy.mkdir()
    url = f"sqlite:///{copy / 'attendance.db'}"
    restored = {"DATABASE_URL": url, "INSTANCE_DIR": str(copy), "UPLOADS_DIR": str(copy / "up")}
    flask(place, "db-upgrade", **restored)
    flask(place, "restore", str(archive), "--yes", **restored)
    database = Database(url)
    try:
        marks = marks_of(database)
        with database.read() as tx:
            loose = tx.all("PRAGMA foreign_key_check")
    finally:
        database.close()
    print(f"  marks before {len(before)}, in the backup {len(marks)}, after {len(after)}")
    assert before <= marks <= after, "the backup is of no one moment"
    assert not loose, "the backup has rows that point nowhere"


def flask(place: Pressed, *command: str, **settings: str) -> None:
    environment = {
        **os.environ,
        **place.environment,
        "INSTANCE_DIR": str(place.folder / "instance"),
    }
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        cwd=PROJECT,
        env={**environment, **settings},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def marks_of(database: Database) -> set[tuple[int, int]]:
    with database.read() as tx:
        rows = tx.all("SELECT session, student FROM attendance")
    return {(int(row["session"]), int(row["student"])) for row in rows}


FAULTS: dict[str, Callable[[Pressed], None]] = {
    "nothing": nothing,
    "kill -9 a worker": kill_a_worker,
    "kill -9 the networks of a worker": kill_the_networks,
    "restart MariaDB (2 s away)": restart_mariadb,
    "restart Redis (2 s away)": restart_redis,
    "backup, restored elsewhere": back_up,
    "disk of the uploads full": fill_the_disk,
    f"{SLOW_CLIENTS} clients, one byte per second": slow_client,
    f"{IDLE_SOCKETS} idle connections": idle_sockets,
    f"{FLOOD} clients that sign in": hash_flood,
    f"{FLOOD} enrolments of one student at once": upload_flood,
    f"{FLOOD} workbooks that become large": workbook_bombs,
    **STRANGERS,
}


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of its own for the uploads, as small as can be."""
    folder = Path(tempfile.mkdtemp(prefix="attendance-disk-"))
    option = f"size={DISK_MEGABYTES}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", option, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def main() -> int:
    """Run the faults and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--only", nargs="*", default=list(FAULTS), help=", ".join(FAULTS))
    given = parser.parse_args()
    faults = {name: fault for name, fault in FAULTS.items() if name in given.only}
    settings = {
        "BCRYPT_ROUNDS": "12",
        "ENROL_TRIES_PER_MINUTE": "10000",
        "LOG_LEVEL": "WARNING",
    }
    with contextlib.ExitStack() as stack:
        if os.geteuid() == 0:
            settings |= {
                "KEEP_PHOTOS": "true",
                "UPLOADS_DIR": str(stack.enter_context(small_disk())),
                # many students share a face here
                "FACE_TAKEN_THRESHOLD": "0.01",
            }
        else:
            print("Not root: the fault «disk of the uploads full» is left out.")
            faults.pop("disk of the uploads full", None)
        place = stack.enter_context(pressed(given.students, **settings))
        outcomes = []
        for name, fault in faults.items():
            print(name, "…", flush=True)
            outcomes.append(press(place, name, fault))
    print("\n| fault | marks answered 200 | of them lost | twice | longest pause | other answers |")
    print("| --- | --- | --- | --- | --- | --- |")
    for outcome in outcomes:
        print(outcome.row())
    return 0 if all(outcome.is_as_promised for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
