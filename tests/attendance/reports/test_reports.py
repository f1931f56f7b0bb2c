"""Reports and exports: every number is computed a second time, by another query."""

from __future__ import annotations

import csv
import io
import random
from datetime import datetime, timedelta, timezone
from typing import Any

import openpyxl
import pytest

from attendance.core.services import Services
from database import Transaction, courses, excuses, marks, sessions, students
from tests.attendance.school import course_of, enrol, hold, put, renumber
from tests.conftest import Api, FakeClock, Person, code_of

STATUSES = ("present", "late", "absent", "excused")


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


def generate(
    parts: Services, course: dict[str, Any], teacher: int, *, students_n: int, sessions_n: int
) -> None:
    """A course with marks of every kind, late joiners, excuses and an open session."""
    chance = random.Random(7)
    start = parts.clock.now() - timedelta(days=sessions_n + 1)
    with parts.database.write() as tx:
        people = [
            int(
                students.create(
                    tx,
                    student_id=f"G{number:04}",
                    name=f"Generated {number}",
                    email=None,
                    password_hash=None,
                    course=None,
                    now=start,
                )["id"]
            )
            for number in range(students_n)
        ]
        for person in people:
            joined = start + timedelta(days=chance.choice([0, 0, 0, sessions_n // 2]))
            courses.enrol(tx, course["id"], person, joined)
            if chance.random() < 0.2:
                _excuse(tx, course["id"], person, start + timedelta(days=chance.randrange(9)))
        for number in range(sessions_n):
            _session(tx, chance, course["id"], teacher, people, start + timedelta(days=number))


def _excuse(tx: Transaction, course: int, person: int, begins_at: datetime) -> None:
    excuses.create(
        tx,
        course=course,
        student=person,
        first_day="2026-01-01",
        last_day="2026-01-03",
        begins_at=begins_at,
        ends_at=begins_at + timedelta(days=3),
        reason=None,
        now=begins_at,
    )


def _session(
    tx: Transaction,
    chance: random.Random,
    course: int,
    teacher: int,
    people: list[int],
    start: datetime,
) -> None:
    session = sessions.create(
        tx,
        teacher=teacher,
        course=course,
        subject="Algebra",
        section=None,
        code=f"{start:%m%d}{course}",
        late_after_minutes=None,
        now=start,
        closes_at=start + timedelta(hours=1),
    )["id"]
    for person in people:
        status = chance.choice([*STATUSES, "present", "present", None, None])
        if status:
            marks.add(
                tx,
                session=session,
                student=person,
                status=status,
                method="manual",
                distance=None,
                now=start + timedelta(minutes=chance.randrange(50)),
            )
    sessions.end_overdue(tx, start + timedelta(hours=1))


def recomputed(parts: Services, course: int) -> dict[str, dict[str, Any]]:
    """Each student's marks and counts, by plain loops over the bare tables."""
    with parts.database.read() as tx:
        held = tx.all("SELECT * FROM sessions WHERE course = :c", c=course)
        enrolled = tx.all(
            """SELECT s.id, s.student_id, e.enrolled_at FROM enrolments e, students s
               WHERE e.student = s.id AND e.course = :c""",
            c=course,
        )
        marked = {
            (row["student"], row["session"]): row["status"]
            for row in tx.all("SELECT * FROM attendance")
        }
        excused = tx.all("SELECT * FROM excuses WHERE course = :c", c=course)
    found: dict[str, dict[str, Any]] = {}
    for person in enrolled:
        own: dict[str, str] = {}
        for session in held:
            status = marked.get((person["id"], session["id"]))
            if (
                status is None
                and session["ended_at"]
                and (person["enrolled_at"] <= session["ended_at"])
            ):
                covered = any(
                    line["student"] == person["id"]
                    and line["begins_at"] <= session["started_at"] < line["ends_at"]
                    for line in excused
                )
                status = "excused" if covered else "absent"
            if status is not None:
                own[str(session["id"])] = status
        counts = {status: list(own.values()).count(status) for status in STATUSES}
        held_n = sum(counts.values()) - counts["excused"]
        came = counts["present"] + counts["late"]
        found[person["student_id"]] = {
            "marks": own,
            **counts,
            "total": held_n,
            "percentage": round(100 * came / held_n, 1) if held_n else 0.0,
        }
    return found


@pytest.fixture
def generated(api: Api, teacher: Person, parts: Services) -> dict[str, Any]:
    course = course_of(api, teacher, timezone="America/New_York")
    generate(parts, course, teacher.row["id"], students_n=60, sessions_n=12)
    return course


def test_every_number_of_the_matrix_is_right(
    api: Api, teacher: Person, parts: Services, generated: dict[str, Any]
) -> None:
    report = api.get(f"/course/{generated['id']}/report", teacher).json
    expected = recomputed(parts, generated["id"])
    assert {line["student_id"] for line in report["students"]} == set(expected)
    names = [line["name"] for line in report["students"]]
    assert names == sorted(names)
    kinds = set()
    for line in report["students"]:
        assert {key: line[key] for key in expected[line["student_id"]]} == expected[
            line["student_id"]
        ]
        kinds.update(line["marks"].values())
        kinds.update({len(line["marks"])})
    assert kinds >= {*STATUSES, 12}
    assert min(len(line["marks"]) for line in report["students"]) < 12, "nobody joined late"
    for session in report["sessions"]:
        column = [line["marks"].get(str(session["id"])) for line in report["students"]]
        assert {status: session[status] for status in STATUSES} == {
            status: column.count(status) for status in STATUSES
        }


def test_the_workbook_says_the_same_with_types(
    api: Api, teacher: Person, parts: Services, generated: dict[str, Any]
) -> None:
    answer = api.get(f"/course/{generated['id']}/report.xlsx", teacher)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Attendance", "Sessions", "Definitions"]
    sheet = book["Attendance"]
    assert sheet.freeze_panes == "C2"
    assert sheet.column_dimensions["B"].width == 26
    header, *lines = sheet.iter_rows(values_only=True)
    assert header[:9] == (
        "student_id", "name", "email", *STATUSES, "percentage", "absences_left",
    )  # fmt: skip
    expected = recomputed(parts, generated["id"])
    assert len(lines) == len(expected) == 60
    numbers = [str(heading).rpartition("#")[2] for heading in header[9:]]
    for line in lines:
        own = expected[line[0]]
        assert line[3:7] == tuple(own[status] for status in STATUSES)
        # the cell is exact, and shown rounded
        assert line[7] == pytest.approx(own["percentage"] / 100, abs=0.000501)
        assert dict(zip(numbers, line[9:], strict=True)) == {
            number: own["marks"].get(number) for number in numbers
        }
    assert sheet["H2"].number_format == "0.0%"
    sessions_sheet = book["Sessions"]
    first = next(sessions_sheet.iter_rows(min_row=2, values_only=True))
    assert isinstance(first[3], datetime)
    assert first[4] - first[3] == timedelta(hours=1)
    assert (first[3].hour, sessions_sheet["D1"].value) == (3, "start (America/New_York)")


def test_the_csv_says_the_same(
    api: Api, teacher: Person, parts: Services, generated: dict[str, Any]
) -> None:
    answer = api.get(f"/course/{generated['id']}/report.csv", teacher)
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    expected = recomputed(parts, generated["id"])
    for line in lines:
        own = expected[line["student_id"]]
        assert {status: int(line[status]) for status in STATUSES} == {
            status: own[status] for status in STATUSES
        }
        assert float(line["percentage"]) == own["percentage"]
    heading = list(lines[0])[9]
    start, _, rest = heading.partition("/")
    end = rest.split(" ")[0]
    assert datetime.fromisoformat(end) - datetime.fromisoformat(start) == timedelta(hours=1)


def test_a_report_of_some_days_counts_those_in_the_zone_of_the_course(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course = course_of(api, teacher, timezone="Pacific/Auckland")
    enrol(api, teacher, course, api.student())
    clock.moment = datetime(2026, 3, 2, 10, 30, tzinfo=timezone.utc)  # the 2nd, 23:30, there
    late = hold(api, clock, teacher, course, {})
    clock.moment = datetime(2026, 3, 2, 11, 30, tzinfo=timezone.utc)  # the 3rd, 0:30
    early = hold(api, clock, teacher, course, {})
    url = f"/course/{course['id']}/report"

    def shown(query: str) -> list[int]:
        return [line["id"] for line in api.get(f"{url}?{query}", teacher).json["sessions"]]

    assert shown("from=2026-03-02&to=2026-03-02") == [late["id"]]
    assert shown("from=2026-03-03") == [early["id"]]
    assert shown("to=2026-03-02") == [late["id"]]
    assert shown("") == [late["id"], early["id"]]
    assert code_of(api.get(f"{url}?from=2026-03-03&to=2026-03-02", teacher)) == (
        400,
        "invalid_request",
    )


def test_the_definitions_of_a_course_change_its_percentages(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course, student = course_of(api, teacher), api.student()
    enrol(api, teacher, course, student)
    for status in ("present", "late", "excused"):
        hold(api, clock, teacher, course, {status: [student]})
    hold(api, clock, teacher, course, {})
    url = f"/course/{course['id']}"

    def percentage(**change: Any) -> float:
        assert api.call("PATCH", url, teacher, json=change).status_code == 200
        found = api.get(f"{url}/report", teacher).json["students"][0]
        own = api.get("/student/attendance/summary", student).json["overall"]
        assert own == {
            "present": own["present"],
            "total": found["total"],
            "percentage": found["percentage"],
        }
        return float(found["percentage"])

    assert percentage() == 66.7
    assert percentage(late_counts=False) == 33.3
    assert percentage(excused_counts_as="present") == 50.0
    assert percentage(excused_counts_as="absent", late_counts=True) == 50.0


def test_students_at_risk_are_named_with_reasons_and_last_seen(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course = course_of(api, teacher, max_absences=1)
    good, rare, gone = (api.student(name=name) for name in ("Good", "Rare", "Gone"))
    enrol(api, teacher, course, good, rare, gone)
    hold(api, clock, teacher, course, {"present": [good, rare], "late": [gone]})
    for _ in range(2):
        hold(api, clock, teacher, course, {"present": [good, rare]})
    for _ in range(3):
        hold(api, clock, teacher, course, {"present": [good]})
    url = f"/course/{course['id']}/at-risk"
    found = api.get(url, teacher).json["students"]
    assert [(line["name"], line["percentage"], line["reasons"]) for line in found] == [
        ("Gone", 16.7, ["below_percentage", "too_many_absences", "absent_in_a_row"]),
        ("Rare", 50.0, ["below_percentage", "too_many_absences", "absent_in_a_row"]),
    ]
    assert found[0]["last_seen_at"] == "2026-03-02T08:00:00.000000Z"
    assert (found[0]["absent_in_a_row"], found[0]["absences_left"]) == (5, 0)
    lower = api.get(f"{url}?limit=40", teacher).json["students"]
    assert [line["reasons"][0] for line in lower] == ["below_percentage", "too_many_absences"]
    assert code_of(api.get(f"{url}?limit=101", teacher)) == (400, "invalid_request")


def test_a_student_sees_all_courses_worst_first(
    api: Api, admin: Person, teacher: Person, clock: FakeClock
) -> None:
    student = api.student(name="Ann")
    good, bad, new = (course_of(api, teacher, code=code) for code in ("GOOD", "BAD", "NEW"))
    foreign = course_of(api, admin, code="FOREIGN")
    for course, owner in ((good, teacher), (bad, teacher), (new, teacher), (foreign, admin)):
        enrol(api, owner, course, student)
    for status in ("present", "present", "present", "present"):
        hold(api, clock, teacher, good, {status: [student]})
    hold(api, clock, teacher, bad, {"late": [student]})
    hold(api, clock, teacher, bad, {})
    hold(api, clock, admin, foreign, {"present": [student]})
    loose = api.session(teacher, subject="Chess")
    put(api, teacher, loose, student, "present", remark="Won")

    own = api.get("/student/report", student).json
    assert own["overall"] == {"present": 7, "total": 8, "percentage": 87.5}
    assert [
        (line["course"] and line["course"]["code"], line["percentage"], line["absences_left"])
        for line in own["courses"]
    ] == [
        ("BAD", 50.0, 0),
        (None, 100.0, 0),
        ("FOREIGN", 100.0, 0),
        ("GOOD", 100.0, 1),
        ("NEW", 0.0, None),
    ]
    worst = own["courses"][0]
    assert [line["status"] for line in worst["history"]] == ["late", "absent"]
    assert worst["reasons"] == ["below_percentage"]
    assert worst["last_seen_at"] == worst["history"][0]["marked_at"]

    url = f"/api/students/{student.row['student_id']}/report"
    seen = api.get(url, teacher).json
    assert [line["course"] and line["course"]["code"] for line in seen["courses"]] == [
        "BAD",
        None,
        "GOOD",
        "NEW",
    ]
    assert api.get(url, admin).json == own

    table = list(
        csv.DictReader(io.StringIO(api.get(f"{url}.csv", teacher).data.decode("utf-8-sig")))
    )
    assert len(table) == 7
    assert [line["remark"] for line in table if line["subject"] == "Chess"] == ["Won"]
    book = openpyxl.load_workbook(io.BytesIO(api.get("/student/report.xlsx", student).data))
    assert [row[0] for row in book["Courses"].iter_rows(min_row=2, values_only=True)] == [
        "BAD",
        None,
        "FOREIGN",
        "GOOD",
        "NEW",
    ]
    assert book["History"].max_row == 9
    assert api.get("/student/report.csv", student).status_code == 200
    assert api.get(f"{url}.xlsx", teacher).status_code == 200


def test_a_session_in_numbers(api: Api, teacher: Person, clock: FakeClock) -> None:
    course = course_of(api, teacher)
    people = [api.student("obama"), api.student("biden"), api.student()]
    enrol(api, teacher, course, *people)
    session = api.session(teacher, course_id=course["id"], late_after_minutes=5)
    for person, face in zip(people, ("obama2", "biden"), strict=False):
        clock.advance(minutes=4)
        assert api.mark(person, face, code=session["code"]).status_code == 200
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    report = api.get(f"/session/{session['id']}/report", teacher).json
    assert report["counts"] == {"present": 1, "late": 1, "absent": 1, "excused": 0}
    assert report["rate"] == {"present": 2, "total": 3, "percentage": 66.7}
    assert report["arrivals"] == {
        "first_at": "2026-03-02T08:04:00.000000Z",
        "median_at": "2026-03-02T08:04:00.000000Z",
        "last_at": "2026-03-02T08:08:00.000000Z",
        "by_minute": {"4": 1, "8": 1},
    }
    answer = api.get(f"/session/{session['id']}/export.xlsx", teacher)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows = list(book["Attendance"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows] == ["present", "late", "absent"]
    assert rows[0][5].isoformat() == "2026-03-02T08:04:00"
    assert next(book["Session"].iter_rows(min_row=2, values_only=True))[5:9] == (1, 1, 1, 0)


def test_a_session_without_marks_has_a_report(api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    report = api.get(f"/session/{session['id']}/report", teacher).json
    assert report["rate"]["total"] == 0
    assert report["arrivals"]["first_at"] is None


def test_a_name_that_looks_like_a_formula_stays_a_name(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course = course_of(api, teacher)
    student = renumber(api, api.student(name="=HYPERLINK(1)"), "+1")
    enrol(api, teacher, course, student)
    hold(api, clock, teacher, course, {"present": [student]}, subject="=1+1")
    url = f"/course/{course['id']}/report"
    sheet = openpyxl.load_workbook(io.BytesIO(api.get(f"{url}.xlsx", teacher).data))
    cell = sheet["Attendance"]["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["Sessions"]["B2"].data_type == "s"
    lines = list(csv.reader(io.StringIO(api.get(f"{url}.csv", teacher).data.decode("utf-8-sig"))))
    assert lines[1][:2] == ["'+1", "'=HYPERLINK(1)"]


def test_an_empty_course_has_reports(api: Api, teacher: Person) -> None:
    course = course_of(api, teacher)
    url = f"/course/{course['id']}"
    shown = api.get(f"{url}/report", teacher).json
    assert (shown["students"], shown["sessions"]) == ([], [])
    assert api.get(f"{url}/at-risk", teacher).json == {"students": []}
    for kind in ("csv", "xlsx"):
        assert api.get(f"{url}/report.{kind}", teacher).status_code == 200


COURSE_CALLS = ("report", "report.csv", "report.xlsx", "at-risk")


@pytest.mark.parametrize("call", COURSE_CALLS)
def test_who_may_read_the_report_of_a_course(
    api: Api, admin: Person, teacher: Person, call: str
) -> None:
    course, student = course_of(api, teacher), api.student()
    enrol(api, teacher, course, student)
    url = f"/course/{course['id']}/{call}"
    assert code_of(api.get(url)) == (401, "token_missing")
    assert code_of(api.get(url, student)) == (403, "forbidden")
    assert code_of(api.get(url, api.teacher())) == (403, "forbidden")
    assert code_of(api.get(f"/course/999/{call}", teacher)) == (404, "course_not_found")
    assert api.get(url, admin).status_code == 200


@pytest.mark.parametrize("call", ["report", "export.xlsx"])
def test_who_may_read_the_report_of_a_session(
    api: Api, admin: Person, teacher: Person, call: str
) -> None:
    url = f"/session/{api.session(teacher)['id']}/{call}"
    assert code_of(api.get(url)) == (401, "token_missing")
    assert code_of(api.get(url, api.student())) == (403, "forbidden")
    assert code_of(api.get(url, api.teacher())) == (403, "forbidden")
    assert code_of(api.get(f"/session/999/{call}", teacher)) == (404, "session_not_found")
    assert api.get(url, admin).status_code == 200


@pytest.mark.parametrize("kind", ["", ".csv", ".xlsx"])
def test_who_may_read_the_report_of_a_student(
    api: Api, admin: Person, teacher: Person, kind: str
) -> None:
    student = renumber(api, api.student(), "2026/7")
    url = f"/api/students/2026/7/report{kind}"
    assert code_of(api.get(url)) == (401, "token_missing")
    assert code_of(api.get(url, student)) == (403, "forbidden")
    assert code_of(api.get(url, teacher)) == (404, "student_not_found")
    assert code_of(api.get(f"/api/students/x/report{kind}", admin)) == (404, "student_not_found")
    assert api.get(url, admin).status_code == 200
    put(api, teacher, api.session(teacher), student, "present")
    assert api.get(url, teacher).status_code == 200
    own = f"/student/report{kind}"
    assert code_of(api.get(own)) == (401, "token_missing")
    assert code_of(api.get(own, teacher)) == (403, "forbidden")
