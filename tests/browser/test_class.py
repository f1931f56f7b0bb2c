"""The main job, from the first click to the file, by a teacher and two students at once."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitors
from tests.reading import read_qr


@pytest.fixture
def site_settings() -> dict[str, Any]:
    # on a busy test machine the way from the screenshot to the phone may take a while
    return {"qr_step_seconds": 30}


def start(page: Page, subject: str) -> None:
    page.get_by_label("Subject").fill(subject)
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"/teach/sessions/\d+$"))
    expect(page.locator("#connection")).to_have_text("live")


def scan(page: Page, site: Site) -> str:
    """What a phone's camera reads from the teacher's screen: a path of this server."""
    url = read_qr(page.locator("#qr"))
    assert url.startswith(f"{site.url}/join/")
    return url.removeprefix(site.url)


def test_a_whole_class_from_the_start_to_the_file(visitors: Visitors, site: Site) -> None:
    teacher = site.api.teacher(name="Ada Lovelace")
    right = site.api.student("obama", name="Right Face")
    wrong = site.api.student("biden", name="Wrong Face")

    desk = visitors.open("/teach", by=teacher, phone=False)
    start(desk, "Algebra")
    desk.evaluate("window.neverReloaded = true")
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Projector").click()
    wall = opened.value
    expect(wall.locator("#present")).to_have_text("0")

    # the right student scans the wall, and is there a moment later
    phone = visitors.open(scan(wall, site), by=right, face="obama2")
    expect(phone.get_by_role("heading", name="Present")).to_be_visible()
    expect(desk.locator("#roll tr", has_text="Right Face")).to_contain_text("Present")
    expect(desk.locator("#roll tr", has_text="Right Face")).to_contain_text("Scan, Face")
    expect(wall.locator("#present")).to_have_text("1")

    # somebody else's face is refused, and nothing appears
    other = visitors.open(scan(desk, site), by=wrong, face="obama2")
    expect(other.get_by_role("heading", name="Your face was not recognised")).to_be_visible()
    expect(desk.locator("#roll tr")).to_have_count(1)

    # the teacher sees who it is and marks by hand; the student hears of it
    desk.get_by_role("button", name="Mark by hand").click()
    desk.get_by_label("Student number").fill(wrong.row["student_id"])
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator("#roll tr")).to_have_count(2)
    expect(wall.locator("#present")).to_have_text("2")

    desk.get_by_role("button", name="Stop", exact=True).click()
    desk.get_by_role("button", name="Stop the session").click()
    expect(wall.locator("#message")).to_have_text("Ended")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="CSV").click()
    lines = csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig")))
    methods = {line["name"]: line["method"] for line in lines}
    assert methods == {"Right Face": "qr_face", "Wrong Face": "manual"}
    assert desk.evaluate("window.neverReloaded") is True


def test_a_lock_while_a_student_takes_the_picture_wins(visitors: Visitors, site: Site) -> None:
    teacher, student = site.api.teacher(), site.api.student("obama")
    desk = visitors.open("/teach", by=teacher, phone=False)
    start(desk, "Algebra")
    phone = visitors.open(scan(desk, site), by=student, face="nobody")
    expect(phone.get_by_text("Bring your face into the oval")).to_be_visible()
    desk.get_by_role("button", name="Lock", exact=True).click()
    locked = phone.get_by_role("heading", name="The teacher has locked the session")
    expect(locked).to_be_visible()
    desk.get_by_role("button", name="Unlock").click()
    expect(phone.get_by_text("Bring your face into the oval")).to_be_visible()
    expect(desk.locator("#roll tr")).to_have_count(0)


def test_a_photographed_code_that_is_passed_on_is_worthless(visitors: Visitors, site: Site) -> None:
    teacher, student = site.api.teacher(), site.api.student("obama")
    desk = visitors.open("/teach", by=teacher, phone=False)
    start(desk, "Algebra")
    path = scan(desk, site)
    site.clock.advance(minutes=2)
    phone = visitors.open(path, by=student, face="obama2")
    expect(phone.get_by_role("heading", name="The QR code has changed")).to_be_visible()
