"""What holds on every page: sign in and out, languages, headers, keyboards, small screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Site, Visitors, require_accessible, require_no_sideways_scrolling
from tests.conftest import PASSWORD

PUBLIC = [
    *("/", "/sign-in", "/sign-up", "/sign-up?role=teacher", "/privacy", "/join", "/nowhere"),
    *("/forgot-password", "/set-password"),
]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_accessible_on_the_smallest_phone(visitors: Visitors, path: str) -> None:
    page = visitors.open(path, viewport={"width": 320, "height": 640}, locale="de")
    expect(page.locator("h1:visible")).to_be_visible()
    require_accessible(page)
    require_no_sideways_scrolling(page)


def test_a_student_signs_up_leaves_and_signs_in_by_keyboard_alone(
    visitors: Visitors, site: Site
) -> None:
    page = visitors.open("/sign-up", phone=False)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name")).to_be_focused()
    for text in ("Ann Example", "S-77", "ann@school.example", PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Show password")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/my")
    with site.parts.database.read() as tx:
        assert tx.scalar("SELECT name FROM students WHERE student_id = 'S-77'") == "Ann Example"
    page.goto("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"{site.url}/")
    page.goto("/my")
    page.wait_for_url("**/sign-in?next=/my&role=student")
    page.get_by_label("E-mail address").fill("ann@school.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/my")


def test_a_form_that_is_sent_before_its_scripts_have_come_gives_nothing_away(
    visitors: Visitors,
) -> None:
    page = visitors.open(None)
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("ann@school.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_have_value(PASSWORD)
    assert page.url.endswith("/sign-in")


def test_a_button_that_is_pressed_before_its_scripts_have_come_works_once_they_have(
    visitors: Visitors, site: Site
) -> None:
    student = site.api.student()
    held: list[Route] = []
    page = visitors.open(None)
    page.route("**/js/account/sign_in.js", lambda route: held.append(route))
    with page.expect_request("**/js/account/sign_in.js"):
        page.goto("/sign-in", wait_until="commit")
    page.get_by_label("E-mail address").fill(student.row["email"])
    page.get_by_label("Password").fill(student.password)
    button = page.get_by_role("button", name="Sign in")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    [route] = held
    route.continue_()
    page.wait_for_url("**/my")


def test_what_the_server_finds_wrong_with_a_field_is_said_in_the_language_of_the_page(
    visitors: Visitors,
) -> None:
    page = visitors.open("/sign-up", locale="de")
    page.get_by_label("Name").fill("   ")
    page.get_by_label("Matrikelnummer").fill("S-78")
    page.get_by_label("E-Mail-Adresse").fill("ann@school.example")
    page.get_by_label("Passwort").fill("ä" * 37)
    page.get_by_role("button", name="Konto anlegen").click()
    expect(page.get_by_label("Name")).to_have_accessible_error_message(
        "Füllen Sie dieses Feld aus."
    )
    expect(page.get_by_label("Passwort")).to_have_accessible_error_message(
        re.compile("höchstens 72 Bytes")
    )
    expect(page.get_by_label("Name")).to_be_focused()
    require_accessible(page)
    page.get_by_label("Name").fill("Ann Example")
    page.get_by_role("button", name="Konto anlegen").click()
    expect(page.get_by_label("Name")).not_to_have_attribute("aria-describedby", re.compile("."))
    expect(page.get_by_label("Passwort")).to_have_accessible_description(
        re.compile("Mindestens 8 Zeichen.*höchstens 72 Bytes")
    )


def test_scripts_speak_the_language_of_the_page(visitors: Visitors) -> None:
    page = visitors.open("/sign-in", locale="de")
    page.get_by_label("E-Mail-Adresse").fill("ann@school.example")
    page.get_by_label("Passwort").fill("wrong")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("Passwort ist falsch")


def test_a_password_is_shown_and_a_link_says_whose_it_is(visitors: Visitors, site: Site) -> None:
    admin, student = site.api.teacher(), site.api.student()
    path = f"/admin/students/{student.row['id']}/reset-password"
    link = site.api.post(path, admin).json["link"]
    page = visitors.open(f"/set-password{link[link.index('#') :]}")
    expect(page.get_by_text(f"For the account of {student.row['name']}")).to_be_visible()
    field = page.get_by_label("New password")
    field.fill("battery staple")
    page.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    require_accessible(page)
    page.get_by_role("button", name="Set the password and sign in").click()
    page.wait_for_url("**/my")
    again = visitors.open(f"/set-password{link[link.index('#') :]}")
    expect(again.get_by_text("This link is not valid, or was used already")).to_be_visible()
    expect(again.get_by_label("New password")).to_be_hidden()


def test_where_no_mail_is_sent_the_sign_in_says_whom_to_ask(visitors: Visitors) -> None:
    page = visitors.open("/sign-in")
    page.get_by_role("link", name="Forgot password?").click()
    expect(page.get_by_text("Ask the administrator for a link")).to_be_visible()


def test_an_account_is_changed_and_deleted_by_its_owner(visitors: Visitors, site: Site) -> None:
    admin, teacher = site.api.teacher(), site.api.teacher()
    site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    page = visitors.open("/account", by=teacher)
    # to leave is not the first thing that this page is for
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_class("outline")
    page.get_by_text("Change name or address").click()
    form = page.locator("#profile")
    form.get_by_label("Name").fill("Dr. Ada Example")
    form.get_by_label("E-mail address", exact=True).fill("ada@school.example")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Current password")).to_have_accessible_error_message("Fill this in.")
    form.get_by_label("Current password").fill(teacher.password)
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Dr. Ada Example")).to_be_visible()
    expect(page.get_by_text("ada@school.example")).to_be_visible()
    page.locator("summary", has_text="Delete the account").click()
    expect(page.locator("#leaving")).to_contain_text(f"go to {admin.row['name']}")
    require_accessible(page)
    page.get_by_role("button", name="Delete the account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill(teacher.password)
    dialog.get_by_role("button", name="Delete the account").click()
    page.wait_for_url(f"{site.url}/")
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
