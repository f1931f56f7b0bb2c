"""A list again: what changed, who left, and how it was read."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import audited, course_of
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, admin: Person) -> dict[str, Any]:
    return course_of(api, admin)


def send(api: Api, by: Person, course: dict[str, Any], data: str | bytes, **fields: str) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    query = f"?dry_run={fields.pop('dry_run', 'false')}"
    return api.post(
        f"/course/{course['id']}/roster{query}",
        by,
        data={"file": (io.BytesIO(raw), "list.csv"), **fields},
    )


def rows(answer: Any) -> list[tuple[str, str, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(row["student_id"], row["result"], row["code"]) for row in answer.json["rows"]]


def test_missing_addresses_are_stored_when_updating_and_told_when_not(
    api: Api, admin: Person, course: dict[str, Any], parts: Services
) -> None:
    send(api, admin, course, "id,name\nS1,Ann\nS2,Bob\n")
    again = "id,name,email\nS1,Anna,ann@x.example\nS2,Bob,\n"
    told = send(api, admin, course, again)
    assert rows(told)[0] == ("S1", "unchanged", "email_not_stored")
    dry = send(api, admin, course, again, update="true", dry_run="true")
    assert dry.json["rows"][0]["changes"] == {
        "name": ["Ann", "Anna"],
        "email": [None, "ann@x.example"],
    }
    assert audited(parts, "student.correct") == []
    real = send(api, admin, course, again, update="true")
    assert rows(real) == [("S1", "changed", None), ("S2", "unchanged", None)]
    assert real.json["counts"]["changed"] == 1
    listed = api.get(f"/course/{course['id']}/students", admin).json["students"]
    assert [(row["name"], row["email"]) for row in listed] == [
        ("Anna", "ann@x.example"),
        ("Bob", None),
    ]
    (line,) = audited(parts, "student.correct")
    assert json.loads(line["old_value"]) == {"name": "Ann", "email": None}


def test_a_teacher_updates_only_accounts_that_nobody_has_taken_over(
    api: Api, admin: Person
) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher)
    api.student(student_id="S1", name="Ann", email="ann@x.example")
    data = "id,name,email\nS1,Other,ann@x.example\n"
    answer = send(api, teacher, course, data, update="true")
    assert rows(answer) == [("S1", "enrolled", "change_refused")]
    stolen = send(api, teacher, course, "id,name,email\nS1,Ann,me@x.example\n", update="true")
    assert rows(stolen) == [("S1", "rejected", "other_email")]


def test_who_left_the_list_is_told_and_taken_out_on_request(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    everybody = [f"S{number:02},Student {number}" for number in range(1, 21)]
    send(api, admin, course, "\n".join(["id,name", *everybody]))
    one_less = send(api, admin, course, "\n".join(["id,name", *everybody[1:]]))
    assert one_less.json["left"] == [{"student_id": "S01", "name": "Student 1"}]
    assert (one_less.json["left_held"], one_less.json["unenrolled"]) == (False, False)
    out = send(api, admin, course, "\n".join(["id,name", *everybody[1:]]), unenrol="true")
    assert out.json["unenrolled"] is True
    half = "\n".join(["id,name", *everybody[10:]])
    held = send(api, admin, course, half, unenrol="true")
    assert (held.json["left_held"], held.json["unenrolled"]) == (True, False)
    listed = api.get(f"/course/{course['id']}/students", admin).json["students"]
    assert len(listed) == 19
    assert send(api, admin, course, half, unenrol="true", unenrol_many="true").json["unenrolled"]
    listed = api.get(f"/course/{course['id']}/students", admin).json["students"]
    assert len(listed) == 10


def test_whose_zeros_a_program_has_lost_is_no_second_student(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    send(api, admin, course, "id,name\n0012,Ann Lee\n0013,Bob Ray\n0,Cy\n")
    again = send(api, admin, course, "id,name\n12,Ann  LEE\n٠٠١٣,Bob Ray\n0,Cy\n")
    assert rows(again) == [
        *(("12", "rejected", "other_number"), ("٠٠١٣", "rejected", "other_number")),
        ("0", "unchanged", None),
    ]
    assert again.json["rows"][0]["values"] == {"student_id": "0012"}
    assert again.json["left"] == []
    others = send(api, admin, course, "id,name\n12,Ann Fox\n00,Di\n")
    assert [result for _, result, _ in rows(others)] == ["created", "created"]


@pytest.mark.parametrize(
    "row", ['S01,"Student 1', ",Student 1", 'S01,Student "1', '"S01;student 1', "#REF!,Student 1"]
)
def test_whose_row_could_not_be_read_has_not_left_the_list(
    api: Api, admin: Person, course: dict[str, Any], row: str
) -> None:
    everybody = [f"S{number:02},Student {number}" for number in range(1, 21)]
    send(api, admin, course, "\n".join(["id,name", *everybody]))
    spoiled = send(api, admin, course, "\n".join(["id,name", row, *everybody[1:]]), unenrol="true")
    assert spoiled.json["counts"]["rejected"] == 1
    assert (spoiled.json["left"], spoiled.json["unenrolled"]) == ([], False)


def test_how_a_file_was_read_is_told_and_can_be_said(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    data = "Kennzeichen;Name;Haustier\nK1;Jiří Dvořák;Katze\n".encode("cp1250")
    unknown = send(api, admin, course, data)
    assert code_of(unknown) == (400, "table_unreadable")
    assert unknown.json["found_columns"] == ["Kennzeichen", "Name", "Haustier"]
    columns = json.dumps({"student_id": "Kennzeichen"})
    told = send(api, admin, course, data, columns=columns, dry_run="true").json
    assert (told["encoding"], told["delimiter"], told["quote"]) == ("cp1250", ";", None)
    assert told["columns"] == {"student_id": "Kennzeichen", "name": "Name"}
    assert told["unused"] == ["Haustier"]
    assert told["rows"][0]["name"] == "Jiří Dvořák"
    assert 0 < told["confidence"] < 1
    said = {"columns": columns, "encoding": "cp1252", "delimiter": ";"}
    as_said = send(api, admin, course, data, dry_run="true", **said).json
    assert (as_said["rows"][0]["name"], as_said["confidence"]) == ("Jiøí Dvoøák", 1)
    for wrong in ({"columns": "{"}, {"columns": '{"pet": "x"}'}, {"encoding": "klingon"}):
        answer = send(api, admin, course, data, **wrong)
        assert code_of(answer) == (400, "invalid_request"), wrong


def test_a_school_of_ten_thousand_is_one_file(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    data = "id;name;email\n" + "".join(
        f"S{number};Jürgen Müller {number};s{number}@school.example\n" for number in range(10_000)
    )
    began = time.perf_counter()
    dry = send(api, admin, course, data, dry_run="true")
    previewed = time.perf_counter()
    real = send(api, admin, course, data)
    done = time.perf_counter()
    print(f"previewed in {previewed - began:.1f} s, imported in {done - previewed:.1f} s")
    assert dry.json["counts"] == real.json["counts"]
    assert real.json["counts"]["created"] == 10_000
