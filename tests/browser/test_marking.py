"""Marking as a student does it: scan, selfie, result; and every bad day with a way on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from attendance.sessions import events
from attendance.web.extensions import socketio
from database import students
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
    until_connected,
)
from tests.conftest import Person


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def session(site: Site, teacher: Person) -> dict[str, Any]:
    return site.api.session(teacher, section="A1")


@pytest.fixture
def student(site: Site) -> Person:
    return site.api.student("obama")


def expect_result(page: Page, title: str) -> None:
    expect(page.locator("#result-title")).to_have_text(title)
    expect(page.locator("#result-title")).to_be_focused()


def test_a_scan_a_sign_in_and_a_look_make_a_mark(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(site.scan(session), face="obama2")
    expect(page.get_by_role("heading", name="Algebra")).to_be_visible()
    expect(page.get_by_text("A1")).to_be_visible()
    require_accessible(page)
    page.locator("#mark").get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail address").fill(student.row["email"])
    page.get_by_label("Password").fill(student.password)
    page.get_by_role("button", name="Sign in").click()
    expect_result(page, "Present")
    expect(page.get_by_text("Marked in Algebra at")).to_be_visible()
    require_accessible(page)
    require_no_sideways_scrolling(page)
    [mark] = site.marks(session, teacher)
    assert (mark["student_id"], mark["method"]) == (student.row["student_id"], "qr_face")
    assert page.evaluate("document.querySelector('#video').srcObject") is None


def test_a_typed_code_marks_and_the_second_time_says_so(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open("/join", by=student, face="obama2")
    require_accessible(page)
    code = page.get_by_label("Session code")
    code.fill("AAAA")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is no session with this code")).to_be_visible()
    code.fill(session["code"].lower())
    page.keyboard.press("Enter")
    expect_result(page, "Present")
    page.goto("/join")
    page.get_by_label("Session code").fill(session["code"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("You were already marked in Algebra")).to_be_visible()
    assert [mark["method"] for mark in site.marks(session, teacher)] == ["face"]


def test_the_code_is_kept_through_the_sign_in(
    visitors: Visitors, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open("/join", face="obama2")
    page.get_by_label("Session code").fill(session["code"])
    page.get_by_role("button", name="Continue with this code").click()
    page.get_by_label("E-mail address").fill(student.row["email"])
    page.get_by_label("Password").fill(student.password)
    page.get_by_role("button", name="Sign in").click()
    expect_result(page, "Present")


def test_the_code_is_scanned_in_the_page(
    visitors: Visitors,
    site: Site,
    teacher: Person,
    session: dict[str, Any],
    student: Person,
    tmp_path: Path,
) -> None:
    picture = tmp_path / "qr.png"
    picture.write_bytes(site.api.get(f"/session/{session['id']}/qr.png?size=8", teacher).data)
    page = visitors.open("/join", by=student, face=str(picture))
    page.get_by_role("button", name="Scan the code").click()
    expect(page.get_by_role("heading", name="Algebra")).to_be_visible()


@pytest.fixture
def site_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    # the film of a fake camera cannot change while a browser runs
    scanning = "scanned" in request.node.name
    return {"qr_step_seconds": 300} if scanning else {}


def test_another_persons_face_is_refused_with_what_to_do(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(site.scan(session), by=student, face="biden")
    expect_result(page, "Your face was not recognised")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    require_accessible(page)
    assert site.marks(session, teacher) == []


def test_an_old_qr_code_leads_to_another_scan(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    path = site.scan(session)
    site.clock.advance(minutes=2)
    page = visitors.open(path, by=student, face="obama2")
    expect(page.get_by_role("heading", name="The QR code has changed")).to_be_visible()
    require_accessible(page)
    page.get_by_role("link", name="Scan or type the code").click()
    expect(page.get_by_label("Session code")).to_be_visible()


def test_a_ticket_that_expires_while_the_selfie_is_taken_says_so(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(site.scan(session), by=student, face="nobody")
    expect(page.get_by_text("Bring your face into the oval")).to_be_visible()
    until(page, lambda: page.evaluate("document.querySelector('#video').currentTime") > 0.5)
    site.clock.advance(minutes=6)
    page.get_by_role("button", name="Take the picture now").press("Enter")
    expect_result(page, "The code has expired")
    page.get_by_role("button", name="Scan or type the code").click()
    expect(page.get_by_label("Session code")).to_be_visible()


def test_a_lock_and_a_stop_during_the_selfie_are_told_at_once(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(site.scan(session), by=student, face="nobody")
    expect(page.get_by_text("Bring your face into the oval")).to_be_visible()
    which = {"session_id": session["id"]}
    until_connected(page)
    site.api.post("/session/lock", teacher, json=which)
    expect_result(page, "The teacher has locked the session")
    expect(page.locator("#step-result")).to_have_class(re.compile("warning"))  # no red cross
    site.api.post("/session/unlock", teacher, json=which)
    expect(page.get_by_text("Bring your face into the oval")).to_be_visible()
    site.api.post("/session/stop", teacher, json=which)
    expect_result(page, "The session has ended")


def test_what_the_teacher_did_while_the_network_was_away_is_told_afterwards(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(site.scan(session), by=student, face="nobody")
    expect(page.get_by_text("Bring your face into the oval")).to_be_visible()
    until_connected(page)
    which = {"session_id": session["id"]}

    def away(path: str) -> None:
        with unheard():
            assert site.api.post(path, teacher, json=which).status_code == 200
        drop_sockets()

    away("/session/lock")
    expect_result(page, "The teacher has locked the session")
    until_connected(page)
    away("/session/unlock")
    expect(page.get_by_text("Bring your face into the oval")).to_be_visible()
    until_connected(page)
    away("/session/stop")
    expect_result(page, "The session has ended")


def pictures_in(route: Route) -> int:
    """How many pictures a request to mark carries."""
    return (route.request.post_data_buffer or b"").count(b'name="image"')


def test_who_is_recognised_by_the_first_picture_sends_one(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")
    sent: list[int] = []
    page.route(
        "**/session/mark", lambda route: (sent.append(pictures_in(route)), route.continue_())
    )
    page.goto(site.scan(session))
    expect_result(page, "Present")
    assert sent == [1]


def test_a_first_picture_that_is_not_clear_is_followed_by_three_before_anything_is_told(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")
    sent: list[int] = []

    def blur_the_first(route: Route) -> None:
        sent.append(pictures_in(route))
        if len(sent) > 1:
            route.continue_()
            return
        problem = {"status": 422, "code": "too_blurry", "title": "Too blurry", "detail": "Blurred."}
        route.fulfill(status=422, content_type="application/problem+json", json=problem)

    page.route("**/session/mark", blur_the_first)
    page.goto(site.scan(session))
    expect_result(page, "Present")
    assert sent == [1, 3]
    assert len(site.marks(session, teacher)) == 1


def test_a_burst_of_somebody_else_is_refused_once(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="biden")
    sent: list[int] = []
    page.route(
        "**/session/mark", lambda route: (sent.append(pictures_in(route)), route.continue_())
    )
    page.goto(site.scan(session))
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert sent == [1, 3]
    assert site.marks(session, teacher) == []


@contextmanager
def unheard() -> Iterator[None]:
    """Nobody hears of what happens in this block, as when every line is cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "emit", lambda *_: None)
        yield


