"""A list of students is dropped on the page, tried, looked at, and imported."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.attendance.school import guardian_agrees
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
)
from tests.conftest import PASSWORD, Person

MESSY = """\ufeffKlasse 7b;;;
E-Mail;Name;Student ID;Remark
anna@school.example;Anna Müller;S-1;
bert@school.example;Bert Meyer;S-2;new
;Carla Ohne;S-3;
nonsense;Dora Falsch;S-4;
anna2@school.example;Anna Again;S-1;
eve@school.example;;S-6;
"""


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def course(site: Site, teacher: Person) -> dict[str, Any]:
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    made: dict[str, Any] = answer.json["course"]
    return made


def enrolled(site: Site, teacher: Person, course: dict[str, Any]) -> list[str]:
    rows = site.api.get(f"/course/{course['id']}/students", teacher).json["students"]
    return sorted(row["student_id"] for row in rows)


def drop(page: Page, name: str, data: bytes) -> None:
    """Drop a file from the desktop onto the page, as a mouse does."""
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [name, list(data)],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#drop", event, {"dataTransfer": transfer})


def test_a_messy_file_is_dropped_tried_and_imported(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    expect(page.locator("#none")).to_be_visible()
    drop(page, "class.csv", MESSY.encode())
    expect(page.locator("#counts")).to_have_text(
        "Nothing is written yet: 3 new accounts, 3 rejected"
    )
    rows = page.locator("#result-rows tr")
    expect(rows).to_have_count(6)
    expect(rows.nth(3)).to_contain_text("nonsense is not an e-mail address.")
    expect(rows.nth(4)).to_contain_text("The same number stands in row 3.")
    expect(rows.nth(5)).to_contain_text("The name is missing.")
    expect(page.get_by_text("Not used: Remark")).to_be_visible()
    require_accessible(page)
    assert enrolled(site, teacher, course) == []
    page.get_by_role("button", name="Import these").click()
    expect(page.locator("#counts")).to_have_text("Imported: 3 new accounts, 3 rejected")
    # the links are shown once: nothing beside them throws them away
    expect(page.get_by_role("button", name="Discard")).to_be_hidden()
    expect(page.locator("#students tr")).to_have_count(3)
    assert enrolled(site, teacher, course) == ["S-1", "S-2", "S-3"]
    require_accessible(page)


def test_an_imported_student_sets_a_password_with_the_link(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    drop(page, "class.csv", b"student_id,name,email\nS-1,Anna Example,anna@school.example\n")
    page.get_by_role("button", name="Import these").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the links").click()
    text = download.value.path().read_text("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text))
    assert (line["student_id"], line["name"]) == ("S-1", "Anna Example")
    phone = visitors.open(line["link"].removeprefix(site.url))
    require_accessible(phone)
    phone.get_by_role("link", name="Deutsch").click()
    expect(phone.get_by_label("Neues Passwort")).to_be_visible()
    phone.get_by_role("link", name="English").click()
    phone.get_by_label("New password").fill(PASSWORD)
    phone.get_by_role("button", name="Set the password and sign in").click()
    phone.wait_for_url("**/my")
    phone.goto(line["link"])
    phone.reload()
    expect(phone.locator("#no-token")).to_contain_text("This link is not valid")
    expect(phone.get_by_label("New password")).to_be_hidden()
    # the teacher can make another link for who has not used it, and this one has
    page.reload()
    expect(page.locator("#students tr")).to_contain_text("No face yet")
    expect(page.get_by_role("button", name="Invite: Anna Example")).to_be_hidden()


def test_a_workbook_is_chosen_with_the_keyboard_and_discarded(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any], tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("Name", "Matriculation No."), ("Anna Example", 1001), ("Bert Example", 1002)):
        sheet.append(row)
    path = tmp_path / "class.xlsx"
    book.save(path)
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    page.get_by_label("Drop a CSV or XLSX file here, or choose one").set_input_files(path)
    expect(page.locator("#result")).to_be_focused()
    expect(page.locator("#counts")).to_contain_text("2 new accounts")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#result")).to_be_hidden()
    assert enrolled(site, teacher, course) == []


def test_a_file_that_is_no_list_is_refused_with_what_to_do(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(
        f"/teach/courses/{course['id']}/students",
        by=teacher,
        viewport={"width": 320, "height": 640},
    )
    drop(page, "holiday.csv", b"\x00\x01\x02 not a table")
    expect(page.locator("#import").get_by_role("alert")).to_contain_text("This file cannot be read")
    require_accessible(page)
    require_no_sideways_scrolling(page)


def test_the_preview_says_which_guardian_goes_and_who_stays_since_consent_was_given(
    visitors: Visitors, site: Site, teacher: Person, course: dict[str, Any]
) -> None:
    page = visitors.open(f"/teach/courses/{course['id']}/students", by=teacher, phone=False)
    head = "Number,Name,Guardian email\n"
    drop(page, "first.csv", f"{head}S1,Ann,mum@home.example dad@home.example\n".encode())
    page.get_by_role("button", name="Import these").click()
    expect(page.locator("#counts")).to_contain_text("Imported")
    [student] = site.api.get(f"/course/{course['id']}/students", teacher).json["students"]
    guardian_agrees(site.api, teacher, student["id"], "mum@home.example")
    drop(page, "second.csv", f"{head}S1,Ann,gran@home.example\n".encode())
    row = page.locator("#result-rows tr")
    expect(row).to_contain_text("What is new of guardians or the tutor is not stored")
    page.get_by_label("Update names, addresses and guardians").check()
    expect(row.locator("del")).to_have_text("mum@home.example; dad@home.example")
    expect(row.locator("ins")).to_have_text("mum@home.example; gran@home.example")
    expect(row).to_contain_text("mum@home.example has agreed for the student and stays.")
    require_accessible(page)
    page.get_by_role("button", name="Import these").click()
    expect(page.locator("#counts")).to_contain_text("Imported")
    expect(page.locator("#counts")).to_contain_text("1 changed")
    path = f"/admin/students/{student['id']}/guardians"
    kept = site.api.get(path, teacher).json["guardians"]
    assert [one["email"] for one in kept] == ["mum@home.example", "gran@home.example"]
