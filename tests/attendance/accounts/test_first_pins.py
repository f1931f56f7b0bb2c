"""Whoever has no mailbox sets a password with the PIN of a printed slip, once."""

from __future__ import annotations

import io
from typing import Any

import pytest

from attendance.accounts import first_pins as rule
from tests.attendance.school import course_of
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
ROSTER = "id,name,email,username\n1,Ann,,\n2,Bob,,bobby\n3,Cid,cid@school.example,\n"
PASSWORD = "battery staple"


@pytest.fixture
def teacher(api: Api) -> Person:
    api.teacher()  # the administrator
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    course = course_of(api, teacher)
    answer = api.call(
        "POST",
        f"/course/{course['id']}/roster",
        teacher,
        data={"file": (io.BytesIO(ROSTER.encode()), "roster.csv")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200, answer.text
    return course


def slips(api: Api, teacher: Person, course: dict[str, Any]) -> dict[str, Any]:
    made = api.post(f"/course/{course['id']}/invitations", teacher, json={"pins": True}).json
    return {slip["name"]: slip for slip in made["invitations"]}


def first(api: Api, named: str, pin: str, password: str = PASSWORD) -> Any:
    body = {"username": named, "pin": pin, "password": password}
    return api.post("/auth/first-sign-in", json=body)


def another(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**8:08}"


def test_a_student_without_a_mailbox_comes_in_by_a_slip_and_then_by_the_password(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    made = slips(api, teacher, course)
    pin = made["Ann"]["pin"]["pin"]
    assert len(pin) == 8
    answer = first(api, "1", f"{pin[:4]} {pin[4:]}")
    assert answer.status_code == 200, answer.text
    assert answer.json["student"]["name"] == "Ann"
    token = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert api.client.get("/student/me", headers=token).status_code == 200
    again = api.post("/student/login", json={"student_id": "1", "password": PASSWORD})
    assert again.status_code == 200
    assert code_of(first(api, "1", pin)) == (401, "first_pin_wrong")
    assert "Ann" not in slips(api, teacher, course)


def test_a_user_name_does_as_well_as_the_number(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    slip = slips(api, teacher, course)["Bob"]
    assert slip["username"] == "bobby"
    assert first(api, "Bobby", slip["pin"]["pin"]).status_code == 200


def test_nobody_else_is_told_anything(api: Api, teacher: Person, course: dict[str, Any]) -> None:
    made = slips(api, teacher, course)
    pin = made["Ann"]["pin"]["pin"]
    for named, tried in (("1", another(pin)), ("2", pin), ("nobody", pin), ("1", "")):
        assert code_of(first(api, named, tried)) == (401, "first_pin_wrong")
    assert code_of(first(api, "1", pin, "short"))[0] == 400
    assert first(api, "1", pin).status_code == 200


def test_new_slips_and_another_way_in_end_a_pin(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    before, now = (slips(api, teacher, course) for _ in range(2))
    assert code_of(first(api, "1", before["Ann"]["pin"]["pin"])) == (401, "first_pin_wrong")
    token = now["Ann"]["invitation"]["link"].partition("#")[2]
    body = {"token": token, "password": PASSWORD}
    assert api.post("/auth/set-password", json=body).status_code == 200
    assert code_of(first(api, "1", now["Ann"]["pin"]["pin"])) == (401, "first_pin_wrong")


def test_a_slip_grows_old(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    pin = slips(api, teacher, course)["Ann"]["pin"]["pin"]
    clock.advance(days=15)
    assert code_of(first(api, "1", pin)) == (410, "invitation_expired")


def test_a_slip_that_was_tried_too_often_is_spent(
    api: Api, teacher: Person, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "MOST_FAILURES", 3)
    pin = slips(api, teacher, course)["Ann"]["pin"]["pin"]
    for _ in range(3):
        assert code_of(first(api, "1", another(pin))) == (401, "first_pin_wrong")
    assert code_of(first(api, "1", pin)) == (401, "first_pin_wrong")
    new = slips(api, teacher, course)["Ann"]["pin"]["pin"]
    assert first(api, "1", new).status_code == 200


def test_guessing_is_bounded_by_the_hour(make_app: Any) -> None:
    api = Api(make_app(login_failures_per_hour=3))
    for number in ("1", "nobody"):
        codes = [code_of(first(api, number, "12345678")) for _ in range(4)]
        assert codes == [(401, "first_pin_wrong")] * 3 + [(429, "too_many_tries")]


def test_a_forgotten_password_is_set_by_a_new_slip_where_there_is_no_mailbox(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    made = slips(api, teacher, course)
    for named in ("Ann", "Cid"):
        slip = made[named]
        assert first(api, slip["student_id"], slip["pin"]["pin"]).status_code == 200
    students = api.get(f"/course/{course['id']}/students", teacher).json["students"]
    ids = {student["name"]: student["id"] for student in students}
    path = f"/course/{course['id']}/enrolments"
    answer = api.post(f"{path}/{ids['Ann']}/first-pin", teacher)
    assert answer.status_code == 201, answer.text
    assert first(api, "1", answer.json["pin"]["pin"], "another battery").status_code == 200
    old = api.post("/student/login", json={"student_id": "1", "password": PASSWORD})
    assert code_of(old) == (401, "login_failed")
    # who has a mailbox asks for a link there
    assert code_of(api.post(f"{path}/{ids['Cid']}/first-pin", teacher)) == (409, "password_set")


def test_slips_of_accounts_that_others_made_are_not_shown(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    other = api.teacher()
    theirs = course_of(api, other)
    assert api.post(f"/course/{theirs['id']}/students", other, json={"student_id": "1"})
    slip = slips(api, other, theirs)["Ann"]
    assert (slip["pin"], slip["invitation"]) == (None, None)
    students = api.get(f"/course/{theirs['id']}/students", other).json["students"]
    path = f"/course/{theirs['id']}/enrolments/{students[0]['id']}/first-pin"
    assert code_of(api.post(path, other)) == (403, "invitation_not_shown")


@pytest.mark.parametrize(
    "typed",
    [
        *("{0}\u00a0–\u00a0{1}", "{0}.{1}", "\u200f{0}{1}", "{0}/{1}", " {0} - {1} "),
        *("٣", "۳", "３", "३"),
    ],
)
def test_a_pin_and_a_number_are_typed_as_a_keyboard_writes_them(
    api: Api, teacher: Person, course: dict[str, Any], typed: str
) -> None:
    pin = slips(api, teacher, course)["Ann"]["pin"]["pin"]
    number = "1"
    if "{" in typed:
        pin = typed.format(pin[:4], pin[4:])
    else:
        digits = {ord(str(digit)): ord(typed) - 3 + digit for digit in range(10)}
        pin, number = pin.translate(digits), number.translate(digits)
    assert first(api, number, pin).status_code == 200
    login = {"student_id": number, "password": PASSWORD}
    assert api.post("/student/login", json=login).status_code == 200
