"""A photograph of the class: every face, whom it marks, and who is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from facerecog import Recognizer
from tests import classroom
from tests.attendance.room.conftest import PEOPLE, Class, agree
from tests.conftest import code_of

pytestmark = pytest.mark.any_database


def sent(school: Class, *pictures: bytes, **fields: str) -> Any:
    path = f"/session/{school.session['id']}/photograph"
    return school.api.upload(path, school.teacher, *pictures, **fields)


def test_who_is_on_it_is_marked_and_a_stranger_has_no_name(
    school: Class, recognizer: Recognizer
) -> None:
    picture = classroom.frame(recognizer, classroom.seats([*PEOPLE, "astronaut"]), 1)
    answer = sent(school, picture)
    assert answer.status_code == 200, answer.text
    numbers = {school.number(who) for who in PEOPLE}
    assert set(answer.json["marked"]) == numbers
    assert {face["student_id"] for face in answer.json["faces"]} == {*numbers, None}
    assert school.marks() == dict.fromkeys(numbers, ("present", "camera"))
    assert sent(school, picture).json["marked"] == [], "each once"


def test_several_pictures_are_told_apart_by_their_number(
    school: Class, recognizer: Recognizer
) -> None:
    agree(school.api, school.students["biden"], False)
    pictures = [
        classroom.frame(recognizer, classroom.seats([who]), 1) for who in ("obama", "biden")
    ]
    answer = sent(school, *pictures, mark="false").json
    assert [(face["image"], face["student_id"]) for face in answer["faces"]] == [
        (1, school.number("obama")),
        (2, None),
    ]
    assert answer["marked"] == []
    assert school.marks() == {}


def test_the_teacher_marks_whom_the_photograph_shows_and_takes_it_back(school: Class) -> None:
    path = f"/session/{school.session['id']}/camera/marks"
    body = {"student_ids": [school.number("obama"), school.number("biden")]}
    answer = school.api.post(path, school.teacher, json=body)
    assert sorted(answer.json["marked"]) == sorted(body["student_ids"])
    answer = school.api.post(f"{path}/undo", school.teacher, json=body)
    assert sorted(answer.json["marked"]) == sorted(body["student_ids"])
    assert school.marks() == {}
    wrong = school.api.post(path, school.teacher, json={"student_ids": ["nobody"]})
    assert code_of(wrong) == (404, "student_not_found")


def test_what_is_no_picture_is_named(school: Class, recognizer: Recognizer) -> None:
    good = classroom.frame(recognizer, classroom.seats(["obama"]), 1)
    answer = sent(school, good, b"no picture")
    assert code_of(answer) == (400, "image_unreadable")
    assert answer.json["image"] == 2
    assert code_of(sent(school)) == (400, "invalid_request")
    assert code_of(sent(school, *[good] * 6)) == (400, "invalid_request")
    assert school.marks() == {}


def test_it_is_for_the_teachers_of_an_open_session(school: Class, recognizer: Recognizer) -> None:
    good = classroom.frame(recognizer, classroom.seats(["obama"]), 1)
    path = f"/session/{school.session['id']}/photograph"
    assert school.api.upload(path, school.students["obama"], good).status_code == 403
    assert school.api.upload(path, school.api.teacher(), good).status_code == 403
    body = {"session_id": school.session["id"]}
    school.api.post("/session/stop", school.teacher, json=body)
    assert code_of(sent(school, good)) == (410, "session_ended")
    assert sent(school, good, mark="false").status_code == 200
