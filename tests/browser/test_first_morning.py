"""An administrator's first morning: the steps on Today, the logo, invitations on paper."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)


def test_the_steps_lead_through_the_morning_and_go(visitors: Visitors, site: Site) -> None:
    admin = site.api.teacher()
    page = visitors.open("/teach", by=admin, phone=False)
    expect(page.locator("#first-steps-count")).to_have_text("7 steps are left")
    require_accessible(page)
    page.get_by_role("link", name="Give the school its name, time zone and logo").click()
    page.get_by_label("Name of the school").fill("Grace Hopper School")
    page.locator("#settings button[type=submit]").click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    picture = io.BytesIO()
    Image.new("RGB", (300, 100), "#0a5").save(picture, "PNG")
    page.locator("#logo input[type=file]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    page.get_by_role("button", name="Show this logo").click()
    expect(page.locator(".brand .school-logo")).to_be_visible()
    require_accessible(page)
    page.goto("/teach")
    expect(page.locator(".school-name")).to_have_text("Grace Hopper School")
    expect(page.locator("#first-steps-count")).to_have_text("6 steps are left")
    page.get_by_role("button", name="Start a trial session").click()
    page.wait_for_url("**/teach/sessions/*")
    expect(page.locator("#out-of-reach")).to_contain_text("make run-https")
    require_accessible(page)
    page.goto("/teach")
    expect(page.locator("#first-steps-count")).to_have_text("5 steps are left")
    page.get_by_role("button", name="Do not show again").click()
    expect(page.locator("#first-steps")).to_be_hidden()


def test_slips_of_paper_open_the_right_account(visitors: Visitors, site: Site) -> None:
    teacher = site.api.teacher()
    course = site.api.post("/course", teacher, json={"code": "MA", "name": "Algebra"}).json[
        "course"
    ]
    roster = io.BytesIO(b"id,name,email\n1,Ann Lee,ann@school.example\n2,Bob,bob@school.example\n")
    site.api.call(
        "POST",
        f"/course/{course['id']}/roster",
        teacher,
        data={"file": (roster, "roster.csv")},
        content_type="multipart/form-data",
    )
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    expect(page.get_by_text("2 students have never signed in.")).to_be_visible()
    page.get_by_role("link", name="Invite all").click()
    with page.expect_response("**/invitations") as answered:
        page.get_by_role("button", name="Make slips to print").click()
    expect(page.locator(".slip")).to_have_count(2)
    expect(page.locator(".slip canvas").first).to_be_visible()
    require_accessible(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator(".slip").first).to_contain_text("Ann Lee")
    link = answered.value.json()["invitations"][0]["invitation"]["link"]
    phone = visitors.open(link[link.index("/set-password") :])
    expect(phone.get_by_text("For the account of Ann Lee (ann@school.example, 1).")).to_be_visible()
    require_no_sideways_scrolling(phone)
    phone.get_by_label("New password").fill("battery staple")
    phone.get_by_role("button", name="Set the password and sign in").click()
    phone.wait_for_url("**/my")
    page.emulate_media(media="screen")
    page.reload()
    expect(page.get_by_text("1 student has never signed in.")).to_be_visible()
