"""A kiosk at the door: who is greeted, by face or by pass, and in which session."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from attendance.core.clock import iso
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


def test_number_and_pin_are_a_way_where_the_course_can_do_without_the_face(
    school: Class, kiosk: Kiosk, clock: FakeClock
) -> None:
    student = school.students["obama"]
    typed = {"student_id": school.number("obama"), "pin": "246810"}
    assert code_of(kiosk.mark(**typed)) == (403, "pin_wrong")  # there is none
    pin = {"pin": "246810", "password": student.password}
    assert school.api.call("PUT", "/student/pin", student, json=pin).status_code == 204
    assert code_of(kiosk.mark(**typed)) == (403, "face_required")
    path = f"/course/{school.course['id']}"
    rules = {"check_in": {"face": "optional"}}
    assert school.api.call("PATCH", path, school.teacher, json=rules).status_code == 200
    assert code_of(kiosk.mark(**{**typed, "pin": "111111"})) == (403, "pin_wrong")
    assert code_of(kiosk.mark(**{**typed, "student_id": "nobody"})) == (403, "pin_wrong")
    assert kiosk.mark(**typed).json["student_id"] == typed["student_id"]
    assert kiosk.mark(**typed).json["already"] is True
    (row,) = [row for row in school.rows() if row["status"] is not None]
    assert (row["method"], row["evidence"], row["weak"]) == ("qr", ["kiosk", "pin"], False)
    for _ in range(20):
        last = kiosk.mark(**{**typed, "pin": "111111"})
    assert code_of(last) == (429, "too_many_tries")
    stranger = school.api.student()
    pin = {"pin": "135791", "password": stranger.password}
    school.api.call("PUT", "/student/pin", stranger, json=pin)
    other = {"student_id": stranger.row["student_id"], "pin": "135791"}
    assert code_of(kiosk.mark(**other)) == (403, "not_enrolled")


def test_what_waited_for_the_network_counts_from_the_arrival_at_the_door(
    school: Class, kiosk: Kiosk, clock: FakeClock
) -> None:
    late = {"late_after_minutes": 5}
    path = f"/session/{school.session['id']}"
    assert school.api.call("PATCH", path, school.teacher, json=late).status_code == 200
    clock.advance(minutes=2)
    arrived = clock.now()
    shown = pass_of(school, school.students["biden"])
    clock.advance(minutes=8)
    said = kiosk.mark(picture("obama2"), waited_seconds="480").json
    assert said["status"] == "present"
    assert said["marked_at"] == iso(arrived)
    said = kiosk.mark(**{"pass": shown, "waited_seconds": "480"}).json
    assert (said["status"], said["marked_at"]) == ("present", iso(arrived))
    said = kiosk.mark(picture("grace_hopper")).json
    assert (said["status"], said["marked_at"]) == ("late", iso(clock.now()))
    assert code_of(kiosk.mark(picture("obama2"), waited_seconds="601"))[1] == "invalid_request"


def test_nobody_arrives_before_the_session_began(
    school: Class, kiosk: Kiosk, clock: FakeClock
) -> None:
    clock.advance(minutes=1)
    said = kiosk.mark(picture("obama2"), waited_seconds="600").json
    assert said["marked_at"] == school.session["started_at"]


def test_who_leaves_by_the_door_says_so_and_may_come_back(
    school: Class, kiosk: Kiosk, clock: FakeClock
) -> None:
    assert code_of(kiosk.mark(picture("obama2"), leaving="true")) == (409, "check_out_off")
    path = f"/course/{school.course['id']}"
    school.api.call("PATCH", path, school.teacher, json={"check_in": {"check_out": "required"}})
    assert kiosk.state["sessions"][0]["check_out"] == "required"
    assert code_of(kiosk.mark(picture("obama2"), leaving="true")) == (409, "not_marked")
    assert kiosk.mark(picture("obama2")).json["left_at"] is None
    clock.advance(minutes=30)
    left = kiosk.mark(picture("obama3"), leaving="true").json
    assert (left["already"], left["left_at"]) == (False, iso(clock.now()))
    assert kiosk.mark(picture("obama3"), leaving="true").json["already"] is True
    assert stay_of(school, "obama") == ("kiosk", 30, True)
    clock.advance(minutes=5)
    back = kiosk.mark(picture("obama2")).json
    assert (back["already"], back["left_at"]) == (True, None)
    assert stay_of(school, "obama") == (None, None, False)

    # a pass does it too, and counts from when it was shown
    shown = pass_of(school, school.students["obama"])
    since = iso(clock.now())
    clock.advance(seconds=90)
    late = kiosk.mark(**{"pass": shown}, leaving="true", waited_seconds="90").json
    assert late["left_at"] == since


def stay_of(school: Class, name: str) -> tuple[Any, ...]:
    path = f"/session/attendance?session_id={school.session['id']}"
    for row in school.api.get(path, school.teacher).json["attendance"]:
        if row["student_id"] == school.number(name):
            return tuple(row["stay"][field] for field in ("left_by", "minutes", "left_early"))
    raise AssertionError(name)
