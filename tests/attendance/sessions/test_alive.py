"""Alive: the head turns as the server asked, in pictures of this moment: off, watch, enforce."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance.core.services import Services
from attendance.sessions.challenges import nearer_and_further, turns, was_used
from facerecog import Recognizer
from tests.conftest import Api, FakeClock, Person, code_of, picture
from tests.turning import Portrait

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def obama(recognizer: Recognizer) -> Portrait:
    return Portrait(recognizer, "obama")


@pytest.fixture(scope="module")
def biden(recognizer: Recognizer) -> Portrait:
    return Portrait(recognizer, "biden")


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api) -> Person:
    return api.student("obama2")  # pictures of the lesson are turned ones of another photograph


class Lesson:
    """A session of a course with some liveness, and what a student does in it."""

    def __init__(
        self, api: Api, clock: FakeClock, teacher: Person, student: Person, liveness: str
    ) -> None:
        self.api, self.clock, self.teacher, self.student = api, clock, teacher, student
        course = api.post("/course", teacher, json={"code": "M", "name": "A"}).json["course"]
        self.course = course["id"]
        self.rule(liveness)
        self.enrol(student)
        self.session = api.session(teacher, course_id=self.course)

    def enrol(self, student: Person) -> None:
        body = {"student_id": student.row["student_id"]}
        self.api.post(f"/course/{self.course}/students", self.teacher, json=body)

    def rule(self, liveness: str) -> None:
        body = {"check_in": {"liveness": liveness}}
        assert self.api.call("PATCH", f"/course/{self.course}", self.teacher, json=body).json

    def join(self, **body: str) -> dict[str, Any]:
        body = body or {"code": self.session["code"]}
        answer = self.api.post("/session/join", self.student, json=body)
        assert answer.status_code == 200, answer.text
        joined: dict[str, Any] = answer.json
        return joined

    def mark(
        self,
        joined: dict[str, Any],
        show: Callable[[str], bytes],
        *,
        seconds: float = 3,
        challenge: str | None = None,
    ) -> TestResponse:
        self.clock.advance(seconds=seconds)
        asked = joined["challenge"]
        sent = {} if asked is None else {"challenge": challenge or asked["id"]}
        pictures = [show(step) for step in (asked["steps"] if asked else ["straight"])]
        return self.api.upload(
            "/session/mark", self.student, *pictures, join_token=joined["join_token"], **sent
        )

    def listed(self) -> dict[str, Any]:
        path = f"/session/attendance?session_id={self.session['id']}"
        [row] = self.api.get(path, self.teacher).json["attendance"]
        return dict(row)


@pytest.fixture
def lesson(api: Api, clock: FakeClock, teacher: Person, student: Person) -> Lesson:
    return Lesson(api, clock, teacher, student, "enforce")


def reason(answer: TestResponse) -> str:
    assert code_of(answer) == (422, "not_alive"), answer.text
    return str(answer.json["reason"])


def test_a_head_that_turns_as_asked_is_marked(lesson: Lesson, obama: Portrait) -> None:
    joined = lesson.join()
    assert sorted(joined["challenge"]["steps"]) == ["left", "right", "straight"]
    assert joined["challenge"]["seconds"] == 60
    assert lesson.mark(joined, obama.turned).json["status"] == "present"
    assert lesson.listed()["evidence"] == ["code", "alive", "face"]


def test_a_tilted_picture_is_refused_and_says_what_is_missing(
    lesson: Lesson, obama: Portrait
) -> None:
    assert reason(lesson.mark(lesson.join(), obama.tilted)) in ("step", "flat")
    assert (
        lesson.api.get(
            f"/session/attendance?session_id={lesson.session['id']}", lesson.teacher
        ).json["attendance"]
        == []
    )


def test_the_wrong_order_names_the_step(lesson: Lesson, obama: Portrait) -> None:
    swapped = {"left": "right", "right": "left", "straight": "straight"}
    joined = lesson.join()
    answer = lesson.mark(joined, lambda step: obama.turned(swapped[step]))
    assert reason(answer) == "step"
    assert joined["challenge"]["steps"][answer.json["step"] - 1] in ("left", "right")


def test_one_picture_for_each_step_and_in_its_time(lesson: Lesson, obama: Portrait) -> None:
    joined = lesson.join()
    few = lesson.api.upload(
        "/session/mark", lesson.student, obama.turned("straight"), join_token=joined["join_token"]
    )
    assert reason(few) == "missing"
    assert reason(lesson.mark(joined, obama.turned, seconds=0.5)) == "too_fast"
    lesson.clock.advance(seconds=3)
    sent = {"join_token": joined["join_token"], "challenge": joined["challenge"]["id"]}
    for number in (2, 4):
        fresh = lesson.join(join_token=joined["join_token"])
        assert fresh["join_token"] == joined["join_token"]
        lesson.clock.advance(seconds=3)
        sent["challenge"] = fresh["challenge"]["id"]
        pictures = [obama.turned("straight", seed=seed) for seed in range(number)]
        answer = lesson.api.upload("/session/mark", lesson.student, *pictures, **sent)
        assert reason(answer) == "count"
    late = lesson.join(join_token=joined["join_token"])
    assert reason(lesson.mark(late, obama.turned, seconds=61)) == "too_late"
    assert lesson.mark(lesson.join(), obama.turned).status_code == 200


def test_a_challenge_counts_once_and_for_its_own_student_and_session(
    lesson: Lesson, obama: Portrait, biden: Portrait
) -> None:
    joined = lesson.join()
    assert reason(lesson.mark(joined, obama.tilted)) in ("step", "flat")
    assert reason(lesson.mark(joined, obama.turned)) == "used"
    forged = joined["challenge"]["id"][:-2] + "xx"
    assert reason(lesson.mark(joined, obama.turned, challenge=forged)) == "missing"
    other = lesson.api.student("biden")
    lesson.enrol(other)
    lent = lesson.join()["challenge"]["id"]
    lesson.student = other
    assert reason(lesson.mark(lesson.join(), biden.turned, challenge=lent)) == "other"


def test_a_challenge_of_another_session_does_not_count(
    lesson: Lesson, teacher: Person, obama: Portrait
) -> None:
    earlier = lesson.join()["challenge"]["id"]
    lesson.api.post("/session/stop", teacher, json={"session_id": lesson.session["id"]})
    lesson.session = lesson.api.session(teacher, course_id=lesson.course)
    joined = lesson.join()
    assert reason(lesson.mark(joined, obama.turned, challenge=earlier)) == "other"
    assert lesson.mark(joined, obama.turned).status_code == 200


def test_one_picture_for_every_step_is_nobody_alive(lesson: Lesson, obama: Portrait) -> None:
    for step in ("straight", "left"):
        same = obama.turned(step)
        refused = lesson.mark(lesson.join(), lambda _step, same=same: same)  # type: ignore[misc]
        assert reason(refused) == "step"


def test_two_people_do_not_share_a_challenge(
    lesson: Lesson, obama: Portrait, biden: Portrait
) -> None:
    joined = lesson.join()
    show = lambda step: (biden if step == "left" else obama).turned(step)  # noqa: E731  # read once
    assert code_of(lesson.mark(joined, show)) == (422, "faces_differ")


def test_rules_that_become_stricter_ask_for_a_new_join(
    api: Api, clock: FakeClock, teacher: Person, student: Person, obama: Portrait
) -> None:
    lesson = Lesson(api, clock, teacher, student, "off")
    joined = lesson.join()
    assert joined["challenge"] is None
    lesson.rule("enforce")
    assert reason(lesson.mark(joined, obama.turned)) == "missing"
    again = lesson.join(join_token=joined["join_token"])
    lesson.rule("off")
    # what was asked for before is no harm
    assert lesson.mark(again, obama.turned).status_code == 200


def test_a_picture_marks_once_and_the_enrolled_one_never(
    api: Api, clock: FakeClock, teacher: Person, student: Person, obama: Portrait
) -> None:
    lesson = Lesson(api, clock, teacher, student, "enforce")
    assert lesson.mark(lesson.join(), obama.turned).status_code == 200
    # a second mark in the same session changes nothing, and says so
    assert lesson.mark(lesson.join(), obama.turned).json["already"] is True
    api.post("/session/stop", teacher, json={"session_id": lesson.session["id"]})
    lesson.session = api.session(teacher, course_id=lesson.course)
    assert code_of(lesson.mark(lesson.join(), obama.turned)) == (422, "picture_used")
    show = lambda step: obama.turned(step, seed=5)  # noqa: E731  # read once
    lesson.rule("watch")
    assert lesson.mark(lesson.join(), show).status_code == 200


def test_the_enrolled_picture_is_no_step_of_a_mark(
    api: Api, clock: FakeClock, teacher: Person, obama: Portrait
) -> None:
    student = api.student()
    api.enrol(student, obama.turned("straight"))
    lesson = Lesson(api, clock, teacher, student, "enforce")
    others = lambda step: obama.turned(step, seed=0 if step == "straight" else 5)  # noqa: E731  # read once
    assert code_of(lesson.mark(lesson.join(), others)) == (422, "picture_used")


@pytest.mark.parametrize(
    ("nearest", "used"),
    [
        ([14, 120, 118], True),  # one is the same, encoded anew
        ([26, 120, 25], True),  # two are nearly so: made smaller, cut or turned a little
        ([20, 27, 118], False),  # one of the same face in the same light, on another day
        ([26], True),
        ([27], False),
        ([], False),  # nothing was used yet
    ],
)
def test_one_picture_of_several_that_is_only_nearly_the_same_says_nothing(
    nearest: list[int], used: bool
) -> None:
    assert was_used(nearest) is used


def test_watch_tells_the_teacher_and_the_student_nothing(
    api: Api, clock: FakeClock, teacher: Person, student: Person, obama: Portrait
) -> None:
    lesson = Lesson(api, clock, teacher, student, "watch")
    assert lesson.mark(lesson.join(), obama.tilted).status_code == 200
    row = lesson.listed()
    assert (row["evidence"], row["weak"]) == (["code", "face", "doubt"], True)
    [own] = api.get("/student/attendance", student).json["attendance"]
    assert own["evidence"] == ["code", "face"]


def test_a_client_of_before_is_watched_and_not_stopped(
    api: Api, clock: FakeClock, teacher: Person, student: Person
) -> None:
    lesson = Lesson(api, clock, teacher, student, "watch")
    assert api.mark(student, "obama3", code=lesson.session["code"]).status_code == 200
    assert lesson.listed()["evidence"] == ["code", "face", "doubt"]


def test_who_cannot_turn_the_head_comes_nearer(lesson: Lesson, obama: Portrait) -> None:
    joined = lesson.join(code=lesson.session["code"], way="distance")
    assert set(joined["challenge"]["steps"]) == {"near", "far"}
    still = lesson.mark(joined, lambda _step: obama.turned("straight"))
    assert reason(still) == "step"
    joined = lesson.join(join_token=joined["join_token"], way="distance")
    assert lesson.mark(joined, obama.turned).status_code == 200
    assert lesson.listed()["evidence"] == ["code", "alive", "face"]


@pytest.mark.parametrize("number", [4, 5])
def test_a_school_may_ask_for_more_steps(
    make_app: Callable[..., OpenAPI], clock: FakeClock, obama: Portrait, number: int
) -> None:
    api = Api(make_app(challenge_steps=number))
    teacher, student = api.teacher(), api.student("obama2")
    lesson = Lesson(api, clock, teacher, student, "enforce")
    joined = lesson.join()
    steps = joined["challenge"]["steps"]
    assert (len(steps), set(steps)) == (number, {"straight", "left", "right"})
    assert lesson.mark(joined, obama.turned).status_code == 200
    assert lesson.listed()["evidence"] == ["code", "alive", "face"]
    other = api.student("biden")
    lesson.enrol(other)
    lesson.student = other
    assert reason(lesson.mark(lesson.join(), obama.tilted)) in ("step", "flat")


@pytest.mark.parametrize(("number", "rows", "orders"), [(3, 2, 6), (4, 6, 12), (5, 8, 16)])
def test_steps_are_drawn_of_all_orders_and_none_follows_upon_itself(
    number: int, rows: int, orders: int
) -> None:
    found = {tuple(turns(number)) for _ in range(100 * orders)}
    assert len(found) == orders
    assert len({tuple(step for step in steps if step != "straight") for steps in found}) == rows
    assert all(one != following for steps in found for one, following in pairwise(steps))
    assert {tuple(nearer_and_further(3)) for _ in range(100)} == {
        ("near", "far", "near"),
        ("far", "near", "far"),
    }


def test_nobody_guesses_at_the_steps_without_end(
    make_app: Callable[..., OpenAPI], clock: FakeClock
) -> None:
    api = Api(make_app(challenge_tries_per_hour=3))
    teacher, student = api.teacher(), api.student("obama2")
    lesson = Lesson(api, clock, teacher, student, "enforce")
    token = lesson.join()["join_token"]
    for _ in range(2):
        lesson.join(join_token=token)
    refused = api.post("/session/join", student, json={"join_token": token})
    assert code_of(refused) == (429, "too_many_tries")


def test_what_marked_is_forgotten_with_the_face_and_after_a_term(
    api: Api, parts: Services, clock: FakeClock, teacher: Person, student: Person, obama: Portrait
) -> None:
    lesson = Lesson(api, clock, teacher, student, "enforce")
    lesson.mark(lesson.join(), obama.turned)

    def kept() -> int:
        with parts.database.read() as tx:
            return int(tx.scalar("SELECT COUNT(*) FROM used_pictures"))

    assert kept() == 4  # one of the enrolment, three of the mark
    assert api.call("DELETE", "/student/face", student).status_code == 204
    assert kept() == 0
    api.enrol(student, picture("obama3"))
    assert kept() == 1
