"""Drive real marks over HTTP into the real server: ``python benchmarks/over_http.py``.

A server of its own is started on a free port of 127.0.0.1 with an empty instance folder, 200
students are enrolled (four with public photographs; templates of the others are random), and 1, 8
and 32 clients mark: multipart JPEG of 640×480, token, every gate, networks, database. Beside it, in
turn, the baseline of ``benchmarks/published_design.py``. Everything is bounded and stops by itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[0] = str(PROJECT)  # the packages are there, not in benchmarks/

# ruff: noqa: E402  # the line above must come first
import argparse
import os
import socket
import statistics
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from typing import Any

import numpy as np

from attendance import create_app
from attendance.core.settings import Settings
from attendance.web.current import services_of
from benchmarks.frames import SIZES, selfie
from benchmarks.phones import Client, drive
from benchmarks.run import (
    circumstances,
    kept,
    processor,
    quiet,
    torch_python,
    write_into_docs,
)
from database import Database, migrate, students
from facerecog import FaceResult, Quality, default_models_dir, ensure_weights
from facerecog.models import embedding_size

STUDENTS = 200
PEOPLE = ("obama", "biden", "grace_hopper", "astronaut")
CLIENTS = (1, 8, 32)
PASSWORD = "a benchmark's password"  # noqa: S105  # of an installation that lives for a minute
RESULTS = PROJECT / "benchmarks" / "results-http.json"


def free_port() -> int:
    """Return a TCP port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fill(environment: dict[str, str], count: int) -> None:
    """Put students with random templates into the database, through its own layer."""
    os.environ.update(environment)
    settings = Settings.load()
    database = Database(settings.database)
    migrate(database)
    database.close()
    parts = services_of(create_app(settings))
    numbers = embedding_size(parts.faces.model)
    rows = np.random.default_rng(1).normal(size=(count, numbers)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nothing = np.zeros((5, 2), np.float32)
    now = datetime.now(timezone.utc)
    for number, row in enumerate(rows):
        result = FaceResult(np.zeros(4, np.float32), nothing, 1.0, Quality(1, 100, 128, 160), row)
        with parts.database.write() as tx:
            student = students.create(
                tx,
                student_id=f"R{number:04}",
                name=f"Random {number}",
                email=None,
                password_hash=None,
                course=None,
                now=now,
            )
        with parts.database.write() as tx:
            parts.faces.store(tx, int(student["id"]), [b""], [result], now=now)
    parts.database.close()


def wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> float:
    """Return how long the server took until it was ready."""
    start = time.perf_counter()
    while time.perf_counter() - start < 60:
        if server.poll() is not None:
            raise SystemExit(f"the server ended with {server.returncode}")
        try:
            if Client(port).call("GET", "/health/ready")[0] == 200:
                return time.perf_counter() - start
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit("the server is not ready after a minute")


def enrol(port: int) -> tuple[Client, dict[str, tuple[str, bytes]]]:
    """Sign up a teacher and the students with photographs; return tokens and frames to mark."""
    teacher = Client(port)
    signed = teacher.post(
        "/teacher/signup", name="Teacher", email="teacher@bench.example", password=PASSWORD
    )
    teacher.token = signed["access_token"]
    marking = {}
    for number, name in enumerate(PEOPLE):
        student = Client(port)
        signed = student.post(
            "/student/signup",
            name=name,
            email=f"{name}@bench.example",
            password=PASSWORD,
            student_id=f"S{number}",
        )
        student.token = signed["access_token"]
        frame = selfie(name, SIZES["640"])
        status, answer = student.upload("/student/upload-face", frame)
        if status != 200:
            raise SystemExit(f"enrolment answered {status}: {answer}")
        marking[name] = (student.token, frame)
    return teacher, marking


class Baseline:
    """The published design in its own process."""

    def __init__(self, threads: int, folder: Path) -> None:
        frame = folder / "frame.jpg"
        frame.write_bytes(selfie(PEOPLE[0], SIZES["640"]))
        python = str(torch_python())
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.published_design", str(frame), str(threads)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def mark(self) -> float:
        """Return the seconds of one mark."""
        assert self._process.stdin is not None
        self._process.stdin.write("mark\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End the process by ending its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the baseline ended with {self._process.wait()}")
        return line.strip()


def measure(marks: int) -> dict[str, Any]:
    """Start the server, enrol, drive, and stop it."""
    ensure_weights(default_models_dir())
    left_alone = quiet()
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "INSTANCE_DIR": str(folder / "instance"),
            "UPLOADS_DIR": str(folder / "uploads"),
            "MODELS_DIR": str(default_models_dir()),
            "MARK_TRIES_PER_MINUTE": "10000",
            "SIGN_UPS_PER_MINUTE": "10000",
            "IDENTIFY_TRIES_PER_MINUTE": "10000",
            "LOG_LEVEL": "ERROR",
        }
        fill(environment, STUDENTS - len(PEOPLE))
        baseline = Baseline(len(os.sched_getaffinity(0)), folder)
        server = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
        )
        try:
            ready = wait_until_ready(port, server)
            teacher, marking = enrol(port)
            needed = -(-marks // len(PEOPLE))
            rounds, design = [], []
            drive(port, 4, 16, _codes(teacher, 4), marking)  # warm-up
            for clients in CLIENTS:
                count = marks // 4 if clients == 1 else marks
                quiet()
                design += [baseline.mark() for _ in range(3)]
                quiet()
                rounds.append(drive(port, clients, count, _codes(teacher, needed), marking))
                print(
                    f"  {clients} clients: {rounds[-1]['marks_per_second']:.0f} marks/s", flush=True
                )
            resident = _resident(server.pid)
        finally:
            server.terminate()
            server.wait(30)
            baseline.close()
    return {
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": processor(),
        "quiet": left_alone,
        "students": STUDENTS,
        "ready_seconds": ready,
        "resident_bytes": resident,
        "published_design_seconds": statistics.median(design),
        "rounds": rounds,
    }


def _codes(teacher: Client, count: int) -> list[str]:
    started = [teacher.post("/session/start", subject="Benchmark") for _ in range(count)]
    return [answer["session"]["code"] for answer in started]


def _resident(server: int) -> dict[str, int]:
    """Return the memory of the requests' process and of the networks', in bytes (Linux)."""
    parents, sizes = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int(
                (entry / "stat").read_text().rpartition(")")[2].split()[1]
            )
            pages = int((entry / "statm").read_text().split()[1])
        except (OSError, ValueError):
            continue
        sizes[int(entry.name)] = pages * os.sysconf("SC_PAGE_SIZE")
    worker = next((pid for pid, parent in parents.items() if parent == server), server)
    networks = next((pid for pid, parent in parents.items() if parent == worker), worker)
    return {"requests": sizes[worker], "networks": sizes[networks]} if sizes else {}


def main() -> None:
    """Measure, print the table and write ``benchmarks/results-http.json``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--marks", type=int, default=600, help="marks at 8 and at 32 clients")
    options = parser.parse_args()
    results = measure(options.marks)
    texts = [table(run) for run in kept(RESULTS, results)]
    write_into_docs("\n\n".join(texts), "http")
    print(f"\n{texts[0]}")
    for row in results["rounds"]:
        print(f"{row['clients']} clients: {row['answers']}")


def table(results: dict[str, Any]) -> str:
    """Return a run as a Markdown table with a sentence before it."""
    base = results["published_design_seconds"]
    resident = results.get("resident_bytes")
    memory = ""
    if isinstance(resident, dict):  # of runs before the networks had a process of their own: a sum
        named = (f"{name} {size / 1e6:.0f} MB" for name, size in resident.items())
        memory = f" ({', '.join(named)} resident)"
    text = (
        f"{circumstances(results)} Server ready after {results['ready_seconds']:.1f} s{memory}; "
        f"the published design takes {base * 1000:.0f} ms a mark."
        "\n\n| clients | marks/s | p50 | p95 | p99 | to the published design |\n|" + " --- |" * 6
    )
    for row in results["rounds"]:
        rate = row["marks_per_second"]
        times = " | ".join(f"{row[f'p{part}_ms']:.0f} ms" for part in (50, 95, 99))
        text += f"\n| {row['clients']} | {rate:.0f} | {times} | {rate * base:.0f}× |"
    return text


if __name__ == "__main__":
    main()
