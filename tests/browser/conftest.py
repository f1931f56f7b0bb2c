"""A real browser in front of a real server: Debian's Chromium with a camera made of a photograph.

Nothing is faked but the hands of the clock (`site.clock.shift`), and every page that a test opens
is watched: a console error, a failed script or a request to another host fails the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)
from werkzeug.serving import BaseWSGIServer, make_server

from attendance import create_app
from attendance.core.clock import Clock
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.web.current import services_of
from facerecog import Recognizer
from tests.browser.films import camera_film
from tests.conftest import Api, Person

AXE_TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
AXE_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1366, "height": 800}
TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)
# Only tests of the installed app have it: `page.route` sees nothing that a worker asks for.
NO_WORKER = "Service Worker registration blocked by Playwright"
LATE_EVENT = "Data frame received after close"
# A name that leads to this machine, and that browsers do not trust as they trust localhost.
INSECURE_HOST = "attendance.test"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `browser`."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


class ShiftedClock(Clock):
    """The real time and a shift: browsers' own clocks go on, and so must the server's."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + self.shift

    def advance(self, **delta: float) -> None:
        """Move on, e.g. ``advance(minutes=5)``."""
        self.shift += timedelta(**delta)


@dataclass
class Site:
    """A running server, and ways to look behind it."""

    url: str
    app: OpenAPI
    clock: ShiftedClock
    api: Api
    parts: Services

    def scan(self, session: dict[str, Any]) -> str:
        """The path inside the QR code that the teacher's screen shows now."""
        ticket = self.parts.tickets.ticket(session["id"], self.clock.now())
        return f"/join/{ticket}"

    def marks(self, session: dict[str, Any], teacher: Person) -> list[dict[str, Any]]:
        """The session's list, as the teacher sees it."""
        answer = self.api.get(f"/session/attendance?session_id={session['id']}", teacher)
        listed: list[dict[str, Any]] = answer.json["attendance"]
        return listed


@pytest.fixture
def site_settings() -> dict[str, Any]:
    """Settings of the server; a test module overrides this fixture for others."""
    return {}


