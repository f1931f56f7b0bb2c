"""Pictures of cameras and kiosks for the guide: `python -m tools.room_screenshots FACES`.

FACES is a folder with a folder of photographs for each person. A moving picture of 30 of them goes
through the real pages, server and networks: 27 are enrolled under invented names, three are
strangers. Over each camera's picture lies a drawn one before anything is taken: no photograph is in
what is written to docs/images.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, Playwright, Route, ViewportSize, sync_playwright

from attendance.accounts.api_keys import create
from attendance.core import codes
from attendance.core.audit import By
from attendance.core.services import Services
from attendance.demo.course import CLASSMATES
from attendance.demo.school import TEACHER
from database import courses, students
from facerecog import FaceRecogError, Recognizer
from tests import classroom
from tools import drawn
from tools.screenshots import (
    FOLDER,
    LAPTOP,
    WALL,
    chromium,
    screen,
    site,
    small,
    start_session,
    visitor,
)

NAMES = (
    *CLASSMATES,
    *("Ada Berg", "Bilal Aziz", "Clara Voss", "Deniz Acar", "Eva Horvat", "Finn Olsen"),
    *("Goran Ilic", "Helga Dahl", "Ivo Santos", "Mira Novak"),
)
AT_THE_DOOR = len(NAMES) - 1
"""The last of them comes to the kiosk, the others sit in the room."""
STRANGERS = 3
TEMPLATES = 2
SIZE, SIDE = (1280, 720), 62
COLUMNS = 6
FRAMES, RATE = 12, 2
PATIENCE_MS = 400_000
TABLET: ViewportSize = {"width": 820, "height": 1180}
PHONE: ViewportSize = {"width": 390, "height": 844}
DRAWS = "export function drawBoxes(canvas, video, faces) {"
HOLDS = """
  if (window.faces) return;
  const known = faces.filter(({ state }) => state === "known").length;
  if (window.wanted?.[0] !== known || window.wanted[1] !== faces.length) window.faces = null;
  else {
    window.faces = faces;
    canvas.dataset.held = "";
  }
"""
ALONE = (0.32, 0.2, 0.68, 0.74)


@dataclass(frozen=True)
class Class:
    """The session, the photographs that the camera sees, and a key of the kiosk."""

    session: int
    seen: list[Path]
    at_the_door: Path
    key: str


def main() -> None:
    """Take every picture again."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("faces", type=Path)
    faces = parser.parse_args().faces
    recognizer = Recognizer()
    with (
        site() as (url, parts),
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as f,
    ):
        folder = Path(f)
        room = fill(parts, recognizer, faces)
        sat = rows(room.seen)
        pictures = [classroom.picture(recognizer, sat, number, SIZE) for number in range(FRAMES)]
        film = of_pictures(folder / "class.y4m", pictures)
        photograph = folder / "class.jpg"
        cv2.imwrite(str(photograph), pictures[0])
        with camera_browser(playwright, film) as browser:
            page = teacher_at(browser, url, room)
            camera(page, room)
            of_photograph(page, room, photograph)
        door = [classroom.Seat(str(room.at_the_door), 320, 240, 190, sway=0.05)]
        pictures = [classroom.picture(recognizer, door, number, (640, 480)) for number in range(8)]
        with camera_browser(playwright, of_pictures(folder / "door.y4m", pictures)) as browser:
            kiosk(browser, url, room, TABLET, "kiosk-tablet")
            kiosk(browser, url, room, PHONE, "kiosk-phone")


# -- the class


