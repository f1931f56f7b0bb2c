"""A student asks to be excused, and a teacher decides, in the browser."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Site, Visitors, require_accessible


def paper(text: str = "") -> FilePayload:
    """A note to be sent: a picture, or a text that is called one."""
    out = io.BytesIO(text.encode())
    if not text:
        Image.new("RGB", (400, 300), "white").save(out, "JPEG")
    return {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


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
    page.get_by_label("Picture of a note").set_input_files(paper("no picture"))
    require_accessible(page)
    page.get_by_role("button", name="Send").click()
    asked = page.locator("#asked article")
    expect(asked).to_contain_text("nothing missed on these days so far")
    expect(page.locator("#notices")).to_contain_text("This picture cannot be read")
    expect(asked).not_to_contain_text("With the picture of a note")
    page.get_by_role("button", name="Add a picture of a note").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Picture of a note").set_input_files(paper())
    require_accessible(page)
    dialog.get_by_role("button", name="Send").click()
    expect(asked).to_contain_text("With the picture of a note")
    expect(page.get_by_role("button", name="Replace the picture")).to_be_visible()

    theirs = visitors.open("/teach", by=teacher, phone=False)
    theirs.get_by_role("link", name="1 request to be excused waits for you").click()
    note = theirs.get_by_role("img", name=f"Note of {student.row['name']}")
    expect(note).to_have_js_property("naturalWidth", 400)
    theirs.get_by_role("button", name="Excuse").click()
    dialog = theirs.get_by_role("dialog")
    dialog.get_by_label("Remark").fill("Get well.")
    require_accessible(theirs)
    dialog.get_by_role("button", name="Excuse").click()
    expect(theirs.get_by_text("No request waits for you.")).to_be_visible()
    expect(page.locator("#asked article")).to_contain_text("Get well.")
