"""The main job and a roll call in Firefox and in WebKit, which half of the phones have."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator
from typing import Any

import cv2
import pytest

from facerecog import Recognizer
from tests.attendance.school import course_of, enrol
from tests.browser.conftest import Site
from tests.browser.engines import ENGINES, Engine, Missing
from tests.browser.films import portrait
from tests.conftest import Person

pytestmark = pytest.mark.any_database

PATIENCE_SECONDS = 60
# A canvas that shows a photograph, in place of the device's camera.
CAMERA = """
const [address] = arguments;
const photo = new Image();
photo.src = address;
const canvas = document.createElement("canvas");
canvas.width = 480;
canvas.height = 640;
const draw = () => {
  const scale = Math.max(480 / photo.width, 640 / photo.height);
  const [width, height] = [photo.width * scale, photo.height * scale];
  canvas.getContext("2d").drawImage(photo, (480 - width) / 2, (640 - height) / 2, width, height);
};
photo.onload = () => setInterval(draw, 100);
Object.defineProperty(navigator, "mediaDevices", {
  value: {
    getUserMedia: async () => canvas.captureStream(10),
    enumerateDevices: async () => [{ kind: "videoinput", deviceId: "one" }],
  },
});
"""
FILL = """
const [label, text] = arguments;
const field = [...document.querySelectorAll("label")]
  .find((one) => one.checkVisibility() && one.textContent.trim().startsWith(label))
  .querySelector("input");
field.value = text;
field.dispatchEvent(new Event("input", { bubbles: true }));
"""
PRESS = """
const [name] = arguments;
const called = (one) => (one.getAttribute("aria-label") ?? one.textContent).trim();
[...document.querySelectorAll("button, a")]
  .find((one) => one.checkVisibility() && called(one) === name).click();
"""
ROW = """[...document.querySelectorAll("#roll tr")]
  .find((one) => one.textContent.includes(arguments[0]))"""


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    try:
        with ENGINES[request.param](tmp_path_factory.mktemp("profile")) as running:
            yield running
    except Missing as problem:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop(str(problem))


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher(name="Ada Lovelace")


def until(engine: Engine, condition: str, *values: Any) -> Any:
    """Ask the page until the expression is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := engine.js(f"return {condition}", *values)):
        assert time.monotonic() < deadline, engine.js("return document.body.innerText")
        time.sleep(0.2)
    return found


def sign_in(engine: Engine, site: Site, person: Person, role: str, path: str) -> None:
    engine.go(f"{site.url}/sign-in?role={role}&next={path}")
    engine.forget()
    engine.go(f"{site.url}/sign-in?role={role}&next={path}")
    engine.js(FILL, "E-mail address", person.row["email"])
    engine.js(FILL, "Password", person.password)
    engine.js(PRESS, "Sign in")
    until(engine, "location.pathname === arguments[0] && document.readyState === 'complete'", path)


def test_a_student_types_the_code_and_is_marked(
    engine: Engine, site: Site, teacher: Person, recognizer: Recognizer
) -> None:
    session = site.api.session(teacher)
    student = site.api.student("obama")
    sign_in(engine, site, student, "student", "/join")
    _, jpeg = cv2.imencode(".jpg", portrait(recognizer, "obama2"))
    engine.js(CAMERA, f"data:image/jpeg;base64,{base64.b64encode(jpeg.tobytes()).decode()}")
    engine.js(FILL, "Session code", session["code"])
    engine.js(PRESS, "Continue with this code")
    until(engine, "document.querySelector('#result-title')?.textContent === 'Present'")
    [mark] = site.marks(session, teacher)
    assert (mark["student_id"], mark["method"]) == (student.row["student_id"], "face")


def test_a_teacher_sees_it_live_and_calls_the_roll(
    engine: Engine, site: Site, teacher: Person
) -> None:
    course = course_of(site.api, teacher)
    pupils = [site.api.student(name=f"Ben {number}") for number in (1, 2)]
    enrol(site.api, teacher, course, *pupils)
    session = site.api.session(teacher, course_id=course["id"])
    path = f"/teach/sessions/{session['id']}"
    sign_in(engine, site, teacher, "teacher", path)
    until(engine, "document.documentElement.dataset.live === 'live'")
    until(engine, "document.querySelectorAll('#roll tr').length === 2")
    # what happens elsewhere is seen here without a reload
    engine.js("window.neverReloaded = true")
    body = {"changes": [{"student_id": pupils[0].row["student_id"], "status": "late"}]}
    assert (
        site.api.call("PUT", f"/session/{session['id']}/attendance", teacher, json=body).status_code
        == 200
    )
    until(engine, f"{ROW}.dataset.status === 'late'", "Ben 1")
    assert engine.js("return window.neverReloaded") is True
    # and one press a status is written
    engine.js(PRESS, "Present: Ben 2")
    until(engine, f"{ROW}.dataset.status === 'present'", "Ben 2")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while {one["status"] for one in site.marks(session, teacher)} != {"late", "present"}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
