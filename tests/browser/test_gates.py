"""Here, alive, oneself, without a face, as students and teachers meet them in their browsers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from attendance.sessions import challenges
from benchmarks import clips
from tests.browser.conftest import (
    Site,
    Visitors,
    require_accessible,
    require_no_sideways_scrolling,
    until,
)
from tests.browser.nginx import free_port, running
from tests.conftest import PASSWORD, Person, picture

pytestmark = pytest.mark.any_database

STEPS = ["straight", "left", "right"]
# with the turn more that the page asks for (extra_turn.js) where the last of its rows is drawn
TURNED = "turned:obama:straight+left+right+left"
LAST_ROW, SECOND_ROW = "Math.random = () => 0.99", "Math.random = () => 0.6"
TILTED = "tilted:obama:" + "+".join(STEPS)
PIN = "482913"


@pytest.fixture
def site_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    # what a picture that never turns is waited for is a part of the challenge's time
    if "tilted" in request.node.name:
        return {"challenge_seconds": 15}
    return {"trusted_proxies": 1} if "proxy" in request.node.name else {}


@pytest.fixture
def teacher(site: Site) -> Person:
    return site.api.teacher()


@pytest.fixture
def student(site: Site) -> Person:
    return site.api.student("obama2")  # the films are of another photograph


class Lesson:
    """An open session of a course with rules of its own, and who is enrolled in it."""

    def __init__(self, site: Site, teacher: Person, *students: Person, **rules: Any) -> None:
        self.site, self.teacher = site, teacher
        answer = site.api.post("/course", teacher, json={"code": "MA-1", "name": "Algebra"})
        self.course = f"/course/{answer.json['course']['id']}"
        for each in students:
            body = {"student_id": each.row["student_id"]}
            site.api.post(f"{self.course}/students", teacher, json=body)
        changed = site.api.call("PATCH", self.course, teacher, json={"check_in": rules})
        assert changed.status_code == 200, changed.text
        self.session = site.api.session(teacher, course_id=answer.json["course"]["id"])

    @property
    def scan(self) -> str:
        return self.site.scan(self.session)

    def evidence(self) -> list[list[str]]:
        """Of each mark."""
        marks = self.site.marks(self.session, self.teacher)
        return [mark["evidence"] for mark in marks if mark["method"]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that the server draws: a film cannot do what it is told."""
    steps = list(STEPS)
    monkeypatch.setattr(challenges, "turns", lambda _number: list(steps))
    return steps


def expect_result(page: Page, title: str) -> None:
    expect(page.locator("#result-title")).to_have_text(title)


def test_a_head_that_turns_as_asked_is_marked_though_the_phones_clock_is_minutes_off(
    visitors: Visitors, site: Site, teacher: Person, student: Person, asked: list[str]
) -> None:
    lesson = Lesson(site, teacher, student, liveness="enforce")
    page = visitors.open(None, by=student, face=TURNED)
    page.clock.set_fixed_time(datetime.now(timezone.utc) - timedelta(minutes=7))
    page.add_init_script(LAST_ROW)
    page.goto(lesson.scan)
    expect(page.get_by_role("button", name="I cannot turn my head")).to_be_visible()
    require_accessible(page)
    expect_result(page, "Present")
    assert lesson.evidence() == [["scan", "alive", "face"]]


def test_a_clip_that_goes_its_own_way_is_refused(
    visitors: Visitors, site: Site, teacher: Person, student: Person, asked: list[str]
) -> None:
    asked[:] = ["straight", "right", "left"]
    lesson = Lesson(site, teacher, student, liveness="enforce")
    page = visitors.open(None, by=student, face=TURNED)
    page.add_init_script(LAST_ROW)
    page.goto(lesson.scan)
    expect_result(page, "Your movement was not recognised")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("button", name="I am here: tell my teacher")).to_be_visible()
    require_accessible(page)
    # the server's own order, but not the turn more: to the right, and then as the clip goes
    asked[:] = STEPS
    page.evaluate(SECOND_ROW)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#step-result")).to_be_hidden()
    expect(page.locator("#step-result")).to_be_visible()
    expect_result(page, "Your movement was not recognised")
    assert lesson.evidence() == []
    # the same clip, when luck draws its order
    page.evaluate(LAST_ROW)
    page.get_by_role("button", name="Try again").click()
    expect_result(page, "Present")
    for steps in permutations(STEPS):
        drawn = page.evaluate(
            """async ([module, steps]) => {
                const { rowsWithTurn } = await import(module);
                return rowsWithTurn(steps).map((row) => row.map(({ step }) => step));
            }""",
            [f"{site.url}/static/js/student/extra_turn.js", list(steps)],
        )
        assert drawn == [row for row, _weight in clips.with_turn(steps)]


