"""Browsers that are unlike others, and people with two accounts: said in words, with a way on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.attendance.school import course_of
from tests.browser.conftest import Site, Visitors, require_accessible
from tests.conftest import code_of

pytestmark = pytest.mark.any_database

# What Firefox does with resistFingerprinting: noise in place of the picture.
NOISE = """
const real = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...where) {
  const read = real.apply(this, where);
  read.data.forEach((_, i) => { read.data[i] = (i * 7919) % 256; });
  return read;
};
"""
INSTAGRAM = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 Instagram 334.0.4.32.98"
)


def test_a_blurred_canvas_is_said_in_place_of_hints_for_ever(
    visitors: Visitors, site: Site
) -> None:
    session = site.api.session(site.api.teacher())
    page = visitors.open(None, by=site.api.student("obama"), face="obama2")
    page.add_init_script(NOISE)
    page.goto(site.scan(session))
    expect(page.locator("#camera-failed-title")).to_have_text(
        "This browser blurs the pictures of its camera"
    )
    expect(page.locator("#camera-failed-help")).to_contain_text("Let this page read its canvas")
    require_accessible(page)


def test_inside_another_app_the_way_out_is_said(visitors: Visitors, site: Site) -> None:
    session = site.api.session(site.api.teacher())
    student = site.api.student("obama")
    page = visitors.open(None, by=student, user_agent=INSTAGRAM)
    page.goto(site.scan(session))
    expect(page.locator("#camera-failed-title")).to_have_text("This is the browser of another app")
    expect(page.locator("#camera-failed-help")).to_contain_text("Open in browser")


@pytest.mark.parametrize("site_settings", [{"public_url": "https://attend.school.example"}])
def test_a_page_that_was_opened_without_encryption_says_where_it_is_encrypted(
    visitors: Visitors,
) -> None:
    page = visitors.open("/sign-in")
    expect(page.locator("#insecure")).to_contain_text("nobody can sign in here")
    way_on = page.get_by_role("link", name="Open it at https://attend.school.example")
    expect(way_on).to_have_attribute("href", "https://attend.school.example/sign-in")


def test_a_page_of_one_account_never_acts_as_the_other(visitors: Visitors, site: Site) -> None:
    first, second = site.api.teacher(), site.api.teacher(email="second@school.example")
    course_of(site.api, first)
    one = visitors.open("/teach", by=first, phone=False)
    start = one.get_by_role("button", name="Start: Algebra")
    expect(start).to_be_visible()
    login = {"email": second.row["email"], "password": second.password}
    assert one.context.request.post("/teacher/login?transport=cookie", data=login).ok
    other = one.context.new_page()
    other.goto("/teach")
    told = one.get_by_text("This page does nothing any more")
    expect(told).to_be_visible()
    start.click()
    expect(told).to_be_visible()
    assert site.api.get("/session/mine", first).json["sessions"] == []
    assert site.api.get("/session/mine", second).json["sessions"] == []
    one.get_by_role("button", name="Load the page again").click()
    expect(one.get_by_role("button", name="Start: Algebra")).to_have_count(0)
    expect(told).to_have_count(0)


def test_a_call_that_says_another_account_is_refused(site: Site) -> None:
    person = site.api.teacher()
    answer = site.api.get("/teacher/me", person, headers={"X-Page-Account": "teacher:999"})
    assert code_of(answer) == (403, "account_changed")
    own = {"X-Page-Account": f"teacher:{person.row['id']}"}
    assert site.api.get("/teacher/me", person, headers=own).status_code == 200
