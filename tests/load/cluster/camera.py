"""A camera in a room while something breaks: what it was told that it has marked must be there."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests
import socketio
from PIL import Image

from attendance.commands.camera import Line
from tests.load.school import PHOTOGRAPHS, Place, Student

# One of each person in the photographs: a camera names nobody who looks like another.
PEOPLE = ("obama", "biden", "grace_hopper", "astronaut")
FRAME_SECONDS, AGAIN_SECONDS = 0.1, 0.3
LONGEST_FRAMES = 40
# A face that never moves is a poster's, and is not marked: heads turn a little, and come nearer.
POSES, TURN_DEGREES, NEARER = 12, 6.0, 0.12


@dataclass
class Looked:
    """What a camera was told while something broke."""

    # the session and the student's number of each mark
    told: list[tuple[int, str]] = field(default_factory=list)
    good_at: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def pause(self) -> float:
        """The longest time between two frames that were answered."""
        return max((b - a for a, b in itertools.pairwise(self.good_at)), default=float("inf"))


class RoomCamera:
    """Sends frames of a course's students, the next after the answer, and starts a session when
    everybody is marked; a connection that is lost is made again."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.looked = Looked()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._seq = 0
        self._students = _of_different_people(place)
        self._course = self._call("POST", "/course", json={"code": "CAM", "name": "Camera"})[
            "course"
        ]["id"]
        self._frames = {
            number: list(_moving(student.picture)) for number, student in self._students.items()
        }
        for number, student in self._students.items():
            agreed = {"camera_consent": True}
            place.school.call("PATCH", "/student/me", student.token, json=agreed).raise_for_status()
            self._call("POST", f"/course/{self._course}/students", json={"student_id": number})
        self._line = Line(
            place.school.url,
            {"token": place.teacher},
            reconnection_delay=0.3,
            reconnection_delay_max=1,
        )

    @property
    def is_connected(self) -> bool:
        """Whether it has a line to some server."""
        return bool(self._line.client.connected)

    def begin(self) -> None:
        """Look from now on, in a session of its own."""
        self.looked = Looked()
        self._ended.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> Looked:
        """Look no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        return self.looked

    def stop(self) -> None:
        """Go, without the seconds for which the WebSocket waits for an answer."""
        self.end()
        with contextlib.suppress(Exception):
            if self._line.client.eio.ws is not None:
                self._line.client.eio.ws.close = partial(
                    self._line.client.eio.ws.close, timeout=0.05
                )
            self._line.client.disconnect()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                session = self._session()
            except requests.HTTPError as error:
                self._wait(f"start {error.response.status_code}")
                continue
            except requests.RequestException as error:
                self._wait(f"start {type(error).__name__}")
                continue
            for number in self._students:
                self._look_at(session, number)

    def _session(self) -> int:
        asked = {"subject": "Camera", "course_id": self._course, "another": True}
        session = int(self._call("POST", "/session/start", json=asked)["session"]["id"])
        self._call("PUT", f"/session/{session}/camera", json={"mode": "mark"})
        return session

    def _look_at(self, session: int, number: str) -> None:
        """One student before the camera until marked, or for some seconds."""
        for _ in range(LONGEST_FRAMES):
            if self._ended.is_set():
                return
            self._seq += 1
            image = self._frames[number][self._seq % POSES]
            frame = {"session_id": session, "seq": self._seq, "image": image}
            try:
                answer = self._line.ask(frame)
            except (socketio.exceptions.SocketIOError, OSError) as error:
                self._wait(type(error).__name__)
                continue
            if not answer["ok"]:
                self._wait(str(answer["code"]))
                continue
            self.looked.good_at.append(time.monotonic())
            self.looked.told += [(session, str(marked)) for marked in answer["marked"]]
            if number in answer["marked"]:
                return
            time.sleep(FRAME_SECONDS)

    def _wait(self, why: str) -> None:
        self.looked.refused[why] += 1
        time.sleep(AGAIN_SECONDS)

    def _call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = self._place.school.call(method, path, self._place.teacher, **body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def _of_different_people(place: Place) -> dict[str, Student]:
    """Some of the students, by their number; each is made of another person's photograph."""
    with place.database.read() as tx:
        rows = tx.all("SELECT id, student_id FROM students ORDER BY student_id")
    numbers = {int(row["id"]): str(row["student_id"]) for row in rows}
    found: dict[str, tuple[str, Student]] = {}
    for student in place.students:
        number = numbers[student.id]
        of = PHOTOGRAPHS[(int(number[1:]) - 1) % len(PHOTOGRAPHS)]
        if of in PEOPLE:
            found.setdefault(of, (number, student))
    return dict(found.values())


def _moving(picture: bytes) -> Iterator[bytes]:
    """The frames of a head that moves as somebody's who sits, over and over."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for number in range(POSES):
        phase = 2 * math.pi * number / POSES
        scale = 1 + NEARER * (1 - math.cos(phase)) / 2
        size = (round(image.width * scale), round(image.height * scale))
        turned = image.rotate(TURN_DEGREES * math.sin(phase), Image.Resampling.BICUBIC)
        out = io.BytesIO()
        turned.resize(size, Image.Resampling.BICUBIC).crop((0, 0, *image.size)).save(
            out, "JPEG", quality=88
        )
        yield out.getvalue()
