"""The kiosk at the door, on a tablet and on a phone: set up once, greets, and goes on."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.attendance.school import course_of, enrol
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
)

TABLET = {"width": 820, "height": 1180}


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
