"""POST /verify: the nearest people, and every face of a picture."""

from __future__ import annotations

import pytest

from facerecog import Recognizer
from tests import classroom
from tests.conftest import Api, code_of, picture

pytestmark = pytest.mark.any_database


def test_the_nearest_people_are_told_in_order(api: Api) -> None:
    teacher = api.teacher()
    for who in ("obama", "biden", "grace_hopper"):
        api.student(who, name=who)
    answer = api.upload("/verify", teacher, picture("obama2"), candidates="2")
    assert answer.status_code == 200, answer.text
    assert answer.json["name"] == "obama"
    names = [each["name"] for each in answer.json["candidates"]]
    distances = [each["distance"] for each in answer.json["candidates"]]
    assert (names[0], len(names)) == ("obama", 2)
    assert distances == sorted(distances)
    assert "candidates" not in api.upload("/verify", teacher, picture("obama2")).json
    for wrong in ("0", "11", "x"):
        refused = api.upload("/verify", teacher, picture("obama2"), candidates=wrong)
        assert code_of(refused) == (400, "invalid_request")


def test_every_face_of_a_picture_is_told(api: Api, recognizer: Recognizer) -> None:
    teacher = api.teacher()
    api.student("obama", name="obama")
    data = classroom.frame(recognizer, classroom.seats(["obama", "astronaut"]), 1)
    answer = api.upload("/verify", teacher, data, all_faces="true")
    assert answer.status_code == 200, answer.text
    faces = sorted(answer.json["faces"], key=lambda face: face["box"][0])
    assert [face["name"] for face in faces] == ["obama", None]
    assert all(0 <= edge <= 1 for face in faces for edge in face["box"])
    two = api.upload("/verify", teacher, data, data, all_faces="true")
    assert code_of(two) == (400, "invalid_request")
    assert api.upload("/verify", teacher, b"no", all_faces="true").status_code == 400
