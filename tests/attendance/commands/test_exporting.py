"""flask export and flask import-roster."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from attendance.core.clock import iso
from attendance.core.services import Services
from tests.attendance.commands.conftest import Run
from tests.attendance.school import course_of, enrol, hold, put, reason_of
from tests.attendance.sessions.test_marking_gates import enrol_in_course
from tests.conftest import Api, FakeClock


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_attendance_of_everybody_absent_ones_too(
    run: Run, api: Api, parts: Services, clock: FakeClock, tmp_path: Path
) -> None:
    teacher, present, absent = api.teacher(), api.student("obama"), api.student()
    course = enrol_in_course(parts, teacher, present, absent)
    session = api.session(teacher, course_id=course)
    assert api.mark(present, "obama2", code=session["code"]).status_code == 200
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    clock.advance(days=1)
    late = api.session(teacher)
    assert api.mark(present, "obama2", code=late["code"]).status_code == 200

    file = tmp_path / "all.csv"
    assert "3 lines" in run("export", "attendance", file).output
    assert [(row["session_id"], row["student_id"], row["status"]) for row in read(file)] == [
        (str(late["id"]), present.row["student_id"], "present"),
        (str(session["id"]), present.row["student_id"], "present"),
        (str(session["id"]), absent.row["student_id"], "absent"),
    ]
    run("export", "attendance", file, "--course", course)
    assert len(read(file)) == 2
    run("export", "attendance", file, "--from", "2026-03-03", "--to", "2026-03-03")
    assert [row["session_id"] for row in read(file)] == [str(late["id"])]
    assert "no such course" in run("export", "attendance", file, "--course", 99, status=1).output
    run("export", "attendance", file, "--from", "yesterday", status=2)


def test_who_left_when_and_the_reasons_of_the_school_are_in_the_file(
    run: Run, api: Api, clock: FakeClock, tmp_path: Path
) -> None:
    """As in a session's own file; of a course that does not ask, nothing."""
    teacher = api.teacher()
    leaving, staying, absent = (api.student(name=name) for name in ("Ann", "Ben", "Cem"))
    asking = course_of(api, teacher, check_in={"check_out": "required"})
    silent = course_of(api, teacher, code="CH1")
    for course in (asking, silent):
        enrol(api, teacher, course, leaving, staying, absent)
    session = api.session(teacher, course_id=asking["id"])
    for student in (leaving, staying):
        put(api, teacher, session, student, "present")
    put(api, teacher, session, absent, "excused", reason_id=reason_of(api, teacher)["id"])
    clock.advance(minutes=20)
    left_at = iso(clock.now())
    url = f"/session/{session['id']}/attendance/{leaving.row['student_id']}/left"
    assert api.call("PUT", url, teacher, json={"left_at": left_at}).status_code == 200
    clock.advance(minutes=25)
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    other = hold(api, clock, teacher, silent, {"present": [leaving]})

    file = tmp_path / "all.csv"
    run("export", "attendance", file)
    rows = {(row["session_id"], row["name"]): row for row in read(file)}
    columns = ("left_at", "left_by", "minutes", "left_early", "not_checked_out", "reason")
    assert {
        name: tuple(rows[str(session["id"]), name][column] for column in columns)
        for name in ("Ann", "Ben", "Cem")
    } == {
        "Ann": (left_at, "manual", "20", "True", "False", ""),
        "Ben": ("", "", "45", "False", "True", ""),
        "Cem": ("", "", "", "", "", "Fair"),
    }
    assert {rows[str(other["id"]), "Ann"][column] for column in columns} == {""}
    own = api.get(f"/session/{session['id']}/export.csv", teacher).get_data(as_text=True)
    [line] = [row for row in csv.DictReader(own.splitlines()) if row["name"] == "Ann"]
    assert tuple(line[column] for column in columns) == (
        left_at,
        "manual",
        "20",
        "True",
        "False",
        "",
    )


def test_everything_about_a_student(run: Run, api: Api, tmp_path: Path) -> None:
    api.student("obama", student_id="S1", name="Barack")
    file = tmp_path / "s1.json"
    assert "Barack (S1)" in run("export", "student", "S1", file).output
    assert json.loads(file.read_text("utf-8"))["student"]["student_id"] == "S1"
    assert "no such student" in run("export", "student", "S2", file, status=1).output


def test_the_audit_log(run: Run, api: Api, tmp_path: Path) -> None:
    api.teacher(name="Ada")
    run("export", "audit", tmp_path / "audit.csv")
    (row,) = read(tmp_path / "audit.csv")
    assert (row["action"], row["actor_name"]) == ("teacher.signup", "Ada")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(
        "Name,E-mail,Student ID\nAda,ada@school.example,S1\nBob,nonsense,S2\nEve,,S3\n", "utf-8"
    )
    return path


def test_a_roster_is_imported_and_its_invitations_work(
    run: Run, api: Api, parts: Services, roster: Path, tmp_path: Path
) -> None:
    teacher = api.teacher()
    course = enrol_in_course(parts, teacher)
    dry = run("import-roster", course, roster, "--dry-run", status=3).output
    assert "created: 2" in dry
    assert "Nothing was kept" in dry
    links = tmp_path / "links.csv"
    told = run("import-roster", course, roster, "--invitations", links, status=3).output
    assert "created: 2" in told
    assert "rejected: 1" in told
    assert "S2" in told
    (row,) = read(links)
    assert row["student_id"] == "S1"
    body = {"token": row["link"].partition("#")[2], "password": "correct horse"}
    answer = api.post("/auth/set-password", json=body)
    assert answer.json["student"]["name"] == "Ada"
    assert "unchanged: 2" in run("import-roster", course, roster, status=3).output


def test_a_roster_for_no_course_or_of_no_kind_is_an_error(
    run: Run, api: Api, parts: Services, roster: Path, tmp_path: Path
) -> None:
    assert "no such course" in run("import-roster", 99, roster, status=1).output
    course = enrol_in_course(parts, api.teacher())
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    run("import-roster", course, tmp_path / "picture.csv", status=1)


def test_a_name_with_the_terminals_own_words_is_shown_as_it_is(
    run: Run, api: Api, parts: Services, tmp_path: Path
) -> None:
    course = enrol_in_course(parts, api.teacher())
    path = tmp_path / "roster.csv"
    path.write_text("Name,E-mail,ID\nAda [/bold] Lee,nonsense,S1\nBob [red],nonsense,S2\n", "utf-8")
    told = run("import-roster", course, path, status=3).output
    assert "[/bold]" in told
    assert "[red]" in told
