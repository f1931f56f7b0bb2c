"""A student checks out with the code, and the teacher sees it, in the browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.attendance.school import course_of, enrol, put
from tests.browser.conftest import Site, Visitors, require_accessible, until_connected


def test_a_student_who_leaves_says_so_and_is_seen_to(visitors: Visitors, site: Site) -> None:
    teacher = site.api.teacher()
    student = site.api.student(student_id="S1")
    course = course_of(site.api, teacher)
    enrol(site.api, teacher, course, student)
    desk = visitors.open(f"/teach/courses/{course['id']}/settings", by=teacher, phone=False)
    desk.get_by_label("Checking out").select_option("everybody says so; I see who did not")
    desk.locator("#check-in").get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    session = site.api.session(teacher, course_id=course["id"], duration_minutes=90)
    put(site.api, teacher, session, student, "present")
    desk.goto(f"{desk.url.split('/teach')[0]}/teach/sessions/{session['id']}")
    until_connected(desk)

    phone = visitors.open("/join", by=student)
    phone.get_by_label("Session code").fill(session["code"])
    phone.get_by_role("button", name="Continue with this code").click()
    expect(phone.get_by_role("heading", name="You are marked")).to_be_visible()
    require_accessible(phone)
    phone.get_by_role("button", name="I leave now").click()
    expect(phone.get_by_role("heading", name="You have checked out")).to_be_visible()
    expect(desk.locator("tr[data-status=present]")).to_contain_text(re.compile("left at .*early"))
    phone.get_by_role("link", name="My attendance").last.click()
    expect(phone.locator("#history")).to_contain_text("left at")