def drop_sockets() -> None:
    """Cut every line, as a network does; the pages connect again by themselves."""
    for line in list(socketio.server.eio.sockets.values()):
        line.close(wait=False)


@pytest.fixture
def unsent(visitors: Visitors, site: Site, session: dict[str, Any], student: Person) -> Page:
    """A student who has left a mark that could not be sent, with the network back."""
    page = visitors.open(None, by=student, face="obama2")
    page.route("**/session/mark", lambda route: route.abort("internetdisconnected"))
    page.goto(site.scan(session))
    expect_result(page, "Not sent yet")
    page.goto("/my")
    page.unroute("**/session/mark")
    return page


def test_an_old_mark_that_was_not_sent_stands_in_no_new_lessons_way(
    unsent: Page, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = unsent
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    following = site.api.session(teacher, subject="Botany")
    page.goto(site.scan(following))
    expect(page.get_by_text("Algebra: The session has ended")).to_be_visible()
    expect_result(page, "Present")
    assert site.marks(session, teacher) == []
    assert len(site.marks(following, teacher)) == 1


def test_an_old_mark_of_the_same_lesson_is_the_mark(
    unsent: Page, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    unsent.goto(site.scan(session))
    expect_result(unsent, "Present")
    assert len(site.marks(session, teacher)) == 1


def test_an_old_mark_that_still_cannot_be_sent_goes_on_waiting(
    unsent: Page, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    unsent.route("**/session/mark", lambda route: route.abort("internetdisconnected"))
    unsent.goto(site.scan(session))
    expect_result(unsent, "Not sent yet")
    unsent.unroute("**/session/mark")
    expect_result(unsent, "Present")
    assert len(site.marks(session, teacher)) == 1


def test_a_mark_that_waits_takes_the_focus_once(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")
    tries: list[str] = []

    def refuse(route: Route) -> None:
        tries.append(route.request.url)
        route.abort("internetdisconnected")

    page.route("**/session/mark", refuse)
    page.goto(site.scan(session))
    expect_result(page, "Not sent yet")
    send = page.get_by_role("button", name="Send now")
    send.focus()
    already = len(tries)
    until(page, lambda: len(tries) >= already + 2)
    expect(send).to_be_focused()


def test_a_student_without_a_face_enrols_first_and_keeps_the_place(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = visitors.open(site.scan(session), by=site.api.student(), face="obama")
    page.get_by_role("link", name="Enrol my face").click()
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Agree and continue").click()
    for _ in range(2):
        page.get_by_role("button", name="Skip this picture").click()
    page.get_by_role("button", name="Enrol my face").click()
    page.get_by_role("link", name="Continue").click()
    expect_result(page, "Present")
    assert [mark["method"] for mark in site.marks(session, teacher)] == ["qr_face"]


def test_a_mark_without_network_is_kept_said_and_sent_later(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")
    page.route("**/session/mark", lambda route: route.abort("internetdisconnected"))
    page.goto(site.scan(session))
    expect_result(page, "Not sent yet")
    require_accessible(page)
    page.goto("/my")
    expect(page.get_by_text("Your mark in Algebra has not been sent yet.")).to_be_visible()
    assert site.marks(session, teacher) == []
    page.unroute("**/session/mark")
    page.get_by_role("link", name="Send now").click()
    expect_result(page, "Present")
    page.goto("/my")
    expect(page.get_by_text("present in 1 of 1 session")).to_be_visible()
    expect(page.get_by_text("has not been sent yet")).to_be_hidden()


def test_a_mark_is_sent_by_itself_when_the_network_is_back(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")
    page.route("**/session/mark", lambda route: route.abort("internetdisconnected"))
    page.goto(site.scan(session))
    expect_result(page, "Not sent yet")
    page.unroute("**/session/mark")
    expect_result(page, "Present")


def test_an_expired_token_in_the_middle_of_a_mark_is_not_noticed(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")
    expire_access_token(page, site, student)
    page.goto(site.scan(session))
    expect_result(page, "Present")


def expire_access_token(page: Page, site: Site, student: Person) -> None:
    """The visitor's access token becomes one whose time has run out."""
    from datetime import timedelta

    from flask_jwt_extended import create_access_token, decode_token

    with site.parts.database.read() as tx:
        row = students.by_id(tx, student.row["id"])
    assert row is not None
    with site.app.app_context():
        old = create_access_token(
            f"student:{student.row['id']}",
            additional_claims={"ver": row["token_version"]},
            expires_delta=timedelta(seconds=-5),
        )
        csrf = decode_token(old, allow_expired=True)["csrf"]
    url = {"url": site.url}
    page.context.add_cookies(
        [
            {"name": "access_token_cookie", "value": old, **url},
            {"name": "csrf_access_token", "value": csrf, **url},
        ]
    )


def test_somebody_signed_out_elsewhere_is_led_to_the_sign_in_and_the_mark_goes_on(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(None, by=student, face="obama2")

    def end_tokens_first(route: Route) -> None:
        # the second time, after the new sign-in, this token is not good for anything any more
        site.api.post("/auth/logout-everywhere", student)
        route.continue_()

    page.route("**/session/mark", end_tokens_first)
    page.goto(site.scan(session))
    page.wait_for_url("**/sign-in?*")
    page.get_by_label("E-mail address").fill(student.row["email"])
    page.get_by_label("Password").fill(student.password)
    page.get_by_role("button", name="Sign in").click()
    expect_result(page, "Present")
    assert len(site.marks(session, teacher)) == 1


def test_a_picture_of_the_camera_app_marks_where_there_is_no_camera(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    from facerecog.samples import photo

    page = visitors.open(site.scan(session), by=student)
    expect(page.get_by_text("No camera was found")).to_be_visible()
    page.locator("#file").set_input_files(photo("obama2"))
    expect_result(page, "Present")


def test_a_teacher_who_scans_is_told_that_this_is_for_students(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any]
) -> None:
    page = visitors.open(site.scan(session), by=teacher)
    expect(page.get_by_role("heading", name="This is for students")).to_be_visible()
    require_accessible(page)


def test_a_mark_needs_no_mouse(
    visitors: Visitors, site: Site, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open("/join", by=student, face="obama2", phone=False)
    page.get_by_role("button", name="Scan the code").focus()
    page.keyboard.press("Tab")
    page.keyboard.type(session["code"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_result(page, "Present")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="My attendance")).to_be_focused()


def test_whoever_is_refused_can_tell_the_teacher_and_hears_the_answer(
    visitors: Visitors, site: Site, teacher: Person, session: dict[str, Any], student: Person
) -> None:
    page = visitors.open(site.scan(session), by=student, face="biden")
    expect_result(page, "Your face was not recognised")
    page.get_by_role("button", name="I am here: tell my teacher").click()
    dialog = page.get_by_role("dialog")
    require_accessible(page)
    dialog.get_by_label("What happened in Algebra?").fill("I have a new beard.")
    dialog.get_by_role("button", name="Send").click()
    expect_result(page, "Your teacher decides")
    page.goto("/my/attendance")
    expect(page.get_by_text("not decided yet")).to_be_visible()
    require_accessible(page)
    until_connected(page)
    [appeal] = site.api.get("/appeal/mine", teacher).json["appeals"]
    site.api.post(
        f"/appeal/{appeal['id']}/decide", teacher, json={"accepted": True, "remark": "Seen."}
    )
    expect(page.get_by_text("Your teacher has accepted what you wrote")).to_be_visible()
    expect(page.get_by_text("Answer: Seen.")).to_be_visible()
    assert [mark["method"] for mark in site.marks(session, teacher)] == ["manual"]


def test_whoever_is_not_on_the_list_asks_to_be_let_in_and_goes_on(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    course = answer.json["course"]
    session = site.api.session(teacher, course_id=course["id"])
    stranger = visitors.open(site.scan(session))
    expect(stranger.get_by_role("heading", name="Are you in Mathematics?")).to_be_visible()
    require_accessible(stranger)
    page = visitors.open(site.scan(session), by=student, face="obama2")
    expect_result(page, "You are not on the list of this course")
    page.get_by_role("link", name="Join with a code").click()
    expect(page.get_by_label("Join code")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Ask to be let in").click()
    expect_result(page, "Your teacher is asked")
    require_accessible(page)
    until_connected(page)
    desk = visitors.open("/teach", by=teacher, phone=False)
    require_accessible(desk)
    desk.get_by_role("button", name=f"Let in: {student.row['name']}").click()
    expect_result(page, "Present")
    expect(desk.locator("#requests")).to_be_hidden()


def test_after_the_end_the_way_to_the_teacher_is_open(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Mathematics"})
    course = answer.json["course"]
    body = {"student_id": student.row["student_id"]}
    site.api.post(f"/course/{course['id']}/students", teacher, json=body)
    session = site.api.session(teacher, course_id=course["id"])
    path = site.scan(session)
    site.api.post("/session/stop", teacher, json={"session_id": session["id"]})
    page = visitors.open(path, by=student)
    page.get_by_role("link", name="I was there: tell my teacher").click()
    # the days that are missing are said
    expect(page.locator("#missed-list li")).to_contain_text(f"{site.clock.now():%b} ")
    expect(page.locator("#missed-list li")).to_contain_text(f"{site.clock.now().year}")
    page.get_by_role("button", name=re.compile("I was there")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What happened in").fill("The battery was empty.")
    dialog.get_by_role("button", name="Send").click()
    expect(page.locator("#missed-list")).to_contain_text("written about")
    require_accessible(page)
    [appeal] = site.api.get("/appeal/mine", teacher).json["appeals"]
    assert appeal["reason"] == "The battery was empty."
