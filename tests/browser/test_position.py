"""Whether a student is where the course is held: what browsers are asked, and teachers see."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitors, require_accessible, require_no_sideways_scrolling
from tests.browser.test_gates import Lesson, expect_result
from tests.conftest import Person

pytestmark = pytest.mark.any_database
PLACE = {"latitude": 48.13743, "longitude": 11.57549, "metres": 150}
NEARBY = {"latitude": 48.1385, "longitude": 11.5755, "accuracy": 20}
AT_HOME = {"latitude": 48.35124, "longitude": 11.77924, "accuracy": 20}
VAGUE = {"latitude": 48.15, "longitude": 11.6, "accuracy": 5000}
SAID = {"place": "in", "elsewhere": "out", "place_unknown": "unknown"}
SENT = """
    window.sent = [];
    const append = FormData.prototype.append;
    FormData.prototype.append = function (name, value, ...more) {
        if (typeof value === "string") window.sent.push(`${name}=${value}`);
        return append.call(this, name, value, ...more);
    };
    const request = window.fetch;
    window.fetch = (address, options) => {
        window.sent.push(`${address}`);
        if (typeof options?.body === "string") window.sent.push(options.body);
        return request(address, options);
    };
"""
ASKED = "This course wants to know whether you are where it is held."


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def student(site: Site) -> Person:
    return site.api.student("obama2")


def marking(visitors: Visitors, lesson: Lesson, student: Person, **options: Any) -> Page:
    """The student's page after the scan; it counts how often the browser is asked."""
    page = visitors.open(None, by=student, face="obama", **options)
    page.add_init_script("window.asked = 0")
    page.add_init_script(
        """const get = navigator.geolocation.getCurrentPosition;
        navigator.geolocation.getCurrentPosition = function (...given) {
            window.asked += 1;
            return get.apply(this, given);
        };"""
    )
    page.goto(lesson.scan)
    return page


@pytest.mark.parametrize(
    ("where", "allowed", "word"),
    [
        (NEARBY, True, "place"),
        (AT_HOME, True, "elsewhere"),
        (VAGUE, True, "place_unknown"),
        (NEARBY, False, "place_unknown"),
    ],
    ids=["in", "out", "vague", "refused"],
)
def test_the_browser_finds_out_and_sends_one_word(
    visitors: Visitors,
    site: Site,
    teacher: Person,
    student: Person,
    where: dict[str, float],
    allowed: bool,
    word: str,
) -> None:
    lesson = Lesson(site, teacher, student, position=PLACE)
    permissions = ["camera", *(["geolocation"] if allowed else [])]
    page = visitors.open(None, by=student, face="obama", geolocation=where, permissions=permissions)
    page.add_init_script(SENT)
    page.goto(lesson.scan)
    expect(page.get_by_text(ASKED)).to_be_visible()
    require_accessible(page)
    expect_result(page, "Present")
    assert lesson.evidence() == [["scan", word, "face"]]
    sent: list[str] = page.evaluate("window.sent")
    assert [field for field in sent if field.startswith("position=")] == [f"position={SAID[word]}"]
    degrees = [str(value)[:5] for name, value in where.items() if name != "accuracy"]
    assert not [field for field in sent for value in degrees if value in field]


def test_no_browser_is_asked_where_the_course_does_not_want_it(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    lesson = Lesson(site, teacher, student)
    page = marking(
        visitors, lesson, student, geolocation=NEARBY, permissions=["camera", "geolocation"]
    )
    expect_result(page, "Present")
    expect(page.get_by_text(ASKED)).to_be_hidden()
    assert page.evaluate("window.asked") == 0
    assert lesson.evidence() == [["scan", "face"]]


def test_a_teacher_sets_the_place_and_sees_who_is_elsewhere(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    lesson = Lesson(site, teacher, student)
    path = f"/teach{lesson.course.replace('course', 'courses')}/settings"
    desk = visitors.open(
        path, by=teacher, phone=False, geolocation=NEARBY, permissions=["geolocation"]
    )
    form = desk.locator("#check-in")
    expect(form.get_by_label("Within so many metres")).to_have_value("150")
    form.get_by_label("Latitude").fill("48")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Longitude")).to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Where I am now").click()
    expect(form.get_by_label("Longitude")).to_have_value("11.57550")
    form.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    require_accessible(desk)
    require_no_sideways_scrolling(desk)
    desk.reload()
    expect(form.get_by_label("Latitude")).to_have_value("48.1385")
    page = marking(
        visitors, lesson, student, geolocation=AT_HOME, permissions=["camera", "geolocation"]
    )
    expect_result(page, "Present")
    assert page.evaluate("window.asked") == 1
    desk.goto(f"/teach/sessions/{lesson.session['id']}")
    expect(desk.get_by_text("Not at the place")).to_be_visible()
    desk.locator("select:has(option[value=weak])").select_option("weak")
    expect(desk.get_by_text("Not at the place")).to_be_visible()
    desk.goto(path)
    for name in ("Latitude", "Longitude"):
        form.get_by_label(name).fill("")
    form.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    shown = site.api.get(lesson.course, teacher).json["course"]["check_in"]
    assert shown["position"] is None
