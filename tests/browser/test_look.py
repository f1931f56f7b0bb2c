"""The look: the parts side by side, messages in view, dialogs alike, and nothing that jumps."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)


def test_every_part_is_accessible(visitors: Visitors, site: Site) -> None:
    admin = site.api.teacher()
    page = visitors.open("/manage/parts", by=admin, locale="de")
    require_accessible(page)
    require_no_sideways_scrolling(page)
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Etwas sagen").click()
    require_accessible(page)
    for opener in ("#ask", "#warn"):
        page.locator(opener).click()
        require_accessible(page)
        page.keyboard.press("Escape")


def test_a_message_is_in_view_wherever_the_page_stands(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/manage/parts", by=site.api.teacher())
    page.get_by_role("button", name="Say something").click()
    message = page.locator("#notices").get_by_text("Saved.")
    assert page.evaluate("scrollY") > 300
    expect(message).to_be_in_viewport(ratio=1)
    expect(page.locator("#notices")).to_have_attribute("aria-live", "polite")


def test_the_buttons_of_a_dialog_are_alike_and_no_stands_before_yes(
    visitors: Visitors, site: Site
) -> None:
    page = visitors.open("/manage/keys", by=site.api.teacher())
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    buttons = dialog.locator("footer button")
    expect(buttons).to_have_text(["Cancel", "Create"])
    first, second = (button.bounding_box() for button in buttons.all())
    assert first is not None
    assert second is not None
    assert (first["height"], first["y"]) == (second["height"], second["y"])
    assert first["width"] == pytest.approx(second["width"], abs=1)
    require_accessible(page)


@pytest.mark.parametrize(("path", "opener"), [("keys", "New key"), ("webhooks", "New webhook")])
def test_the_labels_of_a_dialog_break_no_word(
    visitors: Visitors, site: Site, path: str, opener: str
) -> None:
    page = visitors.open(f"/manage/{path}", by=site.api.teacher())
    page.get_by_role("button", name=opener).click()
    expect(page.get_by_role("dialog").get_by_role("checkbox").first).to_be_visible()
    broken = page.evaluate(
        """() => [...document.querySelectorAll("dialog[open] label")].flatMap((label) => {
            const walker = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
            const found = [];
            while (walker.nextNode()) {
                for (const word of walker.currentNode.data.matchAll(/[\\w:]+/g)) {
                    const range = document.createRange();
                    range.setStart(walker.currentNode, word.index);
                    range.setEnd(walker.currentNode, word.index + word[0].length);
                    if (range.getClientRects().length > 1) found.push(word[0]);
                }
            }
            return found;
        })"""
    )
    assert broken == []


def test_what_a_field_lacks_is_said_beside_it_in_the_language_of_the_page(
    visitors: Visitors, site: Site
) -> None:
    # the browser itself speaks English here
    page = visitors.open("/language/de?next=/sign-up")
    page.get_by_label("E-Mail-Adresse").fill("nobody")
    page.get_by_role("button", name="Konto anlegen").click()
    name, email = page.get_by_label("Name"), page.get_by_label("E-Mail-Adresse")
    expect(name).to_have_accessible_error_message("Füllen Sie dieses Feld aus.")
    expect(email).to_have_accessible_error_message(re.compile("keine E-Mail-Adresse"))
    expect(name).to_have_accessible_name("Name")
    field, message, following = page.evaluate(
        """() => {
            const field = document.querySelector("[name=name]");
            const message = field.nextElementSibling;
            const next = message.closest("label").nextElementSibling;
            const [a, b, c] = [field, message, next].map((part) => part.getBoundingClientRect());
            return [a.bottom, [b.top, b.bottom], c.top];
        }"""
    )
    assert message[0] - field < following - message[1]


def test_the_navigation_shows_where_a_page_belongs(visitors: Visitors, site: Site) -> None:
    admin = site.api.teacher()
    session = site.api.session(admin)
    page = visitors.open(None, by=admin)
    for path, entry in (
        (f"/teach/sessions/{session['id']}", "Sessions"),
        ("/manage/settings", "Manage"),
        ("/teach/appeals", "Today"),
    ):
        page.goto(path)
        current = page.get_by_role("navigation", name="Main").locator("[aria-current]")
        expect(current).to_have_text([re.compile(entry)])


def test_the_navigation_and_the_footer_of_a_phone_are_even(visitors: Visitors, site: Site) -> None:
    teacher, student = site.api.teacher(), site.api.student()
    path = f"/session/{site.api.session(teacher)['id']}/appeal"
    assert site.api.post(path, student, json={"reason": "I was there."}).status_code == 201
    page = visitors.open("/teach", by=teacher)
    expect(page.locator(".site-nav .count")).to_be_visible()
    edges = page.evaluate(
        """() => {
            const boxes = [...document.querySelectorAll(".site-nav a")]
                .map((link) => link.getBoundingClientRect());
            return [boxes[0].left, innerWidth - boxes.at(-1).right,
                    Math.max(...boxes.map(({ width }) => width))
                    - Math.min(...boxes.map(({ width }) => width))];
        }"""
    )
    assert edges == pytest.approx([0, 0, 0], abs=1)
    tops = page.locator(".site-nav a > .icon").evaluate_all(
        "(icons) => icons.map((icon) => icon.getBoundingClientRect().top)"
    )
    assert max(tops) - min(tops) <= 1, "the number that waits moves no icon"
    links = page.locator(".site-footer a").evaluate_all(
        """(links) => links.map((link) => {
            const { left, right, top, height } = link.getBoundingClientRect();
            return [left, right, top, height];
        })"""
    )
    assert len({height for *_, height in links}) == 1
    beside = [(a, b) for a, b in itertools.pairwise(links) if a[2] == b[2]]
    assert len({round(b[0] - a[1]) for a, b in beside}) == 1, "as far apart"


def test_browsers_find_the_picture_of_the_site_without_being_told(site: Site) -> None:
    answer = site.app.test_client().get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"


def test_paper_has_the_list_a_date_and_room_to_sign_and_no_buttons(
    visitors: Visitors, site: Site
) -> None:
    teacher = site.api.teacher()
    body = {"code": "MA-1", "name": "Mathematics", "timezone": "Asia/Tokyo"}
    course = site.api.post("/course", teacher, json=body).json["course"]
    number = {"student_id": site.api.student(name="Grace Hopper").row["student_id"]}
    site.api.post(f"/course/{course['id']}/students", teacher, json=number)
    session = site.api.session(teacher, course_id=course["id"])
    page = visitors.open(None, by=teacher, phone=False, timezone_id="Europe/Berlin")
    page.emulate_media(media="print")
    page.goto(f"/teach/courses/{course['id']}/sheet")
    expect(page.get_by_role("columnheader", name="Signature")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Grace Hopper"))).to_be_visible()
    expect(page.get_by_label("Day")).not_to_have_value("")
    expect(page.get_by_role("button")).to_have_count(0)
    page.goto(f"/teach/sessions/{session['id']}")
    expect(page.locator("#roll tr")).to_contain_text("Grace Hopper")
    # with its day, and in the course's zone, which is said since the reader's differs
    expect(page).to_have_title(re.compile(r"Algebra · \w+ \d+, \d{4} ·"))
    expect(page.locator("#when")).to_have_text(re.compile(r"\d{4}, .*GMT\+9$"))
    expect(page.locator("#when")).to_be_visible()
    for part in ("#search", "#filter", "#stop", "#add", "#qr", ".marks"):
        expect(page.locator(part)).to_be_hidden()
    page.goto(f"/teach/courses/{course['id']}/report")
    expect(page.locator("#report")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#range")).to_be_hidden()


def test_the_buttons_of_a_students_phone_are_above_the_navigation(
    visitors: Visitors, site: Site
) -> None:
    teacher, student = site.api.teacher(), site.api.student("obama")
    session = site.api.session(teacher)
    page = visitors.open(
        site.scan(session), by=student, face="nobody", viewport={"width": 390, "height": 664}
    )
    expect(page.locator("#shoot")).to_be_visible()
    assert room_below(page.locator("#shoot")) >= 0
    page.goto("/my/face")
    agree = page.get_by_role("button", name="Agree and continue")
    # brought to the lower edge of the view, as the tabulator does it
    agree.evaluate("(button) => button.scrollIntoView({ block: 'end' })")
    assert room_below(agree) >= 0


def room_below(button: Locator) -> float:
    """How far above the bar at the bottom of a phone it ends."""
    free: float = button.evaluate(
        """(button) => {
            const { bottom } = button.getBoundingClientRect();
            const bar = document.querySelector(".site-nav").getBoundingClientRect();
            return bar.top - bottom;
        }"""
    )
    return free