@pytest.fixture
def site(
    tmp_path: Path, database_url: str, recognizer: Recognizer, site_settings: dict[str, Any]
) -> Iterator[Site]:
    """The application on a free port of 127.0.0.1, with a database of this test's own."""
    clock = ShiftedClock()
    settings = Settings.load(
        **{
            "instance_dir": tmp_path / "instance",
            "uploads_dir": tmp_path / "uploads",
            "database_url": database_url,
            "bcrypt_rounds": 4,
            "teacher_sign_up": "open",
            "log_level": "ERROR",
            "login_tries_per_minute": 1000,
            "mark_tries_per_minute": 1000,
            "sign_ups_per_minute": 1000,
            "webhook_private_network": True,
            **site_settings,
        }
    )
    app = create_app(settings, clock=clock, recognizer=recognizer)
    services_of(app).faces.warm_up()
    server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True)
    # the end of a test waits for the server to look whether it shall stop
    serve = {"poll_interval": 0.05}
    thread = threading.Thread(target=server.serve_forever, kwargs=serve, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", app, clock, Api(app), services_of(app))
    server.shutdown()
    server.server_close()
    thread.join()
    services_of(app).database.close()


def chromium() -> str:
    """The path of a Chromium, or the test is skipped (on CI: fails)."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        _do_without("There is no Chromium", "apt-get install chromium")
    return str(found)


def _do_without(reason: str, remedy: str) -> None:
    stop = pytest.fail if os.environ.get("CI") else pytest.skip
    stop(f"{reason}: the pages are not tested ({remedy}).")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    chromium()
    driver = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    if driver.returncode:
        reason = f"Playwright's driver does not start ({driver.stderr.strip()})"
        _do_without(reason, "apt-get install libatomic1, where it says that this is missing")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browsers(
    playwright: Playwright, recognizer: Recognizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str | None], Browser]]:
    """One browser per thing that the camera shows (see `camera_film`); None: no camera.

    `2*` is a device with two cameras, which show Chromium's own test picture.
    """
    folder = tmp_path_factory.mktemp("cameras")
    opened: dict[str | None, Browser] = {}

    def browser_of(face: str | None) -> Browser:
        if face not in opened:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            arguments.append(f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1")
            if face is not None:
                count, _, shown = face.rpartition("*")
                arguments.append(f"--use-fake-device-for-media-stream=device-count={count or 1}")
                if shown:
                    film = camera_film(folder / f"{len(opened)}.y4m", shown, recognizer)
                    arguments.append(f"--use-file-for-fake-video-capture={film}")
            opened[face] = playwright.chromium.launch(
                executable_path=chromium(), headless=True, args=arguments
            )
        return opened[face]

    yield browser_of
    for browser in opened.values():
        browser.close()


@dataclass
class Visitors:
    """Opens pages as different people, each in a browser profile of its own, and watches them."""

    site: Site
    browsers: Callable[[str | None], Browser]
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(
        self,
        path: str | None = "/",
        *,
        by: Person | None = None,
        face: str | None = None,
        camera_allowed: bool = True,
        phone: bool = True,
        **options: Any,
    ) -> Page:
        """A new visitor's page at `path` (None: still empty).

        Args:
            path: where to go first.
            by: who is signed in (by cookies, as after the sign-in page).
            face: the photograph that the camera shows; None: there is no camera.
            camera_allowed: whether the visitor said yes to the browser's question.
            phone: a phone's screen with touch; else a laptop's.
            options: more of Playwright's `new_context`, e.g. `locale="de"`.
        """
        allowed = ["camera"] if face is not None and camera_allowed else []
        context = self.browsers(face).new_context(
            **{
                "base_url": self.site.url,
                "viewport": PHONE if phone else LAPTOP,
                "has_touch": phone,
                "locale": "en",
                "permissions": allowed,
                "reduced_motion": "reduce",
                "service_workers": "block",
                **options,
            },
        )
        context.set_default_timeout(TIMEOUT_MS)
        self.contexts.append(context)
        context.on("page", self.watch)
        if by is not None:
            kind = "student" if "student_id" in by.row else "teacher"
            answer = context.request.post(
                f"/{kind}/login?transport=cookie",
                data={"email": by.row["email"], "password": by.password},
            )
            assert answer.ok, answer.text()
        page = context.new_page()
        if path is not None:
            page.goto(path)
        return page

    def watch(self, page: Page) -> None:
        """Note everything that must not happen on a page."""
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        # Chromium itself writes a line for every answer that is a problem document, and for
        # every request while the test has cut the network: the pages deal with both. Where a page
        # is left while an event is on its way to it, the server's library may send it too late.
        expected = text.startswith("Failed to load resource") or text.endswith(
            (LATE_EVENT, NO_WORKER)
        )
        if kind in ("error", "warning") and not expected:
            self.faults.append(f"console {kind}: {text}")

    def _request(self, url: str) -> None:
        port = urlsplit(self.site.url).port
        own = {f"{host}:{port}" for host in ("127.0.0.1", "localhost", INSECURE_HOST)}
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in own:
            self.faults.append(f"request to another host: {url}")


@pytest.fixture
def visitors(site: Site, browsers: Callable[[str | None], Browser]) -> Iterator[Visitors]:
    """Opens pages; at the end of the test nothing may have gone wrong on any of them."""
    made = Visitors(site, browsers)
    yield made
    for context in made.contexts:
        context.close()
    assert made.faults == []


def require_accessible(page: Page) -> None:
    """axe-core finds no violation of WCAG 2.1 A and AA on the page as it stands, light and dark.

    In the other colours only what depends on colours is looked at once more.
    """
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [f"light: {fault}" for fault in _faults(page, "light", AXE_TAGS)]
    found += [f"dark: {fault}" for fault in _faults(page, "dark", AXE_COLOURS)]
    page.emulate_media(color_scheme="light")
    assert found == [], f"{page.url}: " + "\n".join(found)


def _faults(page: Page, scheme: Literal["light", "dark"], only: dict[str, Any]) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    found: list[str] = page.evaluate(
        """async (runOnly) => {
            // a colour that changes slowly would be looked at halfway
            const changes = document.getAnimations().filter((one) => one instanceof CSSTransition);
            await Promise.all(changes.map((one) => one.finished.catch(() => {})));
            const { violations } = await axe.run(document, { runOnly });
            return violations.flatMap(({ id, nodes }) =>
                nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
        }""",
        only,
    )
    return found


def until_connected(page: Page, how: str = "live") -> None:
    """Wait until the page hears what happens: `live`, or by `polling`."""
    expect(page.locator(f"html[data-live={how}]")).to_be_attached()


def until(page: Page, reached: Callable[[], object]) -> None:
    """Wait while the page goes on until `reached` says yes.

    For what `expect` cannot see; the policy of the pages forbids Playwright's `wait_for_function`.
    """
    for _ in range(TIMEOUT_MS // 50):
        if reached():
            return
        page.wait_for_timeout(50)
    assert reached()


def keep_back(held: list[tuple[Route, APIResponse]], route: Route) -> None:
    """For `page.route`: fetch the answer now, for the test to hand over when it wants."""
    held.append((route, route.fetch()))


def require_no_sideways_scrolling(page: Page) -> None:
    """Nothing is wider than the screen."""
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, f"{page.url} is {overflow} px wider than the screen"
