"""Slips for those without a mailbox, from the teacher's printer to the student's sign-in; and the
files that a teacher's spreadsheet opens."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Route, expect

from tests.attendance.school import course_of
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)
from tests.conftest import Person


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher(name="Ada Lovelace")


def test_a_slip_is_printed_and_lets_its_student_in(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    course = course_of(site.api, teacher)
    answer = site.api.call(
        "POST",
        f"/course/{course['id']}/roster",
        teacher,
        data={"file": (io.BytesIO(b"id,name\nS-1,Zoe Marsh\n"), "list.csv")},
        content_type="multipart/form-data",
    )
    assert answer.json["counts"]["created"] == 1
    desk = visitors.open(f"/teach/courses/{course['id']}/invitations", by=teacher, phone=False)
    desk.get_by_role("button", name="Make slips to print").click()
    slip = desk.locator(".slip")
    expect(slip).to_contain_text("Student number: S-1")
    pin = re.search(r"PIN: (\d{4} \d{4})", slip.inner_text())
    assert pin is not None
    require_accessible(desk)

    phone = visitors.open("/sign-in")
    phone.get_by_role("link", name="Sign in with a slip").click()
    require_accessible(phone)
    require_no_sideways_scrolling(phone)
    phone.get_by_label("Student number or user name").fill("S-1")
    phone.get_by_label("PIN on the slip").fill(pin[1])
    phone.get_by_label("New password").fill("battery staple")
    phone.get_by_role("button", name="Set the password and sign in").click()
    phone.wait_for_url("**/my")
    desk.reload()
    expect(desk.locator("#not-signed-in")).to_have_text("Everybody in this course has signed in.")
    # the password is forgotten, and there is no mailbox: one slip for one student
    desk.goto(f"/teach/courses/{course['id']}/students")
    desk.get_by_role("button", name="New slip: Zoe Marsh").click()
    desk.get_by_role("button", name="Make a slip for Zoe Marsh").click()
    expect(desk.get_by_role("button", name="Print", exact=True)).to_be_visible()
    again = re.search(r"PIN: (\d{4} \d{4})", slip.inner_text())
    assert again is not None
    require_accessible(desk)
    phone = visitors.open("/first-sign-in")
    phone.get_by_label("Student number or user name").fill("S-1")
    phone.get_by_label("PIN on the slip").fill(again[1])
    phone.get_by_label("New password").fill("battery staple again")
    phone.get_by_role("button", name="Set the password and sign in").click()
    phone.wait_for_url("**/my")


def test_a_slow_answer_changes_nothing_that_was_chosen(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    """Fields wait until it is known what stands in them."""
    page = visitors.open(None, by=teacher, phone=False)
    asked: list[Route] = []
    page.route("**/teacher/me/exports", lambda route: asked.append(route))
    with page.expect_request("**/teacher/me/exports"):
        page.goto("/account")
    page.get_by_text("Files for your spreadsheet").click()
    separator = page.get_by_label("Between columns")
    expect(separator).to_be_visible()
    expect(separator).to_be_disabled()
    asked[0].continue_()
    expect(separator).to_be_enabled()


def test_a_teacher_chooses_once_how_csv_files_are_written(
    visitors: Visitors, site: Site, teacher: Person
) -> None:
    course = course_of(site.api, teacher)
    page = visitors.open("/account", by=teacher, phone=False)
    page.get_by_text("Files for your spreadsheet").click()
    page.get_by_label("Between columns").select_option("semicolon")
    page.get_by_role("button", name="Save").locator("visible=true").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    require_accessible(page)
    page.goto(f"/teach/courses/{course['id']}/report")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").or_(page.get_by_role("button", name="CSV")).click()
    assert download.value.path().read_text("utf-8-sig").startswith("student_id;name;email;")
