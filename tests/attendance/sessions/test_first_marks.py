"""A mark by a first face that waits: kept, confirmed with the face or gone with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.audit import By
from attendance.core.services import Services
from attendance.operation import retention
from attendance.web.current import services_of
from tests.attendance.school import course_of, enrol, put
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of, picture

pytestmark = pytest.mark.in_turns


@pytest.fixture
def app(make_app: Callable[..., OpenAPI]) -> OpenAPI:
    return make_app(confirm_first_enrolments=True)


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api) -> Person:
    """Whose first face waits."""
    student = api.student()
    assert propose(api, student, "obama").status_code == 202
    return student


def propose(api: Api, student: Person, face: str) -> Any:
    return api.upload("/student/upload-face", student, picture(face))


def first_marks(api: Api, by: Person, session: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.get(f"/session/{session['id']}/first-marks", by)
    rows: list[dict[str, Any]] = answer.json["first_marks"]
    return rows


def decide(api: Api, by: Person, enrolment: int, accepted: bool) -> Any:
    return api.post(f"/admin/enrolments/{enrolment}/decide", by, json={"accepted": accepted})


def listed(api: Api, by: Person, session: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.get(f"/session/attendance?session_id={session['id']}", by)
    rows: list[dict[str, Any]] = answer.json["attendance"]
    return rows


def test_confirmed_with_the_face_it_counts_from_when_it_was_made(
    api: Api, clock: FakeClock, teacher: Person, student: Person
) -> None:
    session = api.session(teacher, late_after_minutes=10)
    made = api.mark(student, "obama2", code=session["code"])
    assert (made.status_code, made.json["pending"], made.json["already"]) == (202, True, False)
    assert (made.json["status"], made.json["session_id"]) == ("present", session["id"])
    assert listed(api, teacher, session) == [], "it does not count yet"
    [row] = first_marks(api, teacher, session)
    assert (row["student_id"], row["picture"]) == (student.row["student_id"], True)
    assert row["evidence"] == ["code", "face"]
    assert 0 < row["distance"] == made.json["distance"] < 1
    clock.advance(minutes=20)  # who comes now is late
    code = api.get(f"/session/{session['id']}", teacher).json["session"]["code"]
    again = api.mark(student, "obama2", code=code)
    assert (again.status_code, again.json["already"]) == (202, True)
    assert again.json["marked_at"] == made.json["marked_at"]
    decided = decide(api, teacher, row["enrolment"], True)
    assert decided.json["sessions"] == [session["id"]]
    [mark] = listed(api, teacher, session)
    assert (mark["status"], mark["method"]) == ("present", "face")
    assert mark["marked_at"] == made.json["marked_at"]
    assert mark["evidence"] == ["code", "face", "confirmed"]
    assert mark["weak"] is False, "a person has looked"
    assert first_marks(api, teacher, session) == []
    already = api.mark(student, "obama2", code=code)
    assert (already.status_code, already.json["already"]) == (200, True)


def test_another_face_than_the_one_that_waits_is_refused(
    api: Api, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    assert code_of(api.mark(student, "biden", code=session["code"])) == (422, "face_mismatch")
    assert first_marks(api, teacher, session) == []


def test_without_a_face_at_all_there_is_nothing_to_compare(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student()
    refused = api.mark(student, "obama", code=session["code"])
    assert code_of(refused) == (409, "face_not_enrolled")


def test_refused_with_the_face_it_is_gone(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    api.mark(student, "obama2", code=session["code"])
    [row] = first_marks(api, teacher, session)
    assert decide(api, teacher, row["enrolment"], False).json["sessions"] == []
    assert (first_marks(api, teacher, session), listed(api, teacher, session)) == ([], [])
    refused = api.mark(student, "obama2", code=session["code"])
    assert code_of(refused) == (409, "face_not_enrolled")


def test_what_one_face_marked_does_not_count_by_another(
    api: Api, admin: Person, teacher: Person, student: Person
) -> None:
    """A helper marks with the helper's face, and the student's own is what the teacher sees."""
    session = api.session(teacher)
    api.mark(student, "obama2", code=session["code"])
    propose(api, student, "biden")
    assert first_marks(api, teacher, session) == []
    [row] = api.get("/admin/enrolments", admin).json["enrolments"]
    assert row["first_marks"] == 0
    decide(api, admin, row["id"], True)
    assert listed(api, teacher, session) == []


def test_a_face_that_is_replaced_while_the_mark_is_written_keeps_no_mark(
    api: Api,
    parts: Services,
    teacher: Person,
    student: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The helper marks, and in that moment the student's own face comes in the place of the
    helper's."""
    session = api.session(teacher)
    compare = parts.faces.compare_proposed

    def slow(*given: Any) -> Any:
        found = compare(*given)
        propose(api, student, "biden")
        return found

    monkeypatch.setattr(parts.faces, "compare_proposed", slow)
    refused = api.mark(student, "obama2", code=session["code"])
    assert code_of(refused) == (409, "face_not_enrolled")
    assert first_marks(api, teacher, session) == []


