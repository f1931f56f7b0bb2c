"""People are told with no page open: the account's page, and the service worker that shows it.

The push service is not the browser maker's but this test: it hands the worker what arrived.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from attendance.operation.certificate import self_signed
from attendance.push import sending
from tests.attendance.browsers import Browser
from tests.attendance.receiving import Receiver, receiving
from tests.attendance.school import course_of, enrol
from tests.browser.conftest import Site, Visitors, require_accessible, until

pytestmark = pytest.mark.any_database

# What the browser's maker would answer.
SUBSCRIBED = """(subscription) => {
    let current = null;
    const made = {
        endpoint: subscription.endpoint,
        toJSON: () => subscription,
        unsubscribe: async () => { current = null; return true; },
    };
    Object.assign(PushManager.prototype, {
        getSubscription: async () => current,
        subscribe: async (options) => {
            globalThis.subscribedWith = new Uint8Array(options.applicationServerKey).length;
            return current = made;
        },
    });
}"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    certificate, key = self_signed(tmp_path / "service", [], datetime.now(timezone.utc))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(tls=(certificate, key)) as made:
        yield made


@pytest.fixture
def site_settings(service: Receiver) -> dict[str, str]:
    return {"push_services": service.url.removeprefix("https://").partition("/")[0]}


def opened(visitors: Visitors, site: Site, browser: Browser, **options: str) -> Page:
    student = site.api.student(name="Ben Oduya")
    page = visitors.open("/my", by=student, service_workers="allow", **options)
    page.context.grant_permissions(["notifications"], origin=site.url)
    page.add_init_script(f"({SUBSCRIBED})({json.dumps(browser.subscription)})")
    page.goto("/account")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    teacher = site.api.teacher()
    course = course_of(site.api, teacher)
    enrol(site.api, teacher, course, student)
    site.api.session(teacher, course_id=course["id"], subject="Algebra")
    return page


def deliver(page: Page, site: Site, message: dict[str, object]) -> None:
    """Wake the worker up as the browser does when a message has come."""
    session = page.context.new_cdp_session(page)
    known: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: known.extend(each["registrationId"] for each in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    for _ in range(100):
        if known:
            break
        page.wait_for_timeout(50)
    delivered = {"origin": site.url, "registrationId": known[-1], "data": json.dumps(message)}
    session.send("ServiceWorker.deliverPushMessage", delivered)


SHOWN = """async () => {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.map(({ title, lang, data }) => [title, lang, data.url]);
}"""


def shown(page: Page) -> list[list[str]]:
    found: list[list[str]] = []
    until(page, lambda: found.extend(page.evaluate(SHOWN)) or found)
    return found


def test_a_student_asks_on_a_phone_to_be_told_and_can_end_it(
    visitors: Visitors, site: Site, service: Receiver
) -> None:
    browser = Browser(service.url.partition("/hook")[0] + "/1")
    page = opened(visitors, site, browser)
    page.get_by_text("Messages while this page is closed").click()
    expect(page.locator("#push-state")).to_have_text("This device is not told.")
    require_accessible(page)
    page.get_by_role("button", name="Tell me on this device").click()
    expect(page.locator("#push-state")).to_have_text("This device is told.")
    assert page.evaluate("globalThis.subscribedWith") == 65
    expect(page.locator("#push-devices li")).to_have_count(1)
    expect(page.locator("#push-devices")).to_contain_text("this device")
    require_accessible(page)
    page.locator("#push-devices").get_by_role("button", name=re.compile("Remove")).click()
    expect(page.locator("#push-devices li")).to_have_count(0)
    expect(page.get_by_role("button", name="Tell me on this device")).to_be_visible()


def test_what_arrives_is_shown_in_the_language_of_the_page(
    visitors: Visitors, site: Site, service: Receiver
) -> None:
    browser = Browser(service.url.partition("/hook")[0] + "/1")
    page = opened(visitors, site, browser, locale="fr")
    page.locator("#push summary").click()
    page.locator("#push-here").click()
    expect(page.locator("#push-devices li")).to_have_count(1)
    teacher = site.api.teacher()
    course = course_of(site.api, teacher, code="BO-1", name="Botany")
    student = page.evaluate("fetch('/student/me').then((answer) => answer.json())")["student"]
    body = {"student_id": student["student_id"]}
    site.api.post(f"/course/{course['id']}/students", teacher, json=body)
    site.api.session(teacher, course_id=course["id"], subject="Botany")
    with ThreadPoolExecutor(2) as pool:
        assert sending.send_due(site.parts, pool) == 1
    deliver(page, site, browser.read(service.got[0][2]))
    assert shown(page) == [["Botany a commencé.", "fr", "/join"]]


def test_signing_out_ends_it_on_this_device(
    visitors: Visitors, site: Site, service: Receiver
) -> None:
    browser = Browser(service.url.partition("/hook")[0] + "/1")
    page = opened(visitors, site, browser)
    page.get_by_text("Messages while this page is closed").click()
    page.get_by_role("button", name="Tell me on this device").click()
    expect(page.locator("#push-devices li")).to_have_count(1)
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"{site.url}/")
    with site.parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM push_devices") == 0


def test_a_teacher_is_told_what_waits_and_signing_out_ends_it(
    visitors: Visitors, site: Site, service: Receiver
) -> None:
    browser = Browser(service.url.partition("/hook")[0] + "/1")
    teacher = site.api.teacher()
    page = visitors.open(None, by=teacher, service_workers="allow", locale="de")
    page.context.grant_permissions(["notifications"], origin=site.url)
    page.add_init_script(f"({SUBSCRIBED})({json.dumps(browser.subscription)})")
    page.goto("/account")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator("#push summary").click()
    page.locator("#push-here").click()
    expect(page.locator("#push-devices li")).to_have_count(1)
    require_accessible(page)
    course = course_of(site.api, teacher)
    student = site.api.student()
    enrol(site.api, teacher, course, student)
    session = site.api.session(teacher, course_id=course["id"], subject="Algebra")
    site.api.post(f"/session/{session['id']}/appeal", student, json={"reason": "I was there"})
    with ThreadPoolExecutor(2) as pool:
        assert sending.send_due(site.parts, pool) == 1
    deliver(page, site, browser.read(service.got[0][2]))
    assert shown(page) == [["Jemand aus Algebra hat Ihnen geschrieben.", "de", "/teach/appeals"]]
    page.locator("#sign-out").click()
    page.wait_for_url(f"{site.url}/")
    with site.parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM push_devices") == 0
