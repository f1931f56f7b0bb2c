"""Uploads without end are one account's own problem, and tell it little about others."""

from __future__ import annotations

import select
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import requests
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance.admission.control import SMALL_BYTES
from attendance.admission.shares import (
    ENROLMENT,
    HINT,
    IDENTIFICATION,
    MARK,
    UPLOADS,
    NoRoom,
    Uploads,
)
from attendance.core.services import Services
from attendance.web.current import services_of
from tests.attendance.school import audited
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, Person, code_of, picture

BUSY, TOO_MANY = (503, "recognizer_busy"), (429, "too_many_tries")
FLOOD = 20


@contextmanager
def held(parts: Services, calls: list[Callable[[], TestResponse]]) -> Iterator[list[TestResponse]]:
    """Make the calls at once, and hold those that reach the networks until the block ends.

    Gives the answers of those that do not reach them, once no more can come.
    """
    opened, answered = threading.Event(), threading.Semaphore(0)
    inside = threading.Semaphore(0)
    real = {name: getattr(parts.faces, name) for name in ("analyse", "for_template")}

    def hold(name: str) -> None:
        def held_up(data: bytes) -> object:
            inside.release()
            assert opened.wait(60)
            return real[name](data)

        setattr(parts.faces, name, held_up)

    def let_go() -> None:
        for name, method in real.items():
            setattr(parts.faces, name, method)

    for name in real:
        hold(name)
    refused: list[TestResponse] = []

    def call(make: Callable[[], TestResponse]) -> None:
        answer = make()
        if not opened.is_set():
            refused.append(answer)
        answered.release()

    with ThreadPoolExecutor(len(calls)) as pool:
        for make in calls:
            pool.submit(call, make)
        try:
            for _ in range(len(calls) - UPLOADS):
                assert answered.acquire(timeout=60)
            for _ in range(UPLOADS):
                assert inside.acquire(timeout=60)
            let_go()
            yield refused
        finally:
            let_go()
            opened.set()


def test_a_flood_of_enrolments_leaves_the_networks_to_others_marks(
    api: Api, app: OpenAPI, parts: Services
) -> None:
    session = api.session(api.teacher())
    student, flooding = api.student("obama"), api.student()

    def upload() -> TestResponse:
        return Api(app).upload("/student/upload-face", flooding, picture("biden"))

    with held(parts, [upload] * FLOOD) as refused:
        assert Counter(map(code_of, refused)) == {BUSY: FLOOD - UPLOADS}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
        assert api.mark(student, "obama2", code=session["code"]).status_code == 200
        api.enrol(api.student(), "grace_hopper")
    assert api.upload("/student/upload-face", flooding, picture("biden")).status_code == 200


def test_enrolments_of_all_together_leave_half_of_the_queue() -> None:
    uploads = Uploads(queue=8, threads=8)
    with uploads.turn(ENROLMENT, "student:1"), uploads.turn(ENROLMENT, "student:2"):
        with uploads.turn(ENROLMENT, "student:3"), uploads.turn(ENROLMENT, "student:4"):
            with pytest.raises(NoRoom), uploads.turn(ENROLMENT, "student:5"):
                pass
            with uploads.turn(HINT, "student:5"):
                pass
        with uploads.turn(ENROLMENT, "student:5"):
            pass


def test_of_one_account_marks_and_identifications_leave_half_of_the_queue() -> None:
    uploads = Uploads(queue=8, threads=8)
    for kind in (MARK, IDENTIFICATION):
        with ExitStack() as stack:
            for _ in range(4):
                stack.enter_context(uploads.turn(kind, "student:1"))
            with pytest.raises(NoRoom):
                stack.enter_context(uploads.turn(kind, "student:1"))
            for other in range(2, 40):  # a class marks at once
                stack.enter_context(uploads.turn(kind, f"student:{other}"))


def test_a_flood_of_marks_of_one_account_leaves_the_networks_to_others_marks(
    make_app: Callable[..., OpenAPI],
) -> None:
    app = make_app(face_queue=2 * UPLOADS, mark_tries_per_minute=100)
    api, parts = Api(app), services_of(app)
    session = api.session(api.teacher())
    student, flooding = api.student("obama"), api.student("biden")

    def mark() -> TestResponse:
        return Api(app).mark(flooding, "biden", code=session["code"])

    with held(parts, [mark] * FLOOD) as refused:
        assert Counter(map(code_of, refused)) == {BUSY: FLOOD - UPLOADS}
        assert api.mark(student, "obama2", code=session["code"]).status_code == 200


