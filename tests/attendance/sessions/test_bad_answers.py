"""Every wrong answer to what a course asks for has its code, a sentence, and an honest way on.

What is refused leaves no mark; then the same student does what the sentence says, and is marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance.core.services import Services
from facerecog import Recognizer
from tests.attendance.sessions.test_alive import Lesson
from tests.attendance.sessions.test_without_a_face import PIN, Phone
from tests.attendance.sessions.test_without_a_face import Lesson as KeyLesson
from tests.conftest import Api, FakeClock, Person, code_of
from tests.turning import Portrait

pytestmark = pytest.mark.any_database
JS = Path("attendance/static/js")


@pytest.fixture(scope="module")
def obama(recognizer: Recognizer) -> Portrait:
    return Portrait(recognizer, "obama")


@pytest.fixture(scope="module")
def biden(recognizer: Recognizer) -> Portrait:
    return Portrait(recognizer, "biden")


@pytest.fixture
def lesson(api: Api, clock: FakeClock) -> Lesson:
    return Lesson(api, clock, api.teacher(), api.student("obama2"), "enforce")


def send(lesson: Lesson, joined: dict[str, Any], pictures: list[bytes]) -> TestResponse:
    """These pictures as the answer, three seconds after the challenge."""
    lesson.clock.advance(seconds=3)
    fields = {"join_token": joined["join_token"], "challenge": joined["challenge"]["id"]}
    return lesson.api.upload("/session/mark", lesson.student, *pictures, **fields)


def shown(portrait: Portrait, joined: dict[str, Any]) -> list[bytes]:
    return [portrait.turned(step) for step in joined["challenge"]["steps"]]


def a_step_is_missing(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    joined = lesson.join()
    return send(lesson, joined, shown(obama, joined)[:2])


def a_step_is_sent_twice(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    joined = lesson.join()
    first, _, last = shown(obama, joined)
    return send(lesson, joined, [first, first, last])


def a_step_is_added(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    joined = lesson.join()
    pictures = shown(obama, joined)
    return send(lesson, joined, [*pictures, pictures[-1]])


def the_order_is_wrong(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    joined = lesson.join()
    return send(lesson, joined, shown(obama, joined)[::-1])


def it_comes_too_fast(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    return lesson.mark(lesson.join(), obama.turned, seconds=1)


def it_comes_too_late(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    return lesson.mark(lesson.join(), obama.turned, seconds=61)


def there_are_two_people(lesson: Lesson, obama: Portrait, other: Portrait) -> TestResponse:
    joined = lesson.join()
    pictures = shown(obama, joined)
    return send(lesson, joined, [*pictures[:2], other.turned(joined["challenge"]["steps"][2])])


def the_challenge_is_of_another_session(
    lesson: Lesson, obama: Portrait, _other: Portrait
) -> TestResponse:
    old = lesson.join()["challenge"]["id"]
    lesson.api.post("/session/stop", lesson.teacher, json={"session_id": lesson.session["id"]})
    lesson.session = lesson.api.session(lesson.teacher, course_id=lesson.course)
    return lesson.mark(lesson.join(), obama.turned, challenge=old)


def the_challenge_has_expired(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    old = lesson.join()["challenge"]["id"]
    lesson.clock.advance(seconds=60)
    return lesson.mark(lesson.join(), obama.turned, challenge=old)


def the_challenge_was_used(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    joined = lesson.join()
    assert code_of(lesson.mark(joined, obama.tilted)) == (422, "not_alive")
    return lesson.mark(joined, obama.turned)


def there_is_no_challenge(lesson: Lesson, obama: Portrait, _other: Portrait) -> TestResponse:
    token = lesson.join()["join_token"]
    picture = obama.turned("straight")
    return lesson.api.upload("/session/mark", lesson.student, picture, join_token=token)


def the_rules_change_in_the_middle(
    lesson: Lesson, obama: Portrait, _other: Portrait
) -> TestResponse:
    lesson.rule("off")
    joined = lesson.join()
    lesson.rule("enforce")
    return lesson.mark(joined, obama.turned)


def this_servers_clock_is_minutes_behind(
    lesson: Lesson, obama: Portrait, _other: Portrait
) -> TestResponse:
    """Another one, whose clock is right, has drawn the challenge."""
    return lesson.mark(lesson.join(), obama.turned, seconds=-120)


def this_servers_clock_is_minutes_ahead(
    lesson: Lesson, obama: Portrait, _other: Portrait
) -> TestResponse:
    return lesson.mark(lesson.join(), obama.turned, seconds=120)


Wrong = Callable[[Lesson, Portrait, Portrait], TestResponse]
WRONG: list[tuple[Wrong, str, str | None]] = [
    (a_step_is_missing, "not_alive", "count"),
    (a_step_is_sent_twice, "not_alive", "step"),
    (a_step_is_added, "not_alive", "count"),
    (the_order_is_wrong, "not_alive", "step"),
    (it_comes_too_fast, "not_alive", "too_fast"),
    (it_comes_too_late, "not_alive", "too_late"),
    (there_are_two_people, "faces_differ", None),
    (the_challenge_is_of_another_session, "not_alive", "other"),
    (the_challenge_has_expired, "not_alive", "too_late"),
    (the_challenge_was_used, "not_alive", "used"),
    (there_is_no_challenge, "not_alive", "missing"),
    (the_rules_change_in_the_middle, "not_alive", "missing"),
    (this_servers_clock_is_minutes_behind, "not_alive", "too_fast"),
    (this_servers_clock_is_minutes_ahead, "not_alive", "too_late"),
]


@pytest.mark.parametrize(
    ("wrong", "code", "reason"), WRONG, ids=[each[0].__name__ for each in WRONG]
)
def test_a_wrong_answer_marks_nobody_and_the_next_one_may_be_right(
    lesson: Lesson, obama: Portrait, biden: Portrait, wrong: Wrong, code: str, reason: str | None
) -> None:
    answer = wrong(lesson, obama, biden)
    assert code_of(answer) == (422, code), answer.text
    assert answer.json.get("reason") == reason
    tells(answer)
    path = f"/session/attendance?session_id={lesson.session['id']}"
    assert lesson.api.get(path, lesson.teacher).json["attendance"] == []
    assert lesson.mark(lesson.join(), obama.turned).json["status"] == "present"
    assert lesson.listed()["evidence"] == ["code", "alive", "face"]


def tells(answer: TestResponse) -> None:
    """There is a sentence, and the page has words of its own and a way on for the code."""
    assert re.fullmatch(r"[A-Z][^\n]+\.", answer.json["detail"]), answer.json
    code = answer.json["code"]
    words = (JS / "common" / "problems.js").read_text(encoding="utf-8")
    assert re.search(rf"^  {code}: \(", words, re.MULTILINE), f"no words for {code}"
    marking = (JS / "student" / "join_marking.js").read_text(encoding="utf-8")
    ways = re.findall(r"^const (?:AGAIN|APPEAL|SCAN) = new Set\((.+)\);", marking, re.MULTILINE)
    assert len(ways) == 3
    assert any(f'"{code}"' in way for way in ways), f"no way on from {code}"


def ruled(api: Api, teacher: Person, student: Person, **rules: Any) -> dict[str, Any]:
    """A session of a course with these rules, and the student in it."""
    made = api.post("/course", teacher, json={"code": "M", "name": "A"}).json["course"]
    path = f"/course/{made['id']}"
    assert api.call("PATCH", path, teacher, json={"check_in": rules}).status_code == 200
    api.post(f"{path}/students", teacher, json={"student_id": student.row["student_id"]})
    return api.session(teacher, course_id=made["id"])


def test_a_proxy_that_hides_addresses_is_named_and_the_teacher_marks_meanwhile(
    make_app: Callable[..., OpenAPI],
) -> None:
    api = Api(make_app(trusted_proxies=0))
    teacher, student = api.teacher(), api.student("obama")
    session = ruled(api, teacher, student, networks=["192.0.2.0/24"])
    through = {"X-Forwarded-For": "192.0.2.9"}
    code = {"code": session["code"]}
    refused = api.post("/session/join", student, json=code, headers=through)
    assert code_of(refused) == (403, "wrong_network")
    assert "TRUSTED_PROXIES" in refused.json["detail"]
    tells(refused)
    by_hand = f"/session/{session['id']}/attendance/{student.row['student_id']}"
    assert api.call("PUT", by_hand, teacher, json={"status": "present"}).status_code == 200
    counted = Api(make_app(trusted_proxies=1))
    assert counted.post("/session/join", student, json=code, headers=through).status_code == 200


def test_a_browser_that_refuses_cookies_is_told_so_and_one_that_keeps_them_marks(
    app: OpenAPI, api: Api
) -> None:
    teacher, student = api.teacher(), api.student("obama")
    session = ruled(api, teacher, student, one_device=True)
    code = {"code": session["code"]}
    token = api.post("/session/join", student, json=code).json["join_token"]
    refused = api.mark(student, "obama2", join_token=token)
    assert code_of(refused) == (403, "device_used")
    assert "cookie" in refused.json["detail"]
    tells(refused)
    allowed = Api(app, cookies=True)
    token = allowed.post("/session/join", student, json=code).json["join_token"]
    assert allowed.mark(student, "obama2", join_token=token).status_code == 200


def test_a_passkey_of_another_origin_marks_nobody_and_the_pin_does(
    api: Api, parts: Services, clock: FakeClock
) -> None:
    lesson = KeyLesson(api, parts, clock, "optional")
    phone = Phone()
    lesson.add_passkey(phone)
    joined = lesson.join()
    phone.origin = "https://elsewhere.example"
    asked = joined["passkey"]
    sent = {"passkey": phone.sign(asked["options"]), "passkey_state": asked["state"]}
    refused = lesson.mark(joined, **sent)
    assert code_of(refused) == (403, "passkey_invalid")
    tells(refused)
    lesson.set_pin()
    assert lesson.mark(lesson.join(), pin=PIN).json["status"] == "present"


def test_what_the_server_keeps_of_refusals_is_the_code_and_no_picture(
    lesson: Lesson, parts: Services, obama: Portrait
) -> None:
    assert code_of(lesson.mark(lesson.join(), obama.tilted)) == (422, "not_alive")
    with parts.database.read() as tx:
        kept = tx.scalar("SELECT COUNT(*) FROM used_pictures")
    assert kept == 1, "that of the enrolment"
    path = f"/session/{lesson.session['id']}/refused"
    [row] = lesson.api.get(path, lesson.teacher).json["refused"]
    assert (row["code"], row["attempts"]) == ("not_alive", 1)