def test_a_mark_by_hand_stays(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    api.mark(student, "obama2", code=session["code"])
    [row] = first_marks(api, teacher, session)
    put(api, teacher, session, student, "late")
    assert first_marks(api, teacher, session) == []
    assert decide(api, teacher, row["enrolment"], True).json["sessions"] == []
    [mark] = listed(api, teacher, session)
    assert (mark["status"], mark["method"]) == ("late", "manual")


def test_the_rest_of_a_roll_call_are_others(api: Api, teacher: Person, student: Person) -> None:
    away = api.student()
    course = course_of(api, teacher)
    enrol(api, teacher, course, student, away)
    session = api.session(teacher, course_id=course["id"])
    api.mark(student, "obama2", code=session["code"])
    path = f"/session/{session['id']}/attendance"
    assert api.call("PUT", path, teacher, json={"rest": "absent"}).json["changed"] == 1
    [row] = first_marks(api, teacher, session)
    assert decide(api, teacher, row["enrolment"], True).json["sessions"] == [session["id"]]
    stands = {line["student_id"]: line["status"] for line in listed(api, teacher, session)}
    assert stands == {student.row["student_id"]: "present", away.row["student_id"]: "absent"}


def test_who_has_a_mark_already_is_told_so(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    put(api, teacher, session, student, "present")
    marked = api.mark(student, "obama2", code=session["code"])
    assert (marked.status_code, marked.json["already"]) == (200, True)


def test_several_lessons_wait_for_one_decision_and_a_discarded_one_does_not(
    api: Api, admin: Person, teacher: Person, student: Person
) -> None:
    sessions = [api.session(teacher, another=True) for _ in range(3)]
    for session in sessions:
        assert api.mark(student, "obama2", code=session["code"]).status_code == 202
    api.post("/session/stop", teacher, json={"session_id": sessions[0]["id"]})
    api.call("DELETE", f"/session/{sessions[1]['id']}", teacher)
    [row] = api.get("/admin/enrolments", admin).json["enrolments"]
    assert row["first_marks"] == 3
    decided = decide(api, admin, row["id"], True)
    assert decided.json["sessions"] == [sessions[0]["id"], sessions[2]["id"]]


def test_whoever_may_mark_by_hand_may_confirm(api: Api, admin: Person, teacher: Person) -> None:
    """The substitute in the room, and of a session without a course whoever holds it."""
    substitute, stranger = api.teacher(), api.teacher()
    student = api.student()
    propose(api, student, "obama")
    course = course_of(api, teacher)
    enrol(api, teacher, course, student)
    helps = {"email": substitute.row["email"], "role": "substitute"}
    assert api.post(f"/course/{course['id']}/staff", teacher, json=helps).status_code < 300
    session = api.session(teacher, course_id=course["id"])
    api.mark(student, "obama2", code=session["code"])
    path = f"/session/{session['id']}/first-marks"
    assert code_of(api.get(path, stranger)) == (403, "forbidden")
    [row] = first_marks(api, substitute, session)
    refused = decide(api, stranger, row["enrolment"], True)
    assert code_of(refused) == (404, "enrolment_not_found")
    assert decide(api, substitute, row["enrolment"], True).json["sessions"] == [session["id"]]
    picked_up = api.student()
    propose(api, picked_up, "biden")
    alone = api.session(stranger)
    assert api.mark(picked_up, "biden", code=alone["code"]).status_code == 202
    [row] = first_marks(api, stranger, alone)
    assert decide(api, stranger, row["enrolment"], True).json["sessions"] == [alone["id"]]


def test_one_browser_marks_for_one_student(
    app: OpenAPI, api: Api, teacher: Person, student: Person
) -> None:
    other = api.student()
    propose(api, other, "biden")
    course = course_of(api, teacher, check_in={"one_device": True})
    enrol(api, teacher, course, student, other)
    session = api.session(teacher, course_id=course["id"])
    phone, second = Api(app, cookies=True), Api(app, cookies=True)
    for browser, each in ((phone, student), (second, other)):
        browser.post("/session/join", each, json={"code": session["code"]})
    assert phone.mark(student, "obama2", code=session["code"]).status_code == 202
    refused = phone.mark(other, "biden", code=session["code"])
    assert code_of(refused) == (403, "device_used")
    assert second.mark(other, "biden", code=session["code"]).status_code == 202


def test_it_is_the_students_own_data_and_goes_with_the_face(
    api: Api, parts: Services, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    assert api.get("/student/me", student).json["student"]["face_waits"] is True
    api.mark(student, "obama2", code=session["code"])
    [kept] = api.get("/student/export", student).json["first_marks"]
    assert (kept["session_id"], kept["evidence"]) == (session["id"], "code,face")
    api.call("DELETE", "/student/face", student)
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM first_marks") == 0
    assert api.get("/student/me", student).json["student"]["face_waits"] is False


def test_the_picture_that_proposed_the_face_does_not_mark(
    api: Api, clock: FakeClock, teacher: Person, student: Person
) -> None:
    course = course_of(api, teacher, check_in={"liveness": "watch"})
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    assert api.mark(student, "obama", code=session["code"]).status_code == 202
    [row] = first_marks(api, teacher, session)
    assert "doubt" in row["evidence"]


@pytest.mark.any_database
def test_who_is_in_the_room_hears_of_it_and_the_student_of_the_decision(
    app: OpenAPI, api: Api, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    with (
        serving(app) as url,
        Listener(url, teacher.token) as room,
        Listener(url, student.token) as own,
    ):
        room.follow(session["id"])
        api.mark(student, "obama2", code=session["code"])
        told = room.next("first_mark_added")
        assert (told["session_id"], told["name"]) == (session["id"], student.row["name"])
        [row] = first_marks(api, teacher, session)
        decide(api, teacher, row["enrolment"], True)
        for listener in (room, own):
            assert listener.next("face_decided")["accepted"] is True
            assert listener.next("attendance_marked")["status"] == "present"


@pytest.mark.any_database
def test_it_waits_where_a_teacher_looks(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    api.mark(student, "obama2", code=session["code"])
    [row] = api.get("/waiting", teacher).json["refused"]
    assert (row["session_id"], row["students"]) == (session["id"], 1)


@pytest.mark.any_database
def test_what_nobody_decides_has_its_time(
    app: OpenAPI, api: Api, clock: FakeClock, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    api.mark(student, "obama2", code=session["code"])
    clock.advance(days=31)
    retention.purge(services_of(app), By("cli"), days=None, dry_run=False)
    with services_of(app).database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM first_marks") == 0
