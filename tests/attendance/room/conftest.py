"""A class that agreed to the camera, and a camera that speaks as the page's does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import socketio
from flask_openapi3 import OpenAPI

from facerecog import Recognizer
from tests import classroom
from tests.attendance.school import course_of, enrol
from tests.attendance.serving import leave, serving
from tests.conftest import Api, Person

PEOPLE = ("obama", "biden", "grace_hopper")


def agree(api: Api, student: Person, to: bool = True) -> None:
    answer = api.call("PATCH", "/student/me", student, json={"camera_consent": to})
    assert answer.status_code == 200, answer.text


@dataclass
class Class:
    """A course with a session, whose students have faces and agreed to the camera."""

    api: Api
    teacher: Person
    students: dict[str, Person]
    course: dict[str, Any]
    session: dict[str, Any]

    def number(self, who: str) -> str:
        return str(self.students[who].row["student_id"])

    def allow(self, mode: str) -> dict[str, Any]:
        path = f"/session/{self.session['id']}/camera"
        answer = self.api.call("PUT", path, self.teacher, json={"mode": mode})
        assert answer.status_code == 200, answer.text
        camera: dict[str, Any] = answer.json["camera"]
        return camera

    def rows(self) -> list[dict[str, Any]]:
        path = f"/session/attendance?session_id={self.session['id']}"
        listed: list[dict[str, Any]] = self.api.get(path, self.teacher).json["attendance"]
        return listed

    def marks(self) -> dict[str, tuple[str, str | None]]:
        return {row["student_id"]: (row["status"], row["method"]) for row in self.rows()}

    def sightings(self) -> list[dict[str, Any]]:
        path = f"/session/{self.session['id']}/sightings"
        listed: list[dict[str, Any]] = self.api.get(path, self.teacher).json["sightings"]
        return listed

    def decide(self, sighting: dict[str, Any], who: str | None) -> Any:
        path = f"/session/{self.session['id']}/sightings/{sighting['id']}/decide"
        body = {"student_id": None if who is None else self.number(who)}
        return self.api.post(path, self.teacher, json=body)


@pytest.fixture
def school(api: Api) -> Class:
    teacher = api.teacher()
    course = course_of(api, teacher)
    students = {who: api.student(who) for who in PEOPLE}
    enrol(api, teacher, course, *students.values())
    for student in students.values():
        agree(api, student)
    session = api.session(teacher, course_id=course["id"])
    return Class(api, teacher, students, course, session)


class Camera:
    """Sends frames of a class of photographs, one after the other's answer."""

    def __init__(self, url: str, recognizer: Recognizer, session: int, **auth: str) -> None:
        self.recognizer, self.session = recognizer, session
        self.client = socketio.Client(reconnection=False)
        self.client.connect(url, auth=auth, transports=["websocket"], wait_timeout=30)
        self.seq = 0

    def send(self, image: object, **fields: Any) -> dict[str, Any]:
        """Send one frame and return the answer."""
        self.seq += 1
        message = {"session_id": self.session, "seq": self.seq, "image": image, **fields}
        answer = self.client.call("camera_frame", message, timeout=60)
        assert isinstance(answer, dict)
        return answer

    def film(self, seats: Sequence[classroom.Seat], frames: int = 8) -> list[dict[str, Any]]:
        """Send so many frames of a class; their answers."""
        answers = []
        for _ in range(frames):
            data = classroom.frame(self.recognizer, seats, self.seq)
            answers.append(self.send(data))
            assert answers[-1]["ok"], answers[-1]
        return answers


Filming = Callable[..., "contextmanager[Camera]"]


@pytest.fixture
def url(app: OpenAPI) -> Iterator[str]:
    with serving(app) as served:
        yield served


@pytest.fixture
def camera(url: str, school: Class, recognizer: Recognizer) -> Iterator[Camera]:
    """The teacher's own camera in the session of the class."""
    made = Camera(url, recognizer, school.session["id"], token=school.teacher.token)
    yield made
    leave(made.client)
