"""A tutor from the administrator's desk to the own page, and the message about the week."""

from __future__ import annotations

from playwright.sync_api import expect

from attendance.notices import digests
from tests.attendance.school import course_of, enrol, put
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)


def test_a_tutor_is_named_and_sees_every_course_and_a_message_is_switched_off(
    visitors: Visitors, site: Site
) -> None:
    admin, tutor = site.api.teacher(name="Ada"), site.api.teacher(name="Ms Tutor")
    nora, course = site.api.student(name="Nora"), course_of(site.api, admin)
    enrol(site.api, admin, course, nora)
    session = site.api.session(admin, course_id=course["id"])
    put(site.api, admin, session, nora, "late")
    site.api.post("/session/stop", admin, json={"session_id": session["id"]})

    desk = visitors.open(f"/manage/students/{nora.row['id']}", by=admin, phone=False)
    expect(desk.locator("#tutor-name")).to_have_text("Nobody")
    desk.get_by_label("The teacher’s e-mail address").fill(tutor.row["email"])
    desk.get_by_role("button", name="Save the tutor").click()
    expect(desk.locator("#tutor-name")).to_contain_text("Ms Tutor")
    require_accessible(desk)

    page = visitors.open("/teach", by=tutor)
    page.get_by_role("link", name="Tutor group").click()
    page.get_by_text("Nora").click()
    expect(page.get_by_role("heading", name="Algebra")).to_contain_text("100%")
    expect(page.locator("summary")).to_contain_text("100% (1 / 1)")
    expect(page.locator("#students")).to_contain_text("Late")
    require_accessible(page)
    require_no_sideways_scrolling(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").or_(page.get_by_role("button", name="CSV")).click()
    assert "late" in download.value.path().read_text("utf-8-sig")

    page.goto("/account")
    page.get_by_text("Message about the week").click()
    expect(page.locator("#digest-when")).to_contain_text("It is sent on Monday at 7:00 AM (UTC).")
    page.get_by_label("Write to me each week").check()
    expect(page.get_by_text("Saved.")).to_be_visible()
    require_accessible(page)
    assert site.api.get("/teacher/me/digest", tutor).json["language"] == "en"

    token = digests.token_of(site.parts, int(tutor.row["id"]))
    stranger = visitors.open(f"/digest?token={token}")  # nobody is signed in
    require_accessible(stranger)
    stranger.get_by_role("button", name="Write to me no more").click()
    expect(stranger.get_by_role("status").filter(has_text="no more of these")).to_be_visible()
    assert site.api.get("/teacher/me/digest", tutor).json["wanted"] is False
    stranger.goto("/digest?token=forged")
    stranger.get_by_role("button", name="Write to me no more").click()
    expect(stranger.get_by_text("This link is not valid")).to_be_visible()
