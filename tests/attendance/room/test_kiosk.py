"""A kiosk at the door: who is greeted, by face or by pass, and in which session."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from tests.attendance.room.conftest import Class, agree
from tests.conftest import FakeClock, Person, code_of, picture

pytestmark = pytest.mark.any_database


class Kiosk:
    """A tablet with a key."""

    def __init__(self, school: Class, **bound: Any) -> None:
        body = {"name": "Door", "scopes": ["mark"], **bound}
        made = school.api.post("/admin/api-keys", school.teacher, json=body)
        assert made.status_code == 201, made.text
        self.api, self.headers = school.api, {"X-API-Key": made.json["key"]}

    def mark(self, *pictures: bytes, **fields: str) -> Any:
        return self.api.upload("/kiosk/mark", made_by(self), *pictures, **fields)

    @property
    def state(self) -> Any:
        return self.api.get("/kiosk/state", headers=self.headers).json


def made_by(kiosk: Kiosk) -> str:
    return kiosk.headers["X-API-Key"]


@pytest.fixture
def kiosk(school: Class) -> Kiosk:
    return Kiosk(school, course_ids=[school.course["id"]])


def pass_of(school: Class, student: Person) -> str:
    answer = school.api.get("/student/pass.png", student)
    assert answer.content_type == "image/png"
    image = np.asarray(Image.open(io.BytesIO(answer.data)).convert("L"))
    return str(zxingcpp.read_barcodes(image)[0].text)


def test_who_agreed_is_greeted_and_marked_once(school: Class, kiosk: Kiosk) -> None:
    answer = kiosk.mark(picture("obama2"))
    assert answer.status_code == 200, answer.text
    said = answer.json
    assert (said["student_id"], said["status"], said["already"]) == (
        school.number("obama"),
        "present",
        False,
    )
    assert said["session_id"] == school.session["id"]
    assert kiosk.mark(picture("obama2"), picture("obama3")).json["already"] is True
    assert school.marks() == {school.number("obama"): ("present", "camera")}


def test_a_stranger_and_who_did_not_agree_are_not_known(school: Class, kiosk: Kiosk) -> None:
    assert code_of(kiosk.mark(picture("astronaut"))) == (404, "face_unknown")
    agree(school.api, school.students["obama"], False)
    assert code_of(kiosk.mark(picture("obama2"))) == (404, "face_unknown")
    assert school.marks() == {}


def test_a_pass_is_a_way_without_the_face(school: Class, kiosk: Kiosk, clock: FakeClock) -> None:
    agree(school.api, school.students["obama"], False)
    shown = pass_of(school, school.students["obama"])
    assert shown.startswith("pass:")
    assert code_of(kiosk.mark(**{"pass": shown + "x"})) == (403, "pass_invalid")
    assert kiosk.mark(**{"pass": shown}).json["student_id"] == school.number("obama")
    stranger = school.api.student()
    assert code_of(kiosk.mark(**{"pass": pass_of(school, stranger)})) == (403, "not_enrolled")
    old = pass_of(school, school.students["biden"])
    clock.advance(seconds=61)
    assert code_of(kiosk.mark(**{"pass": old})) == (403, "pass_invalid")


def test_it_serves_open_sessions_of_its_courses_or_room(school: Class, kiosk: Kiosk) -> None:
    assert [row["id"] for row in kiosk.state["sessions"]] == [school.session["id"]]
    in_room = Kiosk(school, room="R 101")
    assert in_room.state["sessions"] == []
    assert code_of(in_room.mark(picture("obama2"))) == (409, "no_session")
    path = f"/session/{school.session['id']}"
    school.api.call("PATCH", path, school.teacher, json={"room": "R 101"})
    assert in_room.mark(picture("obama2")).status_code == 200
    body = {"session_id": school.session["id"]}
    school.api.post("/session/stop", school.teacher, json=body)
    assert kiosk.state["sessions"] == []
    assert code_of(kiosk.mark(picture("biden"))) == (409, "no_session")


def test_the_next_lesson_is_told(school: Class, kiosk: Kiosk) -> None:
    plan = {
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "start_time": "14:00",
        "duration_minutes": 45,
        "from": "2026-03-02",
        "to": "2026-03-20",
    }
    path = f"/course/{school.course['id']}/plans"
    answer = school.api.post(path, school.teacher, json=plan)
    assert answer.status_code == 201, answer.text
    assert kiosk.state["next"]["starts_at"].startswith("2026-03-02T")


def test_only_a_key_of_this_scope_opens_it(school: Class, kiosk: Kiosk) -> None:
    good = picture("obama2")
    upload = school.api.upload
    assert code_of(upload("/kiosk/mark", school.teacher, good)) == (403, "forbidden")
    assert code_of(upload("/kiosk/mark", school.students["obama"], good))[0] == 403
    other = school.api.post(
        "/admin/api-keys", school.teacher, json={"name": "C", "scopes": ["camera"]}
    ).json["key"]
    assert code_of(upload("/kiosk/mark", other, good)) == (403, "scope_missing")
    assert code_of(kiosk.mark(b"no picture")) == (400, "image_unreadable")
    assert code_of(kiosk.mark()) == (400, "invalid_request")
