"""Everybody in a course who has never signed in is invited at once."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.attendance.mailing import smtp_sink, wait_for_mail
from tests.attendance.school import course_of
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
ROSTER = "id,name,email\n1,Ann,ann@school.example\n2,Bob,bob@school.example\n"


def filled(api: Api, teacher: Person) -> dict[str, Any]:
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


def test_slips_are_made_for_those_who_never_signed_in(api: Api) -> None:
    teacher = api.teacher()
    path = f"/course/{filled(api, teacher)['id']}/invitations"
    first = api.post(path, teacher).json
    assert [slip["name"] for slip in first["invitations"]] == ["Ann", "Bob"]
    assert first["mailed"] == 0
    slip = first["invitations"][0]
    assert len(slip["qr"]) == len(slip["qr"][0]) > 30
    assert set("".join(slip["qr"])) == {"0", "1"}
    token = slip["invitation"]["link"].partition("#")[2]
    body = {"token": token, "password": "battery staple"}
    assert api.post("/auth/set-password", json=body).status_code == 200
    again = api.post(path, teacher).json["invitations"]
    assert [slip["name"] for slip in again] == ["Bob"]


def test_all_are_invited_by_mail(make_app: Any) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
        api = Api(make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
        teacher = api.teacher()
        path = f"/course/{filled(api, teacher)['id']}/invitations"
        wait_for_mail()
        sink.emails.clear()
        assert api.post(path, teacher, json={"mail": True}).json["mailed"] == 2
        wait_for_mail()
        assert len(sink.emails) == 2
        for _ in range(2):
            assert api.post(path, teacher, json={"mail": False}).json["mailed"] == 0
        assert code_of(api.post(path, teacher)) == (429, "too_many_tries")
        wait_for_mail()
        assert len(sink.emails) == 2


def test_links_of_accounts_that_others_made_are_not_shown(api: Api, clock: FakeClock) -> None:
    admin, maker, other = api.teacher(), api.teacher(), api.teacher()
    filled(api, maker)
    course = course_of(api, other)
    for number in "12":
        api.post(f"/course/{course['id']}/students", other, json={"student_id": number})
    path = f"/course/{course['id']}/invitations"
    slips = api.post(path, other).json["invitations"]
    assert [(slip["invitation"], slip["qr"]) for slip in slips] == [(None, None)] * 2
    assert all(slip["invitation"] for slip in api.post(path, admin).json["invitations"])
    assert code_of(api.post(path, maker)) == (403, "forbidden")