def test_attempts_to_enrol_and_to_identify_are_counted(
    make_app: Callable[..., OpenAPI],
) -> None:
    api = Api(make_app(enrol_tries_per_minute=2, identify_tries_per_minute=2))
    teacher, other = api.teacher(), api.teacher()
    student, second = api.student(), api.student()
    for _ in range(2):
        answer = api.upload("/student/upload-face", student, b"text")
        assert code_of(answer) == (400, "image_unreadable")
    assert code_of(api.upload("/student/upload-face", student, b"text")) == TOO_MANY
    assert api.upload("/student/upload-face", second, picture("obama")).status_code == 200
    assert code_of(api.upload("/verify", teacher, b"text")) == (400, "image_unreadable")
    names = {"first_name": "A", "last_name": "B"}
    assert code_of(api.upload("/register", teacher, b"text", **names)) == (400, "image_unreadable")
    for path, fields in (("/verify", {}), ("/register", names)):
        refused = api.upload(path, teacher, picture("obama"), **fields)
        assert code_of(refused) == TOO_MANY
        assert int(refused.headers["Retry-After"]) > 0
    assert api.upload("/verify", other, picture("obama")).status_code == 200


def enrol_obama(api: Api, by: Person, path: str) -> TestResponse:
    fields = {"first_name": "A", "last_name": "B"} if path == "/register" else {}
    return api.upload(path, by, picture("obama2"), **fields)


@pytest.mark.parametrize("path", ["/student/upload-face", "/register"])
def test_who_asks_whether_faces_are_enrolled_is_told_a_few_times_and_audited(
    make_app: Callable[..., OpenAPI], path: str
) -> None:
    app = make_app(face_taken_per_hour=2)
    api, parts = Api(app), services_of(app)
    admin = api.teacher()
    api.student("obama")
    asking, other = (api.teacher, api.student)[path != "/register"](), api.student()
    answers = [enrol_obama(api, asking, path) for _ in range(3)]
    assert [code_of(answer)[1] for answer in answers] == ["face_taken"] * 2 + ["too_many_tries"]
    assert answers[0].data == answers[1].data
    # also with a face that is nobody's: the answer tells nothing any more
    fields = {"first_name": "A", "last_name": "B"} if path == "/register" else {}
    refused = api.upload(path, asking, picture("biden"), **fields)
    assert code_of(refused) == TOO_MANY
    kind = "teacher" if path == "/register" else "student"
    lines = audited(parts, "face.taken")
    assert [line["actor"] for line in lines] == [f"{kind}:{asking.row['id']}"] * 2
    assert {line["subject"] for line in lines} == {f"{kind}:{asking.row['id']}"}
    listed = api.get("/admin/audit?action=face.taken", admin).json["audit"]
    assert len(listed) == 2
    api.enrol(other, "biden")


def begin_to_mark(url: str, student: Person) -> socket.socket:
    """Send the beginning of a large upload, and no more."""
    where = urlsplit(url)
    line = socket.create_connection((str(where.hostname), int(where.port or 0)), 60)
    head = (
        "POST /session/mark HTTP/1.1\r\nHost: here\r\n"
        f"Authorization: Bearer {student.token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {2 * SMALL_BYTES}\r\n\r\n--b\r\n"
    )
    line.sendall(head.encode())
    return line


def test_large_bodies_of_one_account_that_do_not_come_leave_the_places_to_others(
    make_app: Callable[..., OpenAPI],
) -> None:
    app = make_app(threads=16)
    api = Api(app)
    session = api.session(api.teacher())
    student, slow = api.student("obama"), api.student()
    with serving(app) as url, ExitStack() as stack:
        lines = [stack.enter_context(begin_to_mark(url, slow)) for _ in range(FLOOD)]
        answered = 0
        while answered < FLOOD - 2 * UPLOADS:
            ready, _, _ = select.select(lines, [], [], 60)
            assert ready, "all of them are held"
            for line in ready:
                assert line.recv(4096).startswith(b"HTTP/1.1 503")
                lines.remove(line)
                answered += 1
        with Listener(url, student.token) as listener:
            assert listener.follow(session["id"]) == {"ok": True}
        marked = requests.post(
            f"{url}/session/mark",
            headers={"Authorization": f"Bearer {student.token}"},
            data={"code": session["code"]},
            files={"image": ("frame.jpg", picture("obama2"))},
            timeout=60,
        )
        assert marked.status_code == 200, marked.text
