"""The impact assessment says what is in force now: settings, courses, and how much is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attendance.school import course_of, enrol
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


def facts(api: Api, admin: Person) -> dict[str, Any]:
    answer = api.get("/admin/assessment", admin)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_it_is_made_of_the_settings_in_force(api: Api, admin: Person) -> None:
    before = facts(api, admin)["settings"]
    assert (before["confirm_first_enrolments"], before["challenge_seconds"]) == (False, 60)
    change = {"confirm_first_enrolments": True, "challenge_seconds": 45, "challenge_steps": 4}
    answer = api.call("PATCH", "/admin/settings", admin, json=change)
    assert answer.status_code == 200, answer.text
    after = facts(api, admin)["settings"]
    assert {name: after[name] for name in change} == change
    assert {name: value for name, value in after.items() if name not in change} == {
        name: value for name, value in before.items() if name not in change
    }


def test_it_counts_what_is_kept_and_names_each_course_with_its_rules(
    api: Api, admin: Person
) -> None:
    rules = {"scan": "qr", "face": "optional", "liveness": "watch", "networks": ["192.0.2.0/24"]}
    course = course_of(api, admin, code="MA1", name="Algebra", check_in=rules)
    gone = course_of(api, admin, code="OLD", name="Gone")
    api.call("PATCH", f"/course/{gone['id']}", admin, json={"archived": True})
    one, other = api.student("obama"), api.student()
    enrol(api, admin, course, one)
    pin = {"pin": "482913", "password": other.password}
    assert api.call("PUT", "/student/pin", other, json=pin).status_code == 204
    session = api.session(admin)
    assert api.mark(one, "obama2", code=session["code"]).status_code == 200
    found = facts(api, admin)
    assert found["counts"] == {
        "students": 2,
        "faces": 1,
        "photographs": 0,
        "waiting": 0,
        "cameras": 0,
        "fingerprints": 1,
        "pins": 1,
        "passkeys": 0,
        "marks": 1,
        "notes": 0,
        "guardians": 0,
    }
    [shown] = found["courses"]
    assert (shown["code"], shown["name"]) == ("MA1", "Algebra")
    assert {name: shown[name] for name in rules} == rules
    assert found["mail"] is False
    assert api.call("DELETE", "/student/face", one).status_code == 204
    counts = facts(api, admin)["counts"]
    assert (counts["faces"], counts["fingerprints"], counts["marks"]) == (0, 0, 1)


def test_rooms_with_networks_of_their_own_are_named(api: Api, admin: Person) -> None:
    rooms = [
        {"name": "Laboratory", "networks": ["192.0.2.0/24", "2001:db8::/32"]},
        {"name": "Hall", "networks": []},
    ]
    for room in rooms:
        assert api.post("/admin/rooms", admin, json=room).status_code == 201
    [shown] = facts(api, admin)["rooms"]
    assert {name: shown[name] for name in ("name", "networks")} == rooms[0]


def test_it_is_for_administrators(api: Api, admin: Person) -> None:
    for who in (api.teacher(), api.student()):
        assert code_of(api.get("/admin/assessment", who)) == (403, "forbidden")
