"""Pictures of the real pages for the documentation: `make screenshots`.

A server with the demonstration class runs on a free port, a Chromium opens the pages, and small
PNGs are written to docs/images. No camera picture is in them, and every name is invented.
"""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from attendance import create_app
from attendance.core import codes, statuses
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.demo.school import PASSWORD, TEACHER, make_demo
from attendance.web.current import services_of
from database import Transaction, courses, marks, migrate, sessions
from database.rows import SessionRow

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LAPTOP: ViewportSize = {"width": 1280, "height": 800}
WALL: ViewportSize = {"width": 1280, "height": 720}
PARTS: ViewportSize = {"width": 760, "height": 1900}
PHONE: ViewportSize = {"width": 390, "height": 760}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 256  # enough for pages, and half of the bytes
CAME = 15  # of the class, when the picture of the list is taken
SETTLED_MS = 1200


def main() -> None:
    """Take every picture again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with site() as (url, parts), sync_playwright() as playwright:
        browser = chromium(playwright)
        course, session = prepare(parts)
        teacher = visitor(browser, url, "teacher", TEACHER[1], LAPTOP)
        take(teacher, "/teach", "teacher-today")
        take(teacher, f"/teach/sessions/{session}", "teacher-session")
        take(teacher, f"/teach/courses/{course}", "teacher-course")
        take(teacher, f"/teach/courses/{course}/report", "teacher-report")
        take(teacher, "/manage", "admin-teachers")
        take(teacher, "/manage/settings", "admin-settings")
        take(teacher, "/manage/system", "admin-system")
        for theme in THEMES:
            admin = visitor(browser, url, "teacher", TEACHER[1], PARTS, theme)
            take(admin, "/manage/parts", f"parts-{theme}")
        take(visitor(browser, url, "teacher", TEACHER[1], WALL), screen(session), "projector")
        student = visitor(browser, url, "student", "ben@demo.example", PHONE)
        take(student, "/join", "student-join")
        browser.close()


def chromium(playwright: Playwright, *arguments: str) -> Browser:
    """The machine's Chromium."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        raise SystemExit("There is no Chromium: install one (apt-get install chromium).")
    return playwright.chromium.launch(executable_path=program, args=["--no-sandbox", *arguments])


@contextmanager
def site() -> Iterator[tuple[str, Services]]:
    """A server with the demonstration class, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings.load(
            instance_dir=folder,
            uploads_dir=folder / "uploads",
            database_url=f"sqlite:///{folder / 'demo.db'}",
            log_level="ERROR",
            public_url="https://attendance.example",
            first_steps=False,
        )
        app = create_app(settings)
        parts = services_of(app)
        migrate(parts.database)
        make_demo(parts, lambda _line: None)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", parts
        server.shutdown()
        server.server_close()
        thread.join()
        parts.database.close()


def prepare(parts: Services) -> tuple[int, int]:
    """A lesson that has been running for ten minutes; returns the ids of course and session."""
    now = parts.clock.now()
    start = now - timedelta(minutes=10)
    with parts.database.write() as tx:
        [course] = courses.of_teacher(tx, 1, now)
        session = int(start_session(tx, int(course["id"]), start)["id"])
        everybody = courses.student_ids(tx, int(course["id"]))
        for place, student in enumerate(everybody[-CAME:]):
            _mark(
                tx, session, student, statuses.PRESENT, start + timedelta(seconds=25 * place + 30)
            )
        _mark(tx, session, everybody[0], statuses.LATE, now - timedelta(seconds=20))
    return int(course["id"]), session


def start_session(tx: Transaction, course: int, start: datetime) -> SessionRow:
    """A lesson of 45 minutes in the course."""
    return sessions.create(
        tx,
        teacher=1,
        course=course,
        subject="Mathematics",
        section="10 B",
        code=codes.new_code(),
        late_after_minutes=9,
        now=start,
        closes_at=start + timedelta(minutes=45),
    )


def _mark(tx: Transaction, session: int, student: int, status: str, moment: datetime) -> None:
    marks.add(
        tx,
        session=session,
        student=student,
        status=status,
        method=statuses.QR_FACE,
        distance=0.5,
        now=moment,
    )


def visitor(
    browser: Browser,
    url: str,
    kind: str,
    email: str,
    size: ViewportSize,
    theme: Literal["light", "dark"] = "light",
    service_workers: Literal["allow", "block"] = "allow",
) -> Page:
    """A page of somebody who has signed in."""
    context = browser.new_context(
        base_url=url,
        viewport=size,
        locale="en",
        reduced_motion="reduce",
        timezone_id="UTC",
        color_scheme=theme,
        service_workers=service_workers,
    )
    login = {"email": email, "password": PASSWORD}
    answer = context.request.post(f"/{kind}/login?transport=cookie", data=login)
    if not answer.ok:
        raise SystemExit(f"{email} could not sign in: {answer.text()}")
    return context.new_page()


def screen(session: int) -> str:
    """The projector's page of a session."""
    return f"/teach/sessions/{session}/screen"


def take(page: Page, path: str, name: str) -> None:
    """One picture: what stands on the screen once the page has settled."""
    page.goto(path)
    page.locator("[aria-busy=true]").first.wait_for(state="detached")
    # the page is shown as if it had been opened at the address that it names
    page.evaluate("document.getElementById('insecure')?.remove()")
    page.wait_for_timeout(SETTLED_MS)
    target = FOLDER / f"{name}.png"
    target.write_bytes(small(page.screenshot()))
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


def small(png: bytes) -> bytes:
    """The same picture with few colours."""
    with Image.open(io.BytesIO(png)) as picture:
        out = io.BytesIO()
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        return out.getvalue()


if __name__ == "__main__":
    main()
