"""CSV files as a person's spreadsheet wants them; unchanged for programs that say nothing."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from tests.attendance.school import course_of, enrol, put
from tests.conftest import Api, FakeClock, Person, code_of

BOM = "\ufeff"


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person, clock: FakeClock) -> dict[str, Any]:
    """Nine of sixteen sessions attended: 56.25 percent, which is shown as 56.3."""
    course = course_of(api, teacher, timezone="Europe/Berlin", min_percentage=56.3)
    student = api.student(name="Ann Lee", student_id="S1")
    enrol(api, teacher, course, student)
    for number in range(16):
        session = api.session(teacher, course_id=course["id"])
        if number < 9:
            put(api, teacher, session, student, "present")
        api.post("/session/stop", teacher, json={"session_id": session["id"]})
        clock.advance(minutes=1)
    return course


def rows(answer: Any, separator: str = ",") -> list[list[str]]:
    text = answer.data.decode("utf-8").removeprefix(BOM)
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def percentage(table: list[list[str]]) -> str:
    return table[1][table[0].index("percentage")]


@pytest.mark.any_database
def test_what_is_shown_is_what_decides_in_every_file(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    path = f"/course/{course['id']}"
    shown = api.get(f"{path}/report", teacher).json["students"][0]
    assert shown["percentage"] == 56.3
    assert api.get(f"{path}/at-risk?limit=56.3", teacher).json["students"][0]["reasons"] == [
        "absent_in_a_row"
    ]
    assert percentage(rows(api.get(f"{path}/report.csv", teacher))) == "56.3"
    book = openpyxl.load_workbook(io.BytesIO(api.get(f"{path}/report.xlsx", teacher).data))
    table = list(book["Attendance"].iter_rows())
    cell = table[1][[cell.value for cell in table[0]].index("percentage")]
    assert (cell.value, cell.number_format) == (9 / 16, "0.0%")


@pytest.mark.any_database
def test_a_file_is_written_as_it_was_asked_for(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    path = f"/course/{course['id']}/report.csv"
    usual = api.get(path, teacher)
    assert usual.data.startswith(BOM.encode())
    assert b"\r\n" in usual.data
    german = api.get(f"{path}?separator=semicolon&bom=false", teacher)
    assert not german.data.startswith(BOM.encode())
    assert percentage(rows(german, ";")) == "56,3"
    tabbed = rows(api.get(f"{path}?separator=tab", teacher), "\t")
    assert tabbed == rows(usual)
    assert code_of(api.get(f"{path}?separator=pipe", teacher))[0] == 400


@pytest.mark.any_database
def test_times_are_those_of_the_course_where_that_is_asked_for(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    report = api.get(f"/course/{course['id']}/report", teacher).json
    path = f"/session/{report['sessions'][0]['id']}/export.csv"
    at = rows(api.get(path, teacher))
    assert at[1][at[0].index("marked_at")] == "2026-03-02T08:00:00.000000Z"
    local = rows(api.get(f"{path}?times=local&separator=semicolon", teacher), ";")
    assert local[1][local[0].index("marked_at")] == "2026-03-02 09:00:00"
    student = "/api/students/S1/report.csv"
    history = rows(api.get(f"{student}?times=local", teacher))
    start = next(place for place, name in enumerate(history[0]) if name.startswith("start"))
    assert history[1][start].startswith("2026-03-02 0")


@pytest.mark.any_database
def test_a_teachers_choice_is_remembered_and_the_api_stays_as_it_is(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    path = "/teacher/me/exports"
    usual = {"separator": "comma", "times": "utc", "bom": True, "chosen": False}
    assert api.get(path, teacher).json == usual
    wanted = {"separator": "semicolon", "times": "local", "bom": False}
    for _ in range(2):
        answer = api.call("PUT", path, teacher, json=wanted)
        assert (answer.status_code, answer.json) == (200, {**wanted, "chosen": True})
    assert api.get(path, api.teacher()).json == usual
    assert percentage(rows(api.get(f"/course/{course['id']}/report.csv", teacher))) == "56.3"
    for body in ({}, {**wanted, "separator": ";"}, {**wanted, "bom": "perhaps"}):
        assert code_of(api.call("PUT", path, teacher, json=body))[0] == 400
