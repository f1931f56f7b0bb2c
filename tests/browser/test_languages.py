"""The pages in French and in Arabic, which runs from right to left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.attendance.school import course_of, enrol
from tests.browser.conftest import (
    LAPTOP,
    PHONE,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_teacher_calls_the_roll_in_arabic(
    visitors: Visitors, site: Site, size: dict[str, int]
) -> None:
    teacher = site.api.teacher(name="Ada Lovelace")
    course = course_of(site.api, teacher)
    enrol(site.api, teacher, course, *(site.api.student(name=f"Ben {n}") for n in range(3)))
    session = site.api.session(teacher, course_id=course["id"])
    page = visitors.open(f"/teach/sessions/{session['id']}", by=teacher, locale="ar", viewport=size)
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "ar")
    expect(html).to_have_attribute("dir", "rtl")
    expect(page.locator("#roll tr")).to_have_count(3)
    require_no_sideways_scrolling(page)
    require_accessible(page)
    # the code is read from left to right, and the name stands at the right of its row
    assert page.locator("#code").evaluate("(it) => getComputedStyle(it).direction") == "ltr"
    row = page.locator("#roll tr").first
    name, mark = row.locator("th").bounding_box(), row.locator("[data-mark]").first.bounding_box()
    assert name
    assert mark
    assert name["x"] > mark["x"]
    row.locator("[data-mark=present]").click()
    expect(row).to_have_attribute("data-status", "present")
    expect(row.locator("[data-mark=present]")).to_have_text("ح")


def test_plurals_are_said_as_the_language_counts(visitors: Visitors) -> None:
    said = """async () => {
        const address = [...document.scripts].find(({ src }) => src.includes("js/common/early"));
        const { n_ } = await import(new URL("strings.js", address.src));
        return [0, 1, 2, 3, 11, 100, 1000].map((n) => n_("{n} minute", "{n} minutes", n));
    }"""
    arabic = visitors.open("/sign-in", locale="ar").evaluate(said)
    assert [re.sub("[\u2068\u2069]", "", text) for text in arabic] == [
        "0 دقيقة",
        "دقيقة واحدة",
        "دقيقتان",
        "3 دقائق",
        "11 دقيقة",
        "100 دقيقة",
        "1,000 دقيقة",
    ]
    french = visitors.open("/sign-in", locale="fr").evaluate(said)
    assert french[:3] == ["0 minute", "1 minute", "2 minutes"]


def test_a_student_chooses_french_and_keeps_it(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/my", by=site.api.student(name="Ben Oduya"))
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Ben Oduya")
    page.goto("/account")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("button", name="Se déconnecter", exact=True)).to_be_visible()
    require_no_sideways_scrolling(page)