def test_frames_are_taken_when_they_are_turned_from_each_other(
    visitors: Visitors, site: Site, student: Person
) -> None:
    """Whoever holds the phone at a side looks straight ahead with a head that seems turned."""
    page = visitors.open("/my", by=student)
    tried = page.evaluate(
        """async (module) => {
            const { isApart } = await import(module);
            const tried = (step, turn, rest, ...frames) => {
                const before = frames.map(([step, turn]) => ({ step, turn }));
                return isApart(step, turn, { rest, before });
            };
            return [
                tried("left", 0.11, 0.0),
                tried("left", 0.11, 0.08),
                tried("left", 0.19, 0.08),
                tried("right", -0.11, -0.08),
                tried("right", -0.19, -0.08),
                tried("straight", 0.09, 0.0, ["left", 0.12]),
                tried("straight", 0.05, 0.0, ["left", 0.12], ["right", -0.2]),
                tried("straight", -0.15, 0.0, ["left", 0.12], ["right", -0.2]),
                tried("left", 0.12, 0.0, ["straight", 0.09]),
                tried("left", 0.12, 0.0, ["straight", 0.03], ["right", -0.2]),
            ];
        }""",
        f"{site.url}/static/js/student/join_turns.js",
    )
    assert tried == [True, False, True, False, True, False, True, False, False, True]


def test_a_tilted_print_is_refused(
    visitors: Visitors, site: Site, teacher: Person, student: Person, asked: list[str]
) -> None:
    lesson = Lesson(site, teacher, student, liveness="enforce")
    page = visitors.open(lesson.scan, by=student, face=TILTED)
    expect_result(page, "Your movement was not recognised")
    assert lesson.evidence() == []


def test_a_tilted_print_is_seen_by_the_teacher_only_where_the_course_watches(
    visitors: Visitors, site: Site, teacher: Person, student: Person, asked: list[str]
) -> None:
    lesson = Lesson(site, teacher, student, liveness="watch")
    page = visitors.open(lesson.scan, by=student, face=TILTED)
    expect_result(page, "Present")
    page.goto("/my/attendance")
    expect(page.get_by_text("Algebra").first).to_be_visible()
    expect(page.get_by_text("Face", exact=False).first).to_be_visible()
    expect(page.get_by_text("Perhaps a picture")).to_have_count(0)
    assert lesson.evidence() == [["scan", "face", "doubt"]]
    desk = visitors.open(f"/teach/sessions/{lesson.session['id']}", by=teacher, phone=False)
    expect(desk.get_by_text("Perhaps a picture")).to_be_visible()
    desk.locator("select:has(option[value=weak])").select_option("weak")
    expect(desk.get_by_text("Perhaps a picture")).to_be_visible()


