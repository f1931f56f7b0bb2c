"""The kiosk at the door, on a tablet and on a phone: set up once, greets, and goes on."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.attendance.school import course_of, enrol
from tests.browser.conftest import (
    PHONE,
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
)

TABLET = {"width": 820, "height": 1180}
SCREENS = [TABLET, PHONE]


def test_a_face_is_greeted_once_and_the_network_may_be_away(visitors: Visitors, site: Site) -> None:
    api = site.api
    teacher = api.teacher()
    course = course_of(api, teacher)
    student = api.student("obama", name="Ada Obama")
    enrol(api, teacher, course, student)
    api.call("PATCH", "/student/me", student, json={"camera_consent": True})
    session = api.session(teacher, course_id=course["id"])
    body = {"name": "Door", "scopes": ["mark"], "course_ids": [course["id"]]}
    key = api.post("/admin/api-keys", teacher, json=body).json["key"]
    page = visitors.open("/kiosk", face="obama", viewport=TABLET)
    require_accessible(page)
    page.get_by_label("Key of this device").fill("ak_wrong")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#setup [role=alert]")).not_to_be_empty()
    page.get_by_label("Key of this device").fill(key)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Algebra")).to_be_visible()
    expect(page.get_by_text("Ada Obama")).to_be_visible(timeout=60_000)
    require_accessible(page)
    require_no_sideways_scrolling(page)
    until(page, lambda: [row["name"] for row in site.marks(session, teacher)] == ["Ada Obama"])
    assert site.marks(session, teacher)[0]["method"] == "camera"
    page.context.set_offline(True)
    expect(page.get_by_text("No connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Hello again, Ada Obama")).to_be_visible(timeout=60_000)
    page.reload()
    expect(page.get_by_text("Algebra")).to_be_visible()  # the key is kept
    page.get_by_role("button", name="Remove the key").click()
    expect(page.get_by_label("Key of this device")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_number_and_pin_are_typed_where_nobody_wants_to_be_seen(
    visitors: Visitors, site: Site, screen: dict[str, int]
) -> None:
    api = site.api
    teacher = api.teacher()
    course = course_of(api, teacher)
    rules = {"check_in": {"face": "optional", "check_out": "optional"}}
    api.call("PATCH", f"/course/{course['id']}", teacher, json=rules)
    student = api.student(name="Ben Oduya")
    enrol(api, teacher, course, student)
    pin = {"pin": "246810", "password": student.password}
    api.call("PUT", "/student/pin", student, json=pin)
    session = api.session(teacher, course_id=course["id"])
    body = {"name": "Door", "scopes": ["mark"], "course_ids": [course["id"]]}
    key = api.post("/admin/api-keys", teacher, json=body).json["key"]
    page = visitors.open("/kiosk", face="nobody", viewport=screen, locale="de")
    page.locator("[name=key]").fill(key)
    page.locator("#setup [type=submit]").click()
    page.locator("#with-pin").click()
    require_accessible(page)
    require_no_sideways_scrolling(page)
    page.locator("[name=student_id]").fill(student.row["student_id"])
    page.locator("[name=pin]").fill("111111")
    page.locator("[name=pin]").press("Enter")
    expect(page.get_by_text("Nummer oder PIN ist falsch.")).to_be_visible()
    page.locator("#with-pin").click()
    expect(page.locator("[name=student_id]")).to_have_value("")
    page.locator("[name=student_id]").fill(student.row["student_id"])
    page.locator("[name=pin]").fill("246810")
    page.context.set_offline(True)
    page.locator("[name=pin]").press("Enter")
    expect(page.locator("#kiosk")).to_have_attribute("data-mood", "offline")
    page.context.set_offline(False)
    until(page, lambda: [row["name"] for row in site.marks(session, teacher)] == ["Ben Oduya"])
    page.get_by_label("Ich gehe").check()
    page.locator("#with-pin").click()
    page.locator("[name=student_id]").fill(student.row["student_id"])
    page.locator("[name=pin]").fill("246810")
    page.locator("[name=pin]").press("Enter")
    expect(page.get_by_text("Auf Wiedersehen, Ben Oduya")).to_be_visible()
    assert site.marks(session, teacher)[0]["stay"]["left_by"] == "kiosk"
    require_no_sideways_scrolling(page)


def test_the_pass_of_the_students_own_page_opens_the_door(
    visitors: Visitors, site: Site, tmp_path: Path
) -> None:
    api = site.api
    teacher = api.teacher()
    course = course_of(api, teacher)
    student = api.student(name="Ben Oduya")
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    body = {"name": "Door", "scopes": ["mark"], "course_ids": [course["id"]]}
    key = api.post("/admin/api-keys", teacher, json=body).json["key"]
    phone = visitors.open("/account", by=student)
    phone.get_by_text("My pass for a kiosk at the door").click()
    shown = phone.locator("#pass-code")
    expect(shown).to_be_visible()
    until(phone, lambda: shown.evaluate("image => image.complete && image.naturalWidth > 0"))
    picture = Image.open(io.BytesIO(shown.screenshot())).convert("L")
    assert zxingcpp.read_barcodes(np.asarray(picture))[0].text.startswith("pass:")
    film = Image.new("RGB", (640, 480), "white")
    film.paste(picture.resize((400, 400)), (120, 40))
    film.save(tmp_path / "pass.png")
    page = visitors.open("/kiosk", face=str(tmp_path / "pass.png"), viewport=PHONE)
    page.get_by_label("Key of this device").fill(key)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Welcome, Ben Oduya")).to_be_visible(timeout=60_000)
    assert [row["method"] for row in site.marks(session, teacher)] == ["qr"]
