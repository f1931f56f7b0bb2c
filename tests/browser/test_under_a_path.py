"""The whole installation below a path of a host that has other things too, behind a real nginx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from attendance.core.settings import PROJECT
from tests.browser.conftest import Site, Visitors, until_connected
from tests.browser.nginx import free_port, running
from tests.conftest import Person

pytestmark = pytest.mark.any_database

EXAMPLE = PROJECT / "deploy" / "nginx-path.conf"
ROOT = "/attendance"


@pytest.fixture
def site_settings() -> dict[str, Any]:
    return {"public_url": f"http://127.0.0.1:{free_port()}{ROOT}", "trusted_proxies": 1}


@pytest.fixture
def proxied(site: Site, tmp_path: Path) -> Iterator[str]:
    """The origin of an nginx that has the example of deploy/ in front of the site."""
    port = urlsplit(str(site.parts.settings.public_url)).port or 0
    example = EXAMPLE.read_text("utf-8")
    assert "http://127.0.0.1:5001;" in example
    included = example.replace("http://127.0.0.1:5001;", f"{site.url};")
    with running(included + "location / { return 404; }", port, tmp_path) as origin:
        yield origin


@pytest.fixture
def strays(visitors: Visitors, proxied: str) -> Iterator[list[str]]:
    """Addresses of the host's root that pages have asked for: none must be left at the end."""
    visitors.site.url = proxied
    asked: list[str] = []
    yield asked
    assert asked == []


def watched(page: Page, strays: list[str]) -> Page:
    def note(response: Response) -> None:
        path = urlsplit(response.url).path
        if not f"{path}/".startswith(f"{ROOT}/"):
            strays.append(f"{response.status} {response.url}")

    page.on("response", note)
    page.goto(f"{ROOT}/")
    return page


def sign_in(page: Page, person: Person, role: str) -> None:
    page.goto(f"{ROOT}/sign-in?role={role}")
    page.get_by_label("E-mail address").fill(person.row["email"])
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(f"{ROOT}/(teach|my)$"))


@pytest.mark.parametrize("sockets", [True, False], ids=["websocket", "polling"])
def test_a_lesson_is_held_below_a_path(
    visitors: Visitors, site: Site, strays: list[str], sockets: bool
) -> None:
    teacher, student = site.api.teacher(), site.api.student("obama")
    board = watched(visitors.open(None, phone=False), strays)
    if not sockets:
        board.add_init_script("delete window.WebSocket")
    sign_in(board, teacher, "teacher")
    board.get_by_label("Subject").fill("Algebra")
    board.keyboard.press("Enter")
    board.wait_for_url(re.compile(rf"{ROOT}/teach/sessions/\d+$"))
    until_connected(board)
    [session] = site.api.get("/session/mine", teacher).json["sessions"]
    # the student's phone: what the QR code says, the sign-in in between, and the mark
    phone = watched(visitors.open(None, face="obama2"), strays)
    phone.goto(ROOT + site.scan(session))
    phone.locator("#mark").get_by_role("link", name="Sign in").click()
    phone.get_by_label("E-mail address").fill(student.row["email"])
    phone.get_by_label("Password", exact=True).fill(student.password)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.locator("#result-title")).to_have_text("Present")
    expect(board.locator("#roll tr", has_text=student.row["name"])).to_have_count(1)
    # cookies are for the path alone
    assert {cookie["path"] for cookie in phone.context.cookies()} <= {ROOT, f"{ROOT}/auth"}
    phone.get_by_role("link", name="My attendance").click()
    phone.wait_for_url(f"**{ROOT}/my/attendance")
    phone.get_by_role("link", name="Deutsch").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Meine Anwesenheit")
    with board.expect_download() as csv:
        board.get_by_role("button", name="CSV").click()
    assert student.row["student_id"] in csv.value.path().read_text("utf-8")


def test_every_page_and_address_stays_below_the_path(
    visitors: Visitors, site: Site, strays: list[str], proxied: str
) -> None:
    page = watched(visitors.open(None, phone=False), strays)
    page.goto(f"{ROOT}/teach")
    page.wait_for_url(re.compile(rf"{ROOT}/sign-in\?next="))
    sign_in(page, site.api.teacher(), "teacher")
    for path in ("courses", "sessions", "appeals"):
        page.goto(f"{ROOT}/teach/{path}")
        expect(page.locator("h1:visible").first).to_be_visible()
    page.goto(f"{ROOT}/docs")
    expect(page.get_by_role("heading", name=re.compile("Attendance"))).to_be_visible()
    page.goto(f"{ROOT}/account")
    page.get_by_text("Calendar", exact=True).click()
    page.locator("#calendar-new").click()
    address = page.locator("dialog[open] input").first
    expect(address).to_have_value(re.compile(re.escape(f"{proxied}{ROOT}/calendar/")))
    feed = page.request.get(address.input_value())
    assert feed.ok
    assert "BEGIN:VCALENDAR" in feed.text()
    page.keyboard.press("Escape")
    page.locator("#sign-out").click()
    page.wait_for_url(f"**{ROOT}/")
    assert page.request.get(ROOT, max_redirects=0).status == 308
