"""How long a student takes to be marked where the head has to turn (docs/accuracy.md).

    python -m benchmarks.check_ins [--runs N]

The page runs in Chromium, with a camera that does what the page asks for as a person would: a while
after the words have changed it looks straight ahead, then to the side that was asked (a public
portrait with a head's depth, `tests/turning.py`). Counted is from the camera's first picture to the
answer on the page. The server's part is that of `POST /session/mark`, as the server takes it, with
three pictures and with one.
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from flask_openapi3 import OpenAPI
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from attendance import create_app
from attendance.core.settings import Settings
from attendance.web.current import services_of
from database import migrate
from facerecog import Recognizer, RecognizerConfig
from tests.browser.conftest import chromium
from tests.conftest import Api, Person, picture
from tests.turning import Portrait

STEPS = ("straight", "left", "right")
REACTION_MS, TURN_MS = 500, 400
"""From the words to the first movement, and through the look ahead to the side that was asked."""
# How often a frame of a pose is another one, with noise of its own.
SEEDS = 4

CAMERA = """
([pictures, reaction, turn]) => {
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 480 });
    const brush = canvas.getContext("2d");
    const images = {};
    for (const [step, urls] of Object.entries(pictures)) {
      images[step] = urls.map((url) => Object.assign(new Image(), { src: url }));
      await Promise.all(images[step].map((image) => image.decode()));
    }
    let [shown, wanted, since, frame] = ["straight", "straight", performance.now(), 0];
    setInterval(() => {
      const words = document.querySelector("#step-selfie").textContent;
      const [asked] = /left|right|straight/.exec(words) ?? [wanted];
      const now = performance.now();
      if (asked !== wanted) [wanted, since] = [asked, now];
      if (now - since > reaction + turn) shown = wanted;
      else if (now - since > reaction && shown !== wanted) shown = "straight";
      frame += 1;
      brush.drawImage(images[shown][frame % images[shown].length], 0, 0);
      window.firstPicture ??= now;
    }, 60);
    return canvas.captureStream(15);
  };
  new MutationObserver(() => {
    const result = document.querySelector("#step-result");
    if (result && !result.hidden) window.answered ??= performance.now();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["hidden"] });
}
"""


@contextmanager
def school(folder: Path, recognizer: Recognizer) -> Iterator[tuple[OpenAPI, str]]:
    """The product on a port of this machine."""
    settings = Settings.load(
        instance_dir=folder / "instance",
        uploads_dir=folder / "uploads",
        database_url=f"sqlite:///{folder / 'attendance.db'}",
        bcrypt_rounds=4,
        teacher_sign_up="open",
        log_level="ERROR",
        login_tries_per_minute=1000,
        mark_tries_per_minute=10_000,
        join_tries_per_minute=10_000,  # one student, again and again
        check_tries_per_minute=10_000,
        challenge_tries_per_hour=10_000,
    )
    app = create_app(settings, recognizer=recognizer)
    migrate(services_of(app).database)
    services_of(app).faces.warm_up()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        services_of(app).database.close()


class Class:
    """A teacher, a student and a course; each time a session of its own."""

    def __init__(self, app: OpenAPI) -> None:
        self.api, self.parts = Api(app), services_of(app)
        self.teacher: Person = self.api.teacher()
        self.student: Person = self.api.student()
        self.api.enrol(self.student, picture("obama2"))
        made = self.api.post("/course", self.teacher, json={"code": "M", "name": "Algebra"})
        self.course = made.json["course"]["id"]
        body = {"student_id": self.student.row["student_id"]}
        self.api.post(f"/course/{self.course}/students", self.teacher, json=body)

    def begin(self, liveness: str) -> dict[str, Any]:
        """A fresh session; the pictures of the one before are forgotten."""
        rules = {"check_in": {"liveness": liveness}}
        self.api.call("PATCH", f"/course/{self.course}", self.teacher, json=rules)
        with self.parts.database.write() as tx:
            tx.execute("DELETE FROM used_pictures")
        return self.api.session(self.teacher, course_id=self.course, another=True)

    def seconds_of_a_mark(self, portrait: Portrait, liveness: str, seed: int) -> float:
        """The server's part of a mark."""
        session = self.begin(liveness)
        joined = self.api.post("/session/join", self.student, json={"code": session["code"]}).json
        asked = joined["challenge"]
        steps = asked["steps"] if asked else ["straight"]
        sent = {"challenge": asked["id"]} if asked else {}
        pictures = [portrait.turned(step, seed=seed) for step in steps]
        time.sleep(0.5 * len(steps) if asked else 0)  # nobody turns quicker
        began = time.perf_counter()
        answer = self.api.upload(
            "/session/mark", self.student, *pictures, join_token=joined["join_token"], **sent
        )
        took = time.perf_counter() - began
        if answer.status_code != 200:
            raise SystemExit(f"{liveness}: {answer.text}")
        return took

    def seconds_on_the_page(self, page: Page) -> float | None:
        """From the camera's first picture to the answer; None: it was not marked."""
        session = self.begin("enforce")
        ticket = self.parts.tickets.ticket(session["id"], self.parts.clock.now())
        page.goto(f"/join/{ticket}")
        page.locator("#step-result").wait_for(state="visible", timeout=60_000)
        if page.locator("#step-result.good").count() == 0:
            print(page.locator("#step-result").inner_text().replace("\n", " "))
            return None
        return float(page.evaluate("(answered - firstPicture) / 1000"))


def line(kind: str, seconds: list[float]) -> str:
    """A row of the table."""
    half, most = np.percentile(seconds, [50, 95])
    return f"| {kind} | {len(seconds)} | {half:.2f} s | {most:.2f} s |"


def measured(runs: int, once: Callable[[int], float]) -> list[float]:
    """After two that nobody counts."""
    return [once(number) for number in range(runs + 2)][2:]


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory() as folder,
        Recognizer(RecognizerConfig()) as recognizer,
        school(Path(folder), recognizer) as (app, url),
    ):
        portrait, pupils = Portrait(recognizer, "obama"), Class(app)
        print("| | runs | half of them within | 95 % within |")
        print("| --- | --- | --- | --- |")
        for kind, liveness in (("one picture", "off"), ("three steps", "enforce")):
            took = measured(
                runs, lambda seed, of=liveness: pupils.seconds_of_a_mark(portrait, of, seed)
            )
            print(line(f"POST /session/mark, {kind}", took), flush=True)
        films = {
            step: [
                "data:image/jpeg;base64,"
                + base64.b64encode(portrait.turned(step, seed=seed)).decode()
                for seed in range(SEEDS)
            ]
            for step in STEPS
        }
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = browser.new_context(base_url=url, locale="en").new_page()
            page.add_init_script(f"({CAMERA})({json.dumps([films, REACTION_MS, TURN_MS])})")
            body = {"email": pupils.student.row["email"], "password": pupils.student.password}
            page.context.request.post("/student/login?transport=cookie", data=body)
            tries = [pupils.seconds_on_the_page(page) for _ in range(runs)]
            browser.close()
        marked = [each for each in tries if each is not None]
        print(line("camera to answer, in the page", marked))
        print(f"not marked: {len(tries) - len(marked)} of {len(tries)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
