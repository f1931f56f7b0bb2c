"""A mark with several photographs of one moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attendance.core.services import Services
from facerecog import combined
from tests.attendance.sessions.test_marking_gates import altered
from tests.conftest import Api, Person, code_of, picture


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api, teacher: Person) -> Person:
    return api.student("obama")


@pytest.fixture
def session(api: Api, teacher: Person) -> dict[str, Any]:
    return api.session(teacher)


def mark(api: Api, student: Person, session: dict[str, Any], *pictures: bytes) -> Any:
    return api.upload("/session/mark", student, *pictures, code=session["code"])


def test_several_photographs_are_judged_by_their_mean(
    api: Api, student: Person, session: dict[str, Any], parts: Services
) -> None:
    frames = [picture("obama2"), picture("obama3")]
    together = combined([parts.faces.analyse(frame) for frame in frames]).embedding
    template = parts.faces.for_template(picture("obama")).embedding
    answer = mark(api, student, session, *frames)
    assert answer.status_code == 200, answer.text
    assert answer.json["distance"] == pytest.approx(
        float(np.linalg.norm(together - template)), abs=0.01
    )


@pytest.mark.parametrize("bad", ["small", "blurred", "dark", "twice", "faceless"])
def test_photographs_that_cannot_be_judged_are_left_out_while_one_can(
    api: Api, student: Person, session: dict[str, Any], bad: str
) -> None:
    poor = altered("obama2", bad)
    alone = mark(api, student, session, poor)
    assert alone.status_code == 422, "the test needs a picture that is refused by itself"
    assert mark(api, student, session, poor, picture("obama2"), poor).status_code == 200


def test_when_none_can_be_judged_the_first_says_why(
    api: Api, student: Person, session: dict[str, Any], teacher: Person
) -> None:
    refused = mark(api, student, session, altered("obama2", "dark"), altered("obama2", "small"))
    assert code_of(refused) == (422, "too_dark")
    assert refused.json["image"] == 1
    assert _marked(api, teacher, session) == []


def test_photographs_of_two_people_are_refused_and_the_second_is_named(
    api: Api, student: Person, session: dict[str, Any], teacher: Person
) -> None:
    frames = [picture("obama2"), altered("obama2", "faceless"), picture("biden")]
    refused = mark(api, student, session, *frames)
    assert code_of(refused) == (422, "faces_differ")
    assert refused.json["image"] == 3
    assert _marked(api, teacher, session) == []


def test_a_file_that_is_no_picture_refuses_them_all(
    api: Api, student: Person, session: dict[str, Any], teacher: Person
) -> None:
    refused = mark(api, student, session, picture("obama2"), b"this is text")
    assert code_of(refused) == (400, "image_unreadable")
    assert refused.json["image"] == 2
    assert _marked(api, teacher, session) == []


def test_more_than_five_are_refused(
    api: Api, student: Person, session: dict[str, Any], teacher: Person
) -> None:
    refused = mark(api, student, session, *[picture("obama2")] * 6)
    assert code_of(refused) == (400, "invalid_request")
    assert _marked(api, teacher, session) == []


def test_several_photographs_of_somebody_else_do_not_add_up(
    api: Api, student: Person, session: dict[str, Any]
) -> None:
    other = [picture("biden")] * 5
    assert code_of(mark(api, student, session, *other)) == (422, "face_mismatch")


def test_a_device_identifies_by_several_photographs(
    api: Api, student: Person, teacher: Person
) -> None:
    found = api.upload("/verify", teacher, altered("obama2", "dark"), picture("obama3"))
    assert (found.status_code, found.json["student_id"]) == (200, student.row["student_id"])
    differ = api.upload("/verify", teacher, picture("obama3"), picture("biden"))
    assert code_of(differ) == (422, "faces_differ")
    nobody = api.upload("/verify", teacher, altered("obama2", "dark"), altered("biden", "dark"))
    assert code_of(nobody) == (404, "too_dark")
    assert code_of(api.upload("/verify", teacher)) == (400, "invalid_request")


def _marked(api: Api, teacher: Person, session: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = api.get(
        f"/session/attendance?session_id={session['id']}", teacher
    ).json["attendance"]
    return listed
