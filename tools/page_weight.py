"""What a page's first visit costs: `python -m tools.page_weight`.

For each page, with an empty cache: requests, bytes over the wire as they were sent (compressed),
other hosts asked, and the milliseconds until the first paint and until the page shows its data.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from attendance.demo.school import TEACHER
from tools.screenshots import LAPTOP, PHONE, chromium, prepare, screen, site, visitor

FIRST_PAINT = """() =>
    performance.getEntriesByType("paint").find(({ name }) => name === "first-contentful-paint")
        ?.startTime ?? 0"""


@dataclass
class Visit:
    """A first visit of a page."""

    path: str
    requests: int
    bytes: int
    other_hosts: set[str]
    first_paint_ms: float
    useful_ms: float


def measure(browser: Browser, url: str, path: str, who: tuple[str, str] | None) -> Visit:
    """Visit a page as somebody who has never been here; `who` are kind and address.

    The page is useful when what it is about stands there: the data has come.
    """
    if who is None:
        page = browser.new_context(base_url=url, viewport=PHONE).new_page()
    else:
        page = visitor(browser, url, who[0], who[1], PHONE if who[0] == "student" else LAPTOP)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    finished: list[float] = []
    hosts: set[str] = set()
    session.on("Network.loadingFinished", lambda event: finished.append(event["encodedDataLength"]))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(path)
    page.locator("[aria-busy=true]").first.wait_for(state="detached")
    useful = page.evaluate("performance.now()")
    page.wait_for_load_state("load")
    paint = page.evaluate(FIRST_PAINT)
    page.wait_for_timeout(500)
    page.context.close()
    own = {urlsplit(url).netloc, ""}
    return Visit(path, len(finished), int(sum(finished)), hosts - own, paint, useful)


def main() -> None:
    """Measure the pages that people open first, and print a table."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with site() as (url, parts), sync_playwright() as playwright:
        browser = chromium(playwright)
        course, lesson = prepare(parts)
        teacher, student = ("teacher", TEACHER[1]), ("student", "ben@demo.example")
        pages: list[tuple[str, tuple[str, str] | None]] = [
            ("/", None),
            ("/sign-in", None),
            ("/join", student),
            ("/my", student),
            ("/my/face", student),
            ("/my/attendance", student),
            ("/teach", teacher),
            (f"/teach/sessions/{lesson}", teacher),
            (screen(lesson), teacher),
            (f"/teach/courses/{course}", teacher),
            (f"/teach/courses/{course}/students", teacher),
            (f"/teach/courses/{course}/report", teacher),
            ("/manage", teacher),
        ]
        measure(browser, url, "/", None)  # the server's own first request does more
        print(
            f"{'page':32} {'requests':>8} {'kB':>6} {'paint ms':>9} {'useful ms':>10}  other hosts"
        )
        for path, who in pages:
            visit = measure(browser, url, path, who)
            print(
                f"{visit.path:32} {visit.requests:8} {visit.bytes / 1000:6.0f}"
                f" {visit.first_paint_ms:9.0f} {visit.useful_ms:10.0f}"
                f"  {', '.join(visit.other_hosts) or 'none'}"
            )
        browser.close()


if __name__ == "__main__":
    main()