def give_authenticator(page: Page) -> None:
    """The browser gets an authenticator that says yes to everything, as a phone's owner would."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    traits = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": traits})


def test_a_passkey_is_made_on_the_page_and_marks_with_the_scan(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    lesson = Lesson(site, teacher, student, face="optional")
    # a passkey belongs to a name, not to an address
    named = site.url.replace("127.0.0.1", "localhost")
    page = visitors.open(None, by=student, base_url=named)
    give_authenticator(page)
    page.goto("/account")
    page.get_by_text("Mark without a face").click()
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("The passkey is made.")).to_be_visible()
    page.goto(lesson.scan)
    require_accessible(page)
    page.get_by_role("button", name="With my passkey").click()
    expect_result(page, "Present")
    assert lesson.evidence() == [["scan", "passkey"]]


def test_a_pin_is_set_on_the_page_and_marks_with_the_scan(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    lesson = Lesson(site, teacher, student, face="off")
    page = visitors.open("/account", by=student)
    page.get_by_text("Mark without a face").click()
    form = page.locator("#pin-form")
    form.get_by_label("New PIN").fill(PIN)
    form.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Set the PIN").click()
    expect(page.get_by_text("The PIN is set.")).to_be_visible()
    page.goto(lesson.scan)
    expect(page.get_by_role("button", name="With my face")).to_be_hidden()
    page.get_by_label("PIN").fill("000000")
    page.get_by_role("button", name="With my PIN").click()
    expect(page.locator("#mark-pin .form-error")).not_to_be_empty()
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="With my PIN").click()
    expect_result(page, "Present")
    assert lesson.evidence() == [["scan", "pin"]]


def sign_in(page: Page, student: Person) -> None:
    body = {"email": student.row["email"], "password": student.password}
    answer = page.context.request.post("/student/login?transport=cookie", data=body)
    assert answer.ok, answer.text()


def test_one_phone_marks_one_student_and_the_other_takes_another(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    friend = site.api.student("biden")
    lesson = Lesson(site, teacher, student, friend, one_device=True)
    phone = visitors.open(lesson.scan, by=student, face="obama")
    expect_result(phone, "Present")
    sign_in(phone, friend)
    phone.goto(lesson.scan)
    expect_result(phone, "This device cannot mark for you")
    require_accessible(phone)
    own = visitors.open(lesson.scan, by=friend, face="biden")
    expect_result(own, "Present")
    assert lesson.evidence() == [["scan", "device", "face"]] * 2


def test_networks_are_judged_by_what_the_counted_proxy_tells(
    visitors: Visitors, site: Site, teacher: Person, student: Person, tmp_path: Path
) -> None:
    lesson = Lesson(site, teacher, student, networks=["192.0.2.0/24"])
    passed = f"""location / {{
        proxy_pass {site.url};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
    }}"""
    with running(passed, free_port(), tmp_path) as proxied:
        site.url = proxied
        lie = {"X-Forwarded-For": "192.0.2.9"}
        page = visitors.open(lesson.scan, by=student, face="obama", extra_http_headers=lie)
        expect_result(page, "You are not in the school’s network")
        require_accessible(page)
        rules = {"check_in": {"networks": ["127.0.0.0/8"]}}
        site.api.call("PATCH", lesson.course, teacher, json=rules)
        page.get_by_role("button", name="Try again").click()
        expect_result(page, "Present")
        assert lesson.evidence() == [["scan", "network", "face"]]
        for context in visitors.contexts:
            context.close()


@pytest.mark.parametrize(("locale", "phone"), [("en", False), ("de", True)])
def test_a_face_that_waits_is_shown_to_who_decides(
    visitors: Visitors, site: Site, teacher: Person, locale: str, phone: bool
) -> None:
    student = site.api.student("obama", name="Ada Lovelace")
    lesson = Lesson(site, teacher, student)
    answer = site.api.upload("/student/upload-face", student, picture("biden"))
    assert answer.status_code == 202
    page = visitors.open(
        f"/teach{lesson.course.replace('course', 'courses')}/students",
        by=teacher,
        phone=phone,
        locale=locale,
    )
    shown = page.locator("#waiting-faces img")
    expect(shown).to_have_count(1)  # no photographs are kept: none of the face before
    until(page, lambda: shown.evaluate("image => image.complete && image.naturalWidth"))
    require_accessible(page)
    require_no_sideways_scrolling(page)
    if locale == "en":
        page.get_by_role("button", name="Refuse: Ada Lovelace").click()
        page.get_by_role("dialog").get_by_role("button", name="Refuse").click()
        expect(page.locator("#waiting-faces")).to_be_hidden()


def test_a_refusal_offers_no_new_enrolment(
    visitors: Visitors, site: Site, teacher: Person, student: Person
) -> None:
    lesson = Lesson(site, teacher, student)
    page = visitors.open(lesson.scan, by=student, face="biden")
    expect_result(page, "Your face was not recognised")
    expect(page.get_by_role("link", name="Enrol my face")).to_have_count(0)
    expect(page.get_by_role("button", name="I am here: tell my teacher")).to_be_visible()
