"""Starting, locking, unlocking, stopping; lists, pages and CSV of sessions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timezone
from urllib.parse import urlencode

import pytest
from flask_openapi3 import OpenAPI

from attendance.core import codes
from database import ForeignKeyViolation, plans, sessions
from tests.attendance.school import course_of, renumber
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


def test_a_session_starts_open_with_a_code_that_cannot_be_misread(
    api: Api, teacher: Person
) -> None:
    session = api.session(teacher, subject="Algebra", section="A")
    assert session["state"] == "open"
    assert session["locked"] is False
    assert session["started_at"] == "2026-03-02T08:00:00.000000Z"
    assert session["ended_at"] is None
    assert len(session["code"]) == 6
    assert set(session["code"]) <= set(codes.ALPHABET)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"subject": ""},
        {"subject": "x" * 201},
        {"subject": "A", "code": "a!b"},
        {"subject": "A", "code": "abc"},
        {"subject": "A", "duration_minutes": 0},
        {"subject": "A", "late_after_minutes": -1},
        {"subject": "A", "course_id": "x"},
    ],
)
def test_a_wrong_start_is_refused(api: Api, teacher: Person, body: dict[str, object]) -> None:
    assert code_of(api.post("/session/start", teacher, json=body)) == (400, "invalid_request")


def test_a_course_that_is_missing_or_anothers_is_refused(api: Api, teacher: Person) -> None:
    body = {"subject": "A", "course_id": 99}
    assert code_of(api.post("/session/start", teacher, json=body)) == (404, "course_not_found")


def test_lock_unlock_and_stop_change_the_state(api: Api, teacher: Person) -> None:
    number = api.session(teacher)["id"]

    def state(call: str) -> tuple[str, bool]:
        shown = api.post(f"/session/{call}", teacher, json={"session_id": number}).json["session"]
        return shown["state"], shown["locked"]

    assert state("lock") == ("locked", True)
    assert state("lock") == ("locked", True)
    assert state("unlock") == ("open", False)
    assert state("lock") == ("locked", True)
    assert state("stop") == ("ended", True)
    for call in ("lock", "unlock", "stop"):
        refused = api.post(f"/session/{call}", teacher, json={"session_id": number})
        assert code_of(refused) == (410, "session_ended")


def test_a_session_that_is_missing_is_told(api: Api, teacher: Person) -> None:
    for call in ("lock", "unlock", "stop"):
        refused = api.post(f"/session/{call}", teacher, json={"session_id": 99})
        assert code_of(refused) == (404, "session_not_found")
    for path in ("/session/99", "/session/99/qr.png", "/session/99/export.csv"):
        assert code_of(api.get(path, teacher)) == (404, "session_not_found")
    missing = api.get("/session/attendance?session_id=99", teacher)
    assert code_of(missing) == (404, "session_not_found")
    assert code_of(api.get("/session/attendance", teacher)) == (400, "invalid_request")


def test_a_code_is_unique_among_live_sessions_only(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    first = api.session(teacher, code="room-12")
    assert first["code"] == "ROOM12"
    body = {"subject": "Algebra", "code": "ROOM12"}
    assert code_of(api.post("/session/start", teacher, json=body)) == (409, "code_taken")
    api.post("/session/stop", teacher, json={"session_id": first["id"]})
    second = api.session(teacher, code="ROOM12", duration_minutes=5)
    clock.advance(minutes=5)
    third = api.session(teacher, code="ROOM12")
    assert len({first["id"], second["id"], third["id"]}) == 3
    joined = api.post("/session/join", api.student(), json={"code": "room12"})
    assert joined.json["session"]["id"] == third["id"]


def test_a_lock_after_the_planned_end_is_refused(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, duration_minutes=5)
    clock.advance(minutes=5)
    for call in ("lock", "stop"):
        refused = api.post(f"/session/{call}", teacher, json={"session_id": session["id"]})
        assert code_of(refused) == (410, "session_ended")


def test_own_sessions_come_newest_first_in_pages(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    api.session(api.teacher())
    numbers = []
    for _ in range(5):
        clock.advance(minutes=1)
        numbers.append(api.session(teacher)["id"])
    pages = [api.get(f"/session/mine?page={page}&per_page=2", teacher).json for page in (1, 2, 3)]
    listed = [session["id"] for page in pages for session in page["sessions"]]
    assert listed == numbers[::-1]
    assert {page["total"] for page in pages} == {5}
    wrong = api.get("/session/mine?page=0", teacher)
    assert code_of(wrong) == (400, "invalid_request")


def test_own_sessions_are_listed_from_one_day_to_another(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    numbers = []
    for _ in range(4):
        numbers.append(api.session(teacher)["id"])
        clock.advance(days=1)

    def listed(**days: str) -> list[int]:
        answer = api.get(f"/session/mine?{urlencode(days)}", teacher).json
        assert answer["total"] == len(answer["sessions"])
        return [session["id"] for session in answer["sessions"]]

    assert listed(**{"from": "2026-03-03", "to": "2026-03-04"}) == numbers[1:3][::-1]
    assert listed(**{"from": "2026-03-05"}) == numbers[3:]
    assert listed(to="2026-03-02") == numbers[:1]
    backwards = api.get("/session/mine?from=2026-03-04&to=2026-03-03", teacher)
    assert code_of(backwards) == (400, "invalid_request")


def test_the_list_names_who_came_and_how(api: Api, teacher: Person, clock: FakeClock) -> None:
    session = api.session(teacher, late_after_minutes=1)
    people = [api.student("obama"), api.student("biden")]
    for person, face in zip(people, ("obama2", "biden"), strict=True):
        assert api.mark(person, face, code=session["code"]).status_code == 200
        clock.advance(minutes=2)
    shown = api.get(f"/session/attendance?session_id={session['id']}", teacher).json
    assert shown["session"]["id"] == session["id"]
    assert [(row["student_id"], row["status"], row["method"]) for row in shown["attendance"]] == [
        (people[0].row["student_id"], "present", "face"),
        (people[1].row["student_id"], "late", "face"),
    ]
    assert set(shown["attendance"][0]) == {
        "student_id",
        "name",
        "family_name",
        "email",
        "status",
        "method",
        "distance",
        "marked_at",
        "remark",
        "reason_id",
        "reason",
        "evidence",
        "weak",
        "stay",
    }


def test_a_student_sees_a_session_without_its_code(api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    shown = api.get(f"/session/{session['id']}", api.student()).json["session"]
    assert shown == {**session, "code": None, "code_changes_at": None}


def test_csv_cells_that_a_spreadsheet_would_compute_are_neutralised(
    api: Api, teacher: Person
) -> None:
    session = api.session(teacher)
    student = api.student("obama", name='=HYPERLINK("http://evil","x"), Bob')
    renumber(api, student, "-1+1")
    api.mark(student, "obama2", code=session["code"])
    answer = api.get(f"/session/{session['id']}/export.csv", teacher)
    assert answer.data.startswith(b"\xef\xbb\xbfstudent_id,name,")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert rows[1][:2] == ["'-1+1", '\'=HYPERLINK("http://evil","x"), Bob']
    assert answer.data.count(b"\r\n") == 2
    assert answer.data.replace(b"\r\n", b"").count(b"\n") == 0


def test_the_name_of_the_csv_has_the_day_of_the_school(
    make_app: Callable[..., OpenAPI], clock: FakeClock
) -> None:
    api = Api(make_app(timezone="America/New_York"))
    clock.moment = datetime(2026, 3, 3, 1, 0, tzinfo=timezone.utc)  # 20:00 on the second
    teacher = api.teacher()
    number = api.session(teacher)["id"]
    for kind in ("csv", "xlsx"):
        answer = api.get(f"/session/{number}/export.{kind}", teacher)
        named = answer.headers["Content-Disposition"]
        assert f"attendance-2026-03-02-session-{number}.{kind}" in named


def test_the_csv_of_an_empty_session_is_its_header(api: Api, teacher: Person) -> None:
    path = f"/session/{api.session(teacher)['id']}/export.csv"
    header = b"\xef\xbb\xbfstudent_id,name,email,status,method,marked_at,distance"
    assert api.get(path, teacher).data == header + b",evidence,camera\r\n"
    assert api.get(f"{path}?details=true", teacher).data == (
        header + b",remark,session_started_at,session_ended_at,evidence,camera\r\n"
    )


def test_the_summary_counts_late_as_present(api: Api, teacher: Person, clock: FakeClock) -> None:
    student = api.student("obama")
    for subject, minutes in (("Algebra", 0), ("Algebra", 2), ("Law", 0)):
        session = api.session(teacher, subject=subject, late_after_minutes=1)
        clock.advance(minutes=minutes)
        api.mark(student, "obama2", code=session["code"])
    assert api.get("/student/attendance/summary", student).json == {
        "overall": {"present": 3, "total": 3, "percentage": 100.0},
        "subjects": [
            {"subject": "Algebra", "present": 2, "total": 2, "percentage": 100.0},
            {"subject": "Law", "present": 1, "total": 1, "percentage": 100.0},
        ],
    }


def test_a_course_deleted_meanwhile_is_not_found(
    api: Api, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_: object, **__: object) -> None:
        raise ForeignKeyViolation("on purpose")

    course = course_of(api, teacher)["id"]
    monkeypatch.setattr(sessions, "create", too_late)
    monkeypatch.setattr(plans, "create", too_late)
    started = api.post("/session/start", teacher, json={"subject": "X", "course_id": course})
    assert code_of(started) == (404, "course_not_found")
    plan = {"days": ["mon"], "start_time": "09:00", "duration_minutes": 60}
    dates = {"from": "2026-03-02", "to": "2026-03-30"}
    planned = api.post(f"/course/{course}/plans", teacher, json={**plan, **dates})
    assert code_of(planned) == (404, "course_not_found")


def test_a_file_for_people_has_local_times_remarks_and_the_courses_name(api: Api) -> None:
    teacher, student = api.teacher(), api.student()
    fields = {"code": "MÄ 1/b", "name": "Mathematics", "timezone": "Asia/Kolkata"}
    course = api.post("/course", teacher, json=fields).json["course"]
    number = student.row["student_id"]
    api.post(f"/course/{course['id']}/students", teacher, json={"student_id": number})
    session = api.session(teacher, course_id=course["id"])
    mark = {"status": "late", "remark": "The bus."}
    path = f"/session/{session['id']}"
    api.call("PUT", f"{path}/attendance/{number}", teacher, json=mark)
    answer = api.get(f"{path}/export.csv?details=true&times=local", teacher)
    name = f'filename="attendance-2026-03-02-MA-1-b-session-{session["id"]}.csv"'
    assert name in answer.headers["Content-Disposition"]
    (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (line["marked_at"], line["remark"]) == ("2026-03-02 13:30:00", "The bus.")
    plain = api.get(f"{path}/export.csv", teacher)
    (line,) = csv.DictReader(io.StringIO(plain.data.decode("utf-8-sig")))
    assert list(line) == [
        *("student_id", "name", "email", "status", "method", "marked_at", "distance"),
        *("evidence", "camera"),
    ]
    assert line["marked_at"] == "2026-03-02T08:00:00.000000Z"
    assert api.get(f"{path}/export.csv?times=mars", teacher).status_code == 400
