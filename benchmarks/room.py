"""A class of 30 before a camera, and phones beside it: ``python -m benchmarks.room FACES``.

FACES is a folder with a folder of photographs for each person. A real server on a free port of
127.0.0.1 gets 30 students, enrolled with one photograph each, who agree to the camera. A moving
picture of 1920×1080 made of them goes to it over Socket.IO, the next frame after the answer, as the
teacher's page sends it. Told are the time from the first frame to the last mark, and what marks
over HTTP take from 1 and from 8 phones, alone and beside the camera, in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import socketio

from benchmarks.camera import film, seats
from benchmarks.over_http import PASSWORD, PROJECT, enrol, free_port, wait_until_ready
from benchmarks.phones import Client, drive
from benchmarks.run import processor
from facerecog import FaceRecogError, Recognizer, default_models_dir, ensure_weights

STUDENTS = 30
SIZE, SIDE = (1920, 1080), 80
PHONES = (1, 8)
LONGEST = 60.0
"""Seconds in which a class is marked, or is not."""


@dataclass
class Class:
    """Who sits in the room, and the session that the camera looks into."""

    session: int
    students: list[str]
    pictures: list[Path]
    """Of each, another photograph than the enrolled one."""


class Camera:
    """Sends the frames of a film over and over, the next after the answer."""

    def __init__(self, port: int, token: str, session: int, frames: Sequence[bytes]) -> None:
        self._session, self._frames, self.seq = session, frames, 0
        self._client = socketio.Client(reconnection=False)
        self._client.connect(
            f"http://127.0.0.1:{port}", auth={"token": token}, transports=["websocket"]
        )

    def send(self) -> list[str]:
        """Send one frame; who was marked by it."""
        message = {
            "session_id": self._session,
            "seq": self.seq + 1,
            "image": self._frames[self.seq % len(self._frames)],
        }
        answer = self._client.call("camera_frame", message, timeout=60)
        self.seq += 1
        if not answer["ok"]:
            raise SystemExit(f"a frame was answered {answer}")
        marked: list[str] = answer["marked"]
        return marked

    @contextmanager
    def running(self) -> Iterator[None]:
        """Frames without a pause."""
        stop = threading.Event()

        def run() -> None:
            while not stop.is_set():
                self.send()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()


def photographs(recognizer: Recognizer, folder: Path, count: int) -> list[tuple[Path, Path]]:
    """Two photographs of each of so many people, in which one face is found."""
    pairs = []
    for person in sorted(folder.iterdir()):
        found = []
        for path in sorted(person.glob("*.jpg")):
            try:
                recognizer.enrol(path.read_bytes())
            except FaceRecogError:
                continue
            found.append(path)
        if len(found) > 1:
            pairs.append((found[0], found[1]))
        if len(pairs) == count:
            return pairs
    raise SystemExit(f"{folder} has {len(pairs)} people with two photographs, not {count}")


def fill(port: int, teacher: Client, pairs: Sequence[tuple[Path, Path]]) -> Class:
    """Enrol a class that agrees to the camera, and open its session."""
    course = teacher.post("/course", code="R1", name="Room")["course"]["id"]
    numbers, shown = [], []
    for place, (enrolled, other) in enumerate(pairs):
        student, number = Client(port), f"R{place:03}"
        signed = student.post(
            "/student/signup",
            name=f"Student {place}",
            email=f"r{place}@bench.example",
            password=PASSWORD,
            student_id=number,
        )
        student.token = signed["access_token"]
        status, answer = student.upload("/student/upload-face", enrolled.read_bytes())
        if status != 200:
            print(f"  {enrolled.name}: {answer['code']}")
            continue
        student.send("PATCH", "/student/me", camera_consent=True)
        teacher.post(f"/course/{course}/students", student_id=number)
        numbers.append(number)
        shown.append(other)
    session = teacher.post("/session/start", subject="Room", course_id=course)["session"]["id"]
    teacher.send("PUT", f"/session/{session}/camera", mode="mark")
    return Class(session, numbers, shown)


def until_marked(camera: Camera, count: int) -> str:
    """How many of a class are marked, and when the last was."""
    began, marked, last = time.perf_counter(), 0, 0.0
    while marked < count and time.perf_counter() - began < LONGEST:
        new = len(camera.send())
        if new:
            marked, last, frames = marked + new, time.perf_counter() - began, camera.seq
    return f"{marked} of {count} marked, the last after {last:.1f} s and {frames} frames"


def phones(
    port: int,
    teacher: Client,
    marking: dict[str, tuple[str, bytes]],
    camera: Camera,
    marks: int,
    turns: int,
) -> None:
    """Print what marks take alone and beside the camera."""
    print("| phones | alone, p50 and p95 | beside a camera | p95 | frames a second meanwhile |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for clients in PHONES:
        alone, beside, rates = [], [], []
        for _ in range(turns):
            alone.append(_drive(port, teacher, marking, clients, marks))
            with camera.running():
                first, began = camera.seq, time.perf_counter()
                beside.append(_drive(port, teacher, marking, clients, marks))
                rates.append((camera.seq - first) / (time.perf_counter() - began))
        of = [
            [statistics.median(run[f"p{part}_ms"] for run in runs) for part in (50, 95)]
            for runs in (alone, beside)
        ]
        times = " | ".join(f"{p50:.0f} and {p95:.0f} ms" for p50, p95 in of)
        ratio, rate = of[1][1] / of[0][1], statistics.median(rates)
        print(f"| {clients} | {times} | {ratio:.2f}× | {rate:.1f} |", flush=True)


def _drive(
    port: int,
    teacher: Client,
    marking: dict[str, tuple[str, bytes]],
    clients: int,
    marks: int,
) -> dict[str, Any]:
    needed = -(-marks // len(marking))
    codes = [
        teacher.post("/session/start", subject="Phones")["session"]["code"] for _ in range(needed)
    ]
    return drive(port, clients, marks, codes, marking)


def measure(folder: Path, marks: int, turns: int) -> None:
    """Start the server, enrol, look, drive, and stop it."""
    ensure_weights(default_models_dir())
    recognizer = Recognizer()
    pairs = photographs(recognizer, folder, STUDENTS)
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        environment = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "INSTANCE_DIR": f"{name}/instance",
            "UPLOADS_DIR": f"{name}/uploads",
            "MODELS_DIR": str(default_models_dir()),
            "MARK_TRIES_PER_MINUTE": "10000",
            "SIGN_UPS_PER_MINUTE": "10000",
            "LOG_LEVEL": "ERROR",
        }
        server = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until_ready(port, server)
            teacher, marking = enrol(port)
            room = fill(port, teacher, pairs)
            sat = seats(room.pictures, SIZE, SIDE)
            frames = film(recognizer, sat, SIZE)
            del recognizer
            load = " ".join(f"{part:.1f}" for part in os.getloadavg())
            print(f"{processor()}, load {load}\n", flush=True)
            camera = Camera(port, teacher.token, room.session, frames)
            print(f"{until_marked(camera, len(room.students))}\n", flush=True)
            _drive(port, teacher, marking, 4, 16)
            phones(port, teacher, marking, camera, marks, turns)
            camera.close()
        finally:
            server.terminate()
            server.wait(30)


def main() -> None:
    """Print what was measured, in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("--marks", type=int, default=160, help="in each turn")
    parser.add_argument("--turns", type=int, default=2)
    asked = parser.parse_args()
    measure(asked.faces, asked.marks, asked.turns)


if __name__ == "__main__":
    main()
