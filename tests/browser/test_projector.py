"""The screen for the class: legible from the last row, always right, and never a name."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site, Visitors, require_accessible
from tests.conftest import Person
from tests.reading import read_qr

HALL = {"width": 1920, "height": 1080}
# A letter is legible when it is 1/200 as high as the reader is away (ISO 9241-303 asks for 20 to 22
# minutes of arc at best; 1/200 is 17'). From 15 m: 7.5 cm of a picture that is 1.1 m high.
SHARE_OF_A_CAPITAL = 0.075 / 1.1
CAP_HEIGHT = 0.7  # of the type's size, in common fonts


@pytest.fixture
def site_settings() -> dict[str, Any]:
    return {"qr_step_seconds": 5}


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


def open_screen(
    visitors: Visitors, teacher: Person, session: dict[str, Any], **options: Any
) -> Page:
    page = visitors.open(
        f"/teach/sessions/{session['id']}/screen",
        by=teacher,
        **{"viewport": HALL, "phone": False, **options},
    )
    expect(page.locator("#code")).to_have_text(session["code"])
    return page


def test_the_qr_code_is_large_and_a_student_joins_with_it(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = open_screen(visitors, teacher, session)
    url = read_qr(page)
    phone = visitors.open(url.removeprefix(site.url), by=site.api.student("obama"))
    expect(phone.get_by_role("heading", name="Algebra")).to_be_visible()
    shown = page.locator("#qr").bounding_box()
    assert shown is not None
    assert shown["height"] >= 0.9 * HALL["height"]


def test_the_qr_code_changes_in_place_and_never_vanishes(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = open_screen(visitors, teacher, session)
    first = read_qr(page)
    seen, until = {first}, time.monotonic() + 40
    while len(seen) < 3 and time.monotonic() < until:
        seen.add(read_qr(page.locator("#qr")))
    assert len(seen) >= 3, "the code did not change"
    assert (
        site.api.post(
            "/session/join", site.api.student(), json={"ticket": read_qr(page).rsplit("/", 1)[-1]}
        ).status_code
        == 200
    )


def test_a_code_that_counts_no_more_is_taken_away(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    page = open_screen(visitors, teacher, site.api.session(teacher))
    read_qr(page)
    held: list[Route] = []  # a network that has gone silent: no answer, no error
    page.route("**/qr.png*", lambda route: held.append(route))
    expect(page.get_by_text("No connection")).to_be_visible(timeout=40_000)
    expect(page.locator("#qr")).to_be_hidden()
    for route in held:
        route.continue_()
    page.unroute("**/qr.png*")
    expect(page.locator("#qr")).to_be_visible(timeout=40_000)


@pytest.mark.parametrize("code", [None, "ABCD", "MATHEMATICS1"])
def test_the_code_is_legible_from_the_last_row(
    visitors: Visitors, site: Site, teacher: Person, code: str | None
) -> None:
    session = site.api.session(teacher, **({"code": code} if code else {}))
    page = open_screen(visitors, teacher, session)
    size = page.locator("#code").evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")
    width = page.locator("#code").evaluate("(e) => e.scrollWidth - e.clientWidth")
    assert width <= 0, "the code is cut off"
    if len(session["code"]) <= 8:
        assert size * CAP_HEIGHT / HALL["height"] >= SHARE_OF_A_CAPITAL


def test_the_number_grows_and_no_name_is_ever_there(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    session = site.api.session(teacher)
    page = open_screen(visitors, teacher, session)
    expect(page.locator("#present")).to_have_text("0")
    student = site.api.student("obama", name="Secret Name")
    assert site.api.mark(student, "obama3", code=session["code"]).status_code == 200
    expect(page.locator("#present")).to_have_text("1")
    page.reload()
    expect(page.locator("#present")).to_have_text("1")
    assert "Secret Name" not in page.content()
    assert student.row["student_id"] not in page.content()


def test_the_screen_says_where_to_type_how_many_of_how_many_and_that_it_has_ended(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    body = {"code": "MA-1", "name": "Mathematics"}
    course = site.api.post("/course", teacher, json=body).json["course"]
    for student in (site.api.student(), site.api.student()):
        number = {"student_id": student.row["student_id"]}
        site.api.post(f"/course/{course['id']}/students", teacher, json=number)
    session = site.api.session(teacher, course_id=course["id"])
    page = open_screen(visitors, teacher, session)
    expect(page.locator(".screen-address")).to_have_text(site.url.partition("//")[2] + "/join")
    expect(page.locator("#out-of-reach")).to_contain_text("names this computer only")
    expect(page.locator("#present")).to_have_text("0 of 2")
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    expect(page.locator("#message")).to_have_text("Ended")
    expect(page.locator("#clock")).to_be_hidden()
    expect(page.locator("#present")).to_have_text("0 of 2")


def test_the_clock_shows_what_remains(visitors: Visitors, site: Site, teacher: Person) -> None:
    session = site.api.session(teacher, duration_minutes=10)
    page = open_screen(visitors, teacher, session)
    expect(page.get_by_text("Time left")).to_be_visible()
    minutes, _, seconds = page.locator("#clock").inner_text().partition(":")
    assert 540 <= int(minutes) * 60 + int(seconds) <= 600
    page = open_screen(visitors, teacher, site.api.session(teacher))
    expect(page.locator("#clock")).to_have_text(re.compile(r"^1:(29:\d\d|30:00)$"))


def test_lock_and_stop_take_the_code_away(visitors: Visitors, site: Site, teacher: Person) -> None:
    session = site.api.session(teacher)
    which = {"session_id": session["id"]}
    page = open_screen(visitors, teacher, session)
    page.locator("#screen[data-connection=live]").wait_for()
    site.api.post("/session/lock", teacher, json=which)
    expect(page.locator("#message")).to_have_text("Locked")
    expect(page.locator("#qr")).to_be_hidden()
    expect(page.locator("#code")).to_be_hidden()
    site.api.post("/session/unlock", teacher, json=which)
    read_qr(page.locator("#qr"))
    site.api.post("/session/stop", teacher, json=which)
    expect(page.locator("#message")).to_have_text("Ended")
    expect(page.locator("#code")).to_be_hidden()


@pytest.mark.parametrize(
    "screen", [HALL, {"width": 1024, "height": 768}, {"width": 390, "height": 844}]
)
def test_the_screen_is_accessible_and_nothing_is_cut_off(
    visitors: Visitors, site: Site, teacher: Person, screen: dict[str, int]
) -> None:
    session = site.api.session(teacher, subject="Thermodynamics and statistical physics")
    page = open_screen(visitors, teacher, session, viewport=screen, locale="de")
    read_qr(page)
    require_accessible(page)
    for part in ("#subject", "#code", "#present", "#clock", "#fullscreen"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= screen["width"] + 1, part
        assert box["y"] + box["height"] <= screen["height"] + 1, part