def fill(parts: Services, recognizer: Recognizer, folder: Path) -> Class:
    """Enrol people under invented names, who agree to the camera, in a session of their course."""
    known, others = people(recognizer, folder)
    now = parts.clock.now()
    with parts.database.write() as tx:
        course = courses.create(
            tx, teacher=1, code="MATH-2", name="Mathematics", section="11 A", description=None,
            timezone="UTC", join_code=codes.new_code(), now=now,
        )  # fmt: skip
    for place, (name, pictures) in enumerate(zip(NAMES, known, strict=True)):
        read = [path.read_bytes() for path in pictures[:TEMPLATES]]
        results = parts.faces.examine(read, consent=True)
        with parts.database.write() as tx:
            row = students.create(
                tx, student_id=f"C{place:03}", name=name, email=None, password_hash=None,
                course=None, now=now,
            )  # fmt: skip
            student = int(row["id"])
            students.set_camera_consent(tx, student, True, now)
            courses.enrol(tx, course, student, now)
            parts.faces.store(tx, student, read, results, now=now)
    with parts.database.write() as tx:
        session = int(start_session(tx, course, now)["id"])
    _, key = create(
        parts, name="Door", scopes=["mark"], expires_at=None, by=By("cli"), courses=[course]
    )
    seen = [pictures[TEMPLATES] for pictures in known]
    at_the_door = seen.pop(AT_THE_DOOR)
    for place, stranger in zip((7, 16, 22), others, strict=True):
        seen.insert(place, stranger[0])
    return Class(session, seen, at_the_door, key)


def people(recognizer: Recognizer, folder: Path) -> tuple[list[list[Path]], list[list[Path]]]:
    """Photographs of those who are enrolled, and of strangers."""
    known: list[list[Path]] = []
    others: list[list[Path]] = []
    for person in sorted(folder.iterdir()):
        paths = sorted(person.glob("*.jpg"))
        if len(paths) > TEMPLATES and len(known) < len(NAMES):
            found = [path for path in paths if _is_found(recognizer, path)]
            if len(found) > TEMPLATES:
                known.append(found)
        elif len(paths) == 1 and len(others) < STRANGERS and _is_found(recognizer, paths[0]):
            others.append(paths)
        if len(known) == len(NAMES) and len(others) == STRANGERS:
            return known, others
    raise SystemExit(f"{folder} has too few people with {TEMPLATES + 1} photographs.")


def _is_found(recognizer: Recognizer, path: Path) -> bool:
    try:
        recognizer.enrol(path.read_bytes())
    except FaceRecogError:
        return False
    return True


# -- what the cameras see


