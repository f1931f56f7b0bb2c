"""New numbers keep to an alphabet; old ones go on, are found, and are told apart."""

from __future__ import annotations

import io

import pytest

from attendance.core.services import Services
from tests.attendance.school import course_of, enrol, put, renumber
from tests.conftest import PASSWORD, Api, code_of

OLD = ["/VIC", "..", "2026/7", "a\u200bb", "=1", "Zoe\u0308"]


@pytest.mark.parametrize("number", ["/VIC", "..", ".", "2026/7", "a%2eb", "a\\b", "=1", "-1"])
def test_nobody_signs_up_with_a_number_that_means_something_else(api: Api, number: str) -> None:
    body = {"name": "A", "email": "a@b.example", "password": PASSWORD, "student_id": number}
    answer = api.post("/student/signup", json=body)
    assert code_of(answer) == (400, "invalid_request")
    assert [(one["field"], one["type"]) for one in answer.json["errors"]] == [
        ("student_id", "student_number")
    ]


def test_the_description_has_the_alphabet(api: Api) -> None:
    models = api.get("/openapi.json").json["components"]["schemas"]
    for model in ("StudentSignUpIn",):
        number = models[model]["properties"]["student_id"]
        assert number["pattern"].startswith("^[^")
        assert number["maxLength"] == 64


def test_a_roster_gives_no_such_number_and_goes_on_knowing_an_old_one(api: Api) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher)
    old = renumber(api, api.student(name="Old"), "2026/7")
    enrol(api, teacher, course, old)
    data = b"id,name\n2026/7,Old\n2026/8,New\n\xef\xbc\x91\xef\xbc\x92,Wide\n"
    answer = api.post(
        f"/course/{course['id']}/roster",
        teacher,
        data={"file": (io.BytesIO(data), "roster.csv")},
        content_type="multipart/form-data",
    )
    assert [(row["student_id"], row["result"], row["code"]) for row in answer.json["rows"]] == [
        ("2026/7", "unchanged", None),
        ("2026/8", "rejected", "student_id_irregular"),
        ("12", "created", "email_missing"),
    ]


@pytest.mark.parametrize("number", OLD)
def test_an_old_number_goes_on(api: Api, number: str) -> None:
    admin = api.teacher()
    teacher = api.teacher()
    course = course_of(api, teacher)
    student = renumber(api, api.student(), number)
    api.student(student_id="7")
    body = {"email": student.row["email"], "password": PASSWORD}
    assert api.post("/student/login", json=body).json["student"]["student_id"] == number
    enrol(api, teacher, course, student)
    (listed,) = api.get(f"/course/{course['id']}/students", teacher).json["students"]
    assert (listed["id"], listed["student_id"]) == (student.row["id"], number)
    session = api.session(teacher, course_id=course["id"])
    is_sayable = number not in ("/VIC", "..")  # as no path can say it
    if is_sayable:
        put(api, teacher, session, student, "present")
    one = api.get(f"/reports/student/{student.row['id']}", teacher)
    assert one.status_code == 200
    records = api.get("/api/attendance/records", teacher, query_string={"student_id": number}).json[
        "records"
    ]
    assert {row["student_id"] for row in records} == ({number} if is_sayable else set())
    shown = api.get("/admin/students?irregular=true", admin).json
    assert [(row["student_id"], row["irregular"]) for row in shown["students"]] == [(number, True)]
    assert shown["total"] == 1
    everybody = api.get("/admin/students", admin).json["students"]
    assert {row["student_id"]: row["irregular"] for row in everybody} == {number: True, "7": False}


def test_old_numbers_are_listed_in_pages_and_searched(api: Api, parts: Services) -> None:
    admin = api.teacher()
    for place in range(5):
        renumber(api, api.student(name=f"Name {place}"), f"2026/{place}")
        api.student()
    url = "/admin/students?irregular=true&per_page=2"
    pages = [api.get(f"{url}&page={page}", admin).json for page in (1, 2, 3)]
    assert [[row["student_id"][-1] for row in page["students"]] for page in pages] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
    assert {page["total"] for page in pages} == {5}
    assert api.get(f"{url}&q=name 2026/3", admin).json["total"] == 1
    assert api.get(f"{url}&q=nobody", admin).json["students"] == []


def test_a_number_is_found_in_the_form_in_which_it_is_typed(api: Api) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher)
    student = api.student(student_id="Ｓ－１")
    assert student.row["student_id"] == "S-1"
    answer = api.post(f"/course/{course['id']}/students", teacher, json={"student_id": " Ｓ－１"})
    assert answer.json["student"]["id"] == student.row["id"]


@pytest.mark.parametrize("number", ["\u0661", "\uff11"])
def test_an_own_id_is_in_plain_digits(api: Api, number: str) -> None:
    teacher = api.teacher()
    course_of(api, teacher)
    assert api.get("/course/1", teacher).status_code == 200
    assert api.get(f"/course/{number}", teacher).status_code == 404
