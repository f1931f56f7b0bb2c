"""A student asks to be excused, and a teacher decides, in the browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitors, require_accessible


def test_a_student_asks_and_the_teacher_excuses(visitors: Visitors, site: Site) -> None:
    teacher, student = site.api.teacher(), site.api.student()
    body = {"code": "MA-1", "name": "Mathematics"}
    course: dict[str, Any] = site.api.post("/course", teacher, json=body).json["course"]
    site.api.post(
        f"/course/{course['id']}/students", teacher, json={"student_id": student.row["student_id"]}
    )
    page = visitors.open("/my/absences", by=student)
    page.get_by_label("First day").fill(site.clock.now().date().isoformat())
    page.get_by_label("Why").fill("A cold.")
    require_accessible(page)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#asked article")).to_contain_text("nothing missed on these days so far")

    theirs = visitors.open("/teach", by=teacher, phone=False)
    theirs.get_by_role("link", name="1 request to be excused waits for you").click()
    theirs.get_by_role("button", name="Excuse").click()
    dialog = theirs.get_by_role("dialog")
    dialog.get_by_label("Remark").fill("Get well.")
    require_accessible(theirs)
    dialog.get_by_role("button", name="Excuse").click()
    expect(theirs.get_by_text("No request waits for you.")).to_be_visible()
    expect(page.locator("#asked article")).to_contain_text("Get well.")
