"""A first visit is light, on a phone with a slow connection too (see tools/page_weight.py)."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitors

LIMIT = 250_000  # bytes over the wire, everything that the first visit of a page loads


def weight(page: Page, path: str) -> int:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sent: list[float] = []

    def finished(event: dict[str, Any]) -> None:
        sent.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    page.goto(path)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert sent
    return int(sum(sent))


def test_no_page_of_a_teacher_is_heavy(visitors: Visitors, site: Site) -> None:
    teacher = site.api.teacher()
    session = site.api.session(teacher)
    course = site.api.post("/course", teacher, json={"code": "A", "name": "Algebra"}).json["course"]
    page = visitors.open(None, by=teacher, phone=False)
    paths = [
        "/teach",
        "/teach/week",
        f"/teach/sessions/{session['id']}",
        f"/teach/sessions/{session['id']}/screen",
    ]
    tabs = ("", "/students", "/sessions", "/plan", "/report", "/settings")
    paths += [*(f"/teach/courses/{course['id']}{tab}" for tab in tabs), "/manage"]
    heavy = {path: size for path in paths if (size := weight(page, path)) > LIMIT}
    assert heavy == {}


def test_no_page_of_a_student_is_heavy(visitors: Visitors, site: Site) -> None:
    page = visitors.open(None, by=site.api.student())
    paths = ["/my", "/join", "/my/face", "/my/attendance"]
    heavy = {path: size for path in paths if (size := weight(page, path)) > LIMIT}
    assert heavy == {}


def test_files_are_kept_by_the_browser(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/teach", by=site.api.teacher(), phone=False)
    page.wait_for_load_state("networkidle")
    page.goto("/teach/courses")
    page.goto("/teach")
    page.wait_for_load_state("networkidle")
    fetched = page.evaluate(
        """() => performance.getEntriesByType("resource")
            .filter(({ name, transferSize }) => name.includes("/assets/") && transferSize > 0)
            .map(({ name }) => name)"""
    )
    assert fetched == []
