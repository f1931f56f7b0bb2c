"""Rooms that have networks of their own, in place of those of the courses that meet there."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from attendance.core.services import Services
from tests.attendance.school import audited, course_of, enrol
from tests.conftest import Api, Person, code_of

IN_THE_ROOM, IN_THE_SCHOOL, AT_HOME = "2001:db8:12::9", "192.0.2.9", "198.51.100.7"


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


def put(api: Api, admin: Person, name: str, *networks: str, number: int | None = None) -> Any:
    body = {"name": name, "networks": networks}
    if number is None:
        answer = api.post("/admin/rooms", admin, json=body)
        assert answer.status_code == 201, answer.text
    else:
        answer = api.call("PUT", f"/admin/rooms/{number}", admin, json=body)
        assert answer.status_code == 200, answer.text
    return answer.json["room"]


def join(api: Api, student: Person, session: dict[str, Any], address: str) -> TestResponse:
    return api.post(
        "/session/join",
        student,
        json={"code": session["code"]},
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_a_session_in_a_room_goes_by_the_rooms_networks(api: Api, admin: Person) -> None:
    student = api.student("obama")
    course = course_of(api, admin, check_in={"networks": ["192.0.2.0/24"]})
    enrol(api, admin, course, student)
    room = put(api, admin, "Room 12", "2001:db8:12::/64")
    session = api.session(admin, course_id=course["id"], room="room  12")

    def admitted() -> list[bool]:
        answers = [join(api, student, session, each) for each in (IN_THE_ROOM, IN_THE_SCHOOL)]
        refused = [answer for answer in answers if answer.status_code != 200]
        assert all(code_of(answer) == (403, "wrong_network") for answer in refused)
        return [answer.status_code == 200 for answer in answers]

    assert admitted() == [True, False]
    token = join(api, student, session, IN_THE_ROOM).json["join_token"]
    # joined in the room, and then sent from elsewhere
    answer = api.mark(student, "obama2", join_token=token)
    assert code_of(answer) == (403, "wrong_network")
    put(api, admin, "Room 12", number=room["id"])  # none of its own: the course's
    assert admitted() == [False, True]
    put(api, admin, "Room 13", "2001:db8:12::/64", number=room["id"])
    assert admitted() == [False, True]
    path = f"/session/{session['id']}"
    assert api.call("PATCH", path, admin, json={"room": "ROOM 13"}).status_code == 200
    assert admitted() == [True, False]
    assert api.call("DELETE", f"/admin/rooms/{room['id']}", admin).status_code == 204
    assert admitted() == [False, True]


@pytest.mark.any_database
def test_a_room_counts_also_where_a_session_has_no_course_and_stands_in_the_evidence(
    api: Api, admin: Person
) -> None:
    student = api.student("obama")
    put(api, admin, "Hall", "127.0.0.0/8")
    session = api.session(admin, room="Hall")
    assert code_of(join(api, student, session, AT_HOME)) == (403, "wrong_network")
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    [row] = api.get(f"/session/attendance?session_id={session['id']}", admin).json["attendance"]
    assert row["evidence"] == ["code", "network", "face"]


def test_rooms_are_kept_by_administrators_one_of_each_name(
    api: Api, admin: Person, parts: Services
) -> None:
    hall = put(api, admin, "Hall", "192.0.2.17/24", "::ffff:10.1.0.0/112")
    assert hall["networks"] == ["192.0.2.0/24", "10.1.0.0/16"]
    attic = put(api, admin, "Attic")
    assert api.get("/admin/rooms", admin).json["rooms"] == [attic, hall]
    again = {"name": "HALL", "networks": []}
    assert code_of(api.post("/admin/rooms", admin, json=again)) == (409, "room_exists")
    renamed = api.call("PUT", f"/admin/rooms/{attic['id']}", admin, json=again)
    assert code_of(renamed) == (409, "room_exists")
    for wrong in ("school", "192.0.2.0/33", "2001:db8::/129"):
        body = {"name": "Cellar", "networks": [wrong]}
        assert code_of(api.post("/admin/rooms", admin, json=body)) == (400, "invalid_request")
    for method in ("PUT", "DELETE"):
        gone = api.call(method, "/admin/rooms/999", admin, json=again)
        assert code_of(gone) == (404, "room_not_found")
    other, student = api.teacher(), api.student()
    for who, status in ((None, 401), (student, 403), (other, 403)):
        assert api.get("/admin/rooms", who).status_code == status
        assert api.post("/admin/rooms", who, json=again).status_code == status
    assert len(audited(parts, "room.add")) == 2