def rows(pictures: Sequence[Path]) -> list[classroom.Seat]:
    """People in rows, every other one moved by a little."""
    across, down = SIZE[0] / COLUMNS, SIZE[1] / (len(pictures) / COLUMNS)
    return [
        classroom.Seat(
            str(picture),
            round((place % COLUMNS + 0.42 + 0.1 * (place // COLUMNS % 2)) * across),
            round((place // COLUMNS + 0.5) * down),
            SIDE,
            sway=0.08,
        )
        for place, picture in enumerate(pictures)
    ]


def of_pictures(path: Path, pictures: Sequence[np.ndarray]) -> Path:
    """A film of pictures (h, w, 3) BGR, as Chromium's made camera shows it."""
    height, width = pictures[0].shape[:2]
    head = f"YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420mpeg2\n".encode()
    frames = [cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).tobytes() for picture in pictures]
    path.write_bytes(head + b"".join(b"FRAME\n" + frame for frame in frames))
    return path


@contextmanager
def camera_browser(playwright: Playwright, film: Path) -> Iterator[Browser]:
    """A Chromium whose camera shows the film."""
    browser = chromium(
        playwright,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    yield browser
    browser.close()


def cover(page: Page, video: str, picture: bytes) -> None:
    """Lay a drawn picture over what a camera shows."""
    page.evaluate(
        """async ([video, data]) => {
            const of = document.querySelector(video);
            document.querySelector("#drawn")?.remove();
            const img = document.createElement("img");
            img.id = "drawn";
            img.src = await (async () => URL.createObjectURL(await new Response(
                Uint8Array.from(atob(data), (c) => c.charCodeAt(0))).blob()))();
            img.style.cssText = "position: absolute; inset: 0; inline-size: 100%; "
                + "block-size: 100%; object-fit: contain";
            of.after(img);
            await img.decode();
        }""",
        [video, base64.b64encode(picture).decode()],
    )


# -- the pages


def teacher_at(browser: Browser, url: str, room: Class) -> Page:
    """The teacher's page of the session; the faces of the last answer are kept in it."""
    page = visitor(browser, url, "teacher", TEACHER[1], LAPTOP, service_workers="block")
    page.set_default_timeout(PATIENCE_MS)

    def changed(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace(DRAWS, f"{DRAWS}{HOLDS}")
        # a busy machine is no reason for small pictures here
        route.fulfill(response=answer, body=text.replace("SLOW_MS = 900", "SLOW_MS = 60000"))

    page.route("**/camera_feed*.js*", changed)
    page.goto(f"/teach/sessions/{room.session}")
    return page


def camera(page: Page, room: Class) -> None:
    """27 of 30 are named and marked, three have no name."""
    page.locator("#camera-mode").select_option("mark")
    page.locator("#camera-start").click()
    held(page, room)
    page.evaluate("document.querySelector('#camera-title').scrollIntoView()")
    taken(page, "teacher-camera-list")
    page.set_viewport_size(WALL)
    page.locator("#camera-large").click()
    page.wait_for_selector("#camera-stage:fullscreen")
    held(page, room)
    taken(page, "teacher-camera")
    page.evaluate("document.exitFullscreen()")
    page.goto(screen(room.session))
    page.get_by_text("A camera recognises").wait_for()
    taken(page, "projector-camera")
    page.set_viewport_size(LAPTOP)


def held(page: Page, room: Class) -> None:
    """Hold the next frame on which everybody who is enrolled has a name, and draw over it."""
    known, everybody = len(room.seen) - STRANGERS, len(room.seen)
    page.evaluate(
        """(wanted) => {
            Object.assign(window, { wanted, faces: null });
            delete document.querySelector("#camera-boxes").dataset.held;
        }""",
        [known, everybody],
    )
    page.wait_for_selector("#camera-boxes[data-held]")
    faces: list[dict[str, Any]] = page.evaluate("window.faces")
    cover(page, "#camera-video", drawn.room(SIZE, [tuple(face["box"]) for face in faces]))


def of_photograph(page: Page, room: Class, photograph: Path) -> None:
    """The same class in one photograph."""
    page.goto(f"/teach/sessions/{room.session}/photograph")
    page.locator("#files").set_input_files([photograph])
    page.locator("#mark:not([hidden])").wait_for()
    boxes = page.evaluate(
        """() => [...document.querySelectorAll(".face-box")].map(({ style }) => {
            const [x, y, w, h] = [style.left, style.top, style.width, style.height].map(
                (part) => parseFloat(part) / 100);
            return [x, y, x + w, y + h];
        })"""
    )
    cover(page, ".camera-stage img", drawn.room(SIZE, [tuple(box) for box in boxes]))
    page.locator("#mark").scroll_into_view_if_needed()
    taken(page, "teacher-photograph")


def kiosk(browser: Browser, url: str, room: Class, size: ViewportSize, name: str) -> None:
    """Somebody comes to the door."""
    context = browser.new_context(base_url=url, viewport=size, locale="en", timezone_id="UTC")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/kiosk")
    page.locator("[name=key]").fill(room.key)
    page.locator("#setup [type=submit]").click()
    page.locator("#door").wait_for()
    cover(page, "#video", drawn.room((640, 480), [ALONE]))
    page.get_by_text(NAMES[AT_THE_DOOR]).wait_for()
    taken(page, name)
    context.close()


def taken(page: Page, name: str) -> None:
    """Write what stands on the screen."""
    # the page is shown as if it had been opened at the address that it names
    page.evaluate("document.getElementById('insecure')?.remove()")
    target = FOLDER / f"{name}.png"
    target.write_bytes(small(page.screenshot()))
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
