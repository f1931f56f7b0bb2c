"""No cell is computed by any spreadsheet, and what was exported comes back as it was."""

from __future__ import annotations

import io
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

import attendance
from attendance.core.services import Services
from attendance.courses import roster_lines
from attendance.spreadsheets import reading
from attendance.spreadsheets.csv_lines import csv_lines, neutralised, restored
from attendance.spreadsheets.workbooks import Column, Sheet, write
from tests.attendance.school import course_of, enrol, put
from tests.conftest import Api

SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫−"
BEFORE = ["", "\u200b", "\ufeff", "\u00ad", "\u202e", " ", "\u00a0", "\t", "\r", "\n", '"', "'"]
FORMULAS = [
    *(f"{before}{sign}1" for before in BEFORE for sign in SIGNS),
    *(f"a{between}{sign}1" for between in (";", "; ", "|", "\t") for sign in "=@＝"),
    "'=1",
    "''=1",
    ";'=1;=2",
    "\t=1",
    "-",
]
PLAIN = ["", "Ann", "O'Neil", "'quoted'", "a=1", "a,b", "S-1", "a;b", "d'", "1'=", 'say "no"']


def _computes(text: str) -> bool:
    """Whether some spreadsheet finds a formula: at the start, or behind what it separates by."""
    for part in re.split("[;|\t\r\n]", text):
        seen = re.sub('[\\s"\u00ad\u200b\u202e\ufeff]', "", part)
        if seen[:1] and seen[0] in SIGNS:
            return True
    return False


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_none_any_more_and_comes_back(text: str) -> None:
    assert not _computes(neutralised(text))
    assert restored(neutralised(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_formula_is_left_alone(text: str) -> None:
    assert neutralised(text) == text
    assert restored(text) == text


def test_every_short_text_of_such_characters_comes_back() -> None:
    for characters in itertools.product("=';\ta\u200b", repeat=5):
        text = "".join(characters)
        assert restored(neutralised(text)) == text
        assert not _computes(neutralised(text)), ascii(text)


def test_numbers_are_numbers() -> None:
    assert [neutralised(value) for value in (-1, -0.5, None, True)] == ["-1", "-0.5", "", "True"]


@pytest.mark.parametrize("text", ["=1+1", "＝1", "\u200b=1", "#N/A", "-1", "a;=1", "2026-01-01"])
def test_a_workbook_has_words_where_words_are_meant(text: str) -> None:
    file = io.BytesIO()
    write([Sheet("A", [Column("=1"), Column("b")], [[text, text]])], file)
    page = openpyxl.load_workbook(file).worksheets[0]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}
    assert page["A2"].value == text


NAMES = ["=1+1", "'=1", "''@x", "a;=1", "＝1 Lee", "-", "+Ann", "Lee; @home", "O'Neil", '"=1"']


@pytest.mark.parametrize("name", NAMES)
def test_every_export_with_students_comes_back_as_a_roster(
    api: Api, parts: Services, name: str
) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher, name=name, code=name)
    student = api.student(name=name)
    assert student.row["name"] == name
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"], subject=name)
    put(api, teacher, session, student, "present", remark=name)
    urls = [
        f"/session/{session['id']}/export.csv?details=true",
        f"/session/{session['id']}/export.xlsx",
        f"/course/{course['id']}/report.csv",
        f"/course/{course['id']}/report.xlsx",
    ]
    for url in urls:
        answer = api.get(url, teacher)
        assert answer.status_code == 200, url
        (line,) = roster_lines.lines_of(answer.data)
        assert (line.student_id, line.name, line.email) == (
            student.row["student_id"],
            name,
            student.row["email"],
        ), url
    invitations = [("student_id", "name", "email"), ("S1", name, "a@b.example")]
    (line,) = roster_lines.lines_of("".join(csv_lines(invitations)).encode())
    assert line.name == name


def test_a_cell_of_a_csv_file_is_restored_before_it_is_cleaned() -> None:
    data = "".join(csv_lines([("id", "name"), ("S1", "\t=x"), ("S2", "\u200b=x")])).encode()
    assert [line.name for line in roster_lines.lines_of(data)] == ["=x", "=x"]
    assert reading.clean('="00123"') == "00123"


def test_the_pages_write_the_same_cells() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is needed, as for the libraries of the pages")
    script = Path(attendance.__file__).parent / "static/js/common/downloads.js"
    source = script.read_text("utf-8")
    part = source[source.index("const PARTS") : source.index("// Rows as CSV")]
    program = (
        f"{part}\nconst texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(texts.map(neutralised)));"
    )
    texts = [*FORMULAS, *PLAIN]
    done = subprocess.run(
        [node, "-e", program], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [neutralised(text) for text in texts]
