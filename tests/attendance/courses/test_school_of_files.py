"""A fresh school made of nothing but its files: a German Excel list, an export of Moodle, a
OneRoster folder, and a timetable."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.attendance.school import course_of
from tests.attendance.timetables.calendars import berlin, calendar
from tests.attendance.timetables.calendars import send as send_timetable
from tests.conftest import Api, Person

MOODLE = (
    "\ufeffVorname;Nachname;ID-Nummer;E-Mail-Adresse;Gruppen\r\n"
    "José;Özdemir;00007;jose@school.example;A\r\n"
    "Ann;de Vries;00008;ann@school.example;B\r\n"
).encode()
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,"
    "middleName,identifier,email,primaryOrgSourcedId\n"
    "u1,active,2026-01-01T00:00:00Z,true,alireza,,علی‌رضا,کریمی,,00009,,o1\n"
    "u2,tobedeleted,2026-01-01T00:00:00Z,true,gone,,Gone,Person,,00010,,o1\n"
    "u3,active,2026-01-01T00:00:00Z,true,zoe,,Zoë,Ärzte,,00011,zoe@school.example,o1\n"
).encode()
ENROLMENTS = (
    b"sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary\n"
    b"e1,active,2026-01-01T00:00:00Z,c1,o1,00009,student,false\n"
    b"e2,active,2026-01-01T00:00:00Z,c1,o1,00011,student,false\n"
    b"e3,active,2026-01-01T00:00:00Z,c1,o1,t1,teacher,true\n"
)


def german_list() -> bytes:
    """As a secretary keeps it: a title, numbers shown with zeros, one spoiled, no mailboxes."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Klasse 5b"])
    sheet.append([])
    sheet.append(["Name", "Vorname", "Schülernummer", "E-Mail", "Bemerkung"])
    for name, given, number in (
        ("Zimmer", "Bea", 123),
        ("Adam", "Cem", 124),
        ("Müller", "Dora", 125),
        ("Rund", "Eva", "2,02611E+11"),
    ):
        sheet.append([name, given, number, None, "x"])
    for row in range(4, 8):
        sheet.cell(row, 3).number_format = "00000"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


def send(api: Api, by: Person, course: dict[str, Any], data: bytes, name: str) -> Any:
    answer = api.call(
        "POST",
        f"/course/{course['id']}/roster",
        by,
        data={"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def names(api: Api, by: Person, course: dict[str, Any]) -> list[str]:
    listed = api.get(f"/course/{course['id']}/students", by).json["students"]
    return [student["name"] for student in listed]


@pytest.mark.any_database
def test_a_school_is_made_of_its_files(api: Api, admin: Person) -> None:
    german, moodle, oneroster, class_ = (
        course_of(api, admin, code=code) for code in ("DE", "MO", "ON", "CL")
    )
    done = send(api, admin, german, german_list(), "Klasse 5b.xlsx")
    assert done["unused"] == ["Bemerkung"]
    assert [(row["student_id"], row["result"], row["code"]) for row in done["rows"]] == [
        ("00123", "created", "email_missing"),
        ("00124", "created", "email_missing"),
        ("00125", "created", "email_missing"),
        ("2,02611E+11", "rejected", "student_id_rounded"),
    ]
    assert names(api, admin, german) == ["Cem Adam", "Dora Müller", "Bea Zimmer"]

    done = send(api, admin, moodle, MOODLE, "moodle.csv")
    assert (done["counts"]["created"], done["unused"]) == (2, ["Gruppen"])
    assert names(api, admin, moodle) == ["Ann de Vries", "José Özdemir"]

    done = send(api, admin, oneroster, USERS, "users.csv")
    assert [(row["result"], row["code"]) for row in done["rows"]] == [
        ("created", None),
        ("rejected", "to_be_deleted"),
        ("created", None),
    ]
    done = send(api, admin, class_, ENROLMENTS, "enrollments.csv")
    assert [(row["result"], row["code"]) for row in done["rows"]] == [
        ("enrolled", None),
        ("enrolled", None),
        ("rejected", "not_a_student"),
    ]
    assert names(api, admin, class_) == ["Zoë Ärzte", "علی‌رضا کریمی"]

    timetable = calendar(
        berlin("1", "20260302", 10, "RRULE:FREQ=WEEKLY;COUNT=40", "LOCATION:B 12", summary="DE"),
        berlin("2", "20260303", 10, "RRULE:FREQ=WEEKLY;COUNT=40", summary="Algebra MO"),
        berlin("3", "20260304", 10, summary="Parents' evening"),
    )
    planned = send_timetable(api, admin, timetable).json
    assert planned["counts"]["new"] == 80
    assert [label["how"] for label in planned["labels"]] == ["found", "found", "unknown"]
    today = api.get("/session/planned", admin).json["planned"]
    assert [(line["course"]["code"], line["room"], line["state"]) for line in today] == [
        ("DE", "B 12", "planned")
    ]

    for text, found in (
        ("jose", "José Özdemir"),
        ("mueller", "Dora Müller"),
        ("علي", "علی‌رضا کریمی"),
    ):
        listed = api.get(f"/admin/students?q={text}", admin).json["students"]
        assert [student["name"] for student in listed] == [found]

    # nobody of the German list has a mailbox: slips bring them in
    slips = api.post(f"/course/{german['id']}/invitations", admin, json={"pins": True}).json
    slip = next(one for one in slips["invitations"] if one["name"] == "Bea Zimmer")
    body = {"student_id": "00123", "pin": slip["pin"]["pin"], "password": "battery staple"}
    signed_in = api.post("/auth/first-sign-in", json=body)
    assert (signed_in.status_code, signed_in.json["student"]["name"]) == (200, "Bea Zimmer")
