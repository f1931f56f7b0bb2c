"""`flask camera`: a camera without a browser, from a file, until the session ends."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import cv2
import pytest
import socketio
from click.testing import Result
from flask_openapi3 import OpenAPI

from attendance.commands.camera import ANSWER_SECONDS, Line
from facerecog import Recognizer
from tests import classroom
from tests.attendance.room.conftest import Class
from tests.attendance.serving import leave, serving, until

pytestmark = pytest.mark.any_database


def film(path: Path, recognizer: Recognizer, frames: int = 30) -> Path:
    width, height = classroom.SIZE
    parts = [f"YUV4MPEG2 W{width} H{height} F5:1 Ip A1:1 C420mpeg2\n".encode()]
    for number in range(frames):
        frame = classroom.picture(recognizer, classroom.seats(["obama", "astronaut"]), number)
        parts.append(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes())
    path.write_bytes(b"".join(parts))
    return path


def key_of(school: Class, *scopes: str) -> str:
    body = {"name": "Camera", "scopes": list(scopes)}
    made = school.api.post("/admin/api-keys", school.teacher, json=body)
    return str(made.json["key"])


def test_a_file_is_shown_until_the_session_ends(
    school: Class, app: OpenAPI, url: str, recognizer: Recognizer, tmp_path: Path
) -> None:
    school.allow("mark")
    told: list[Result] = []
    arguments: list[Any] = [
        *("camera", str(school.session["id"]), str(film(tmp_path / "class.y4m", recognizer))),
        *("--url", url, "--key", key_of(school, "camera")),
    ]
    run = threading.Thread(target=lambda: told.append(app.test_cli_runner().invoke(args=arguments)))
    run.start()
    until(lambda: school.number("obama") in school.marks())
    body = {"session_id": school.session["id"]}
    school.api.post("/session/stop", school.teacher, json=body)
    run.join(60)
    assert told[0].exit_code == 0, told[0].output
    assert f"({school.number('obama')})" in told[0].output
    assert "session_ended" in told[0].output
    assert "1 marked" in told[0].output
    assert school.marks()[school.number("obama")] == ("present", "camera")


def test_a_key_without_the_scope_and_a_source_that_is_none_are_told(
    school: Class, app: OpenAPI, url: str, tmp_path: Path
) -> None:
    runner = app.test_cli_runner()
    number = str(school.session["id"])
    nothing = tmp_path / "nothing.mp4"
    nothing.write_bytes(b"no film")
    arguments = ["camera", number, str(nothing), "--url", url, "--key"]
    wrong = runner.invoke(args=[*arguments, key_of(school, "mark")])
    assert wrong.exit_code == 1
    assert "does not let this camera in" in wrong.output
    unreadable = runner.invoke(args=[*arguments, key_of(school, "camera")])
    assert unreadable.exit_code == 1
    assert "cannot be read" in unreadable.output


def test_an_answer_that_went_with_its_connection_is_not_waited_for() -> None:
    """The server that was asked has ended; another one takes the next frame."""
    server = socketio.Server(async_mode="threading")
    server.on("camera_frame", lambda sid, _frame: server.disconnect(sid))
    with serving(socketio.WSGIApp(server)) as url:  # type: ignore[arg-type]  # any WSGI application
        line = Line(url, {}, reconnection_delay=0.1)
        began = time.monotonic()
        with pytest.raises(socketio.exceptions.SocketIOError):
            line.ask({"session_id": 1, "seq": 1, "image": b""})
        assert time.monotonic() - began < ANSWER_SECONDS / 2
        leave(line.client)
