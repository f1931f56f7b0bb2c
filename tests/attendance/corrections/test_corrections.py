"""Marks by hand, and clearing a session's marks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attendance.core.services import Services
from tests.attendance.school import audited, course_of, enrol, hold, listed, put, renumber
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of


def test_a_teacher_marks_by_hand_and_the_list_shows_it(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session, student = api.session(teacher), api.student()
    marked = put(api, teacher, session, student, "excused", remark="At the dentist's")
    assert marked == {
        "student_id": student.row["student_id"],
        "name": student.row["name"],
        "family_name": None,
        "email": student.row["email"],
        "status": "excused",
        "method": "manual",
        "distance": None,
        "marked_at": "2026-03-02T08:00:00.000000Z",
        "remark": "At the dentist's",
        "reason_id": None,
        "reason": None,
        "evidence": ["manual"],
        "weak": False,
        "stay": None,
    }
    shown = api.get(f"/session/attendance?session_id={session['id']}", teacher).json
    assert shown["attendance"] == [marked]
    own = api.get("/student/attendance", student).json["attendance"][0]
    assert (own["status"], own["method"], own["remark"]) == (
        "excused",
        "manual",
        "At the dentist's",
    )


def test_what_a_face_has_marked_can_be_overridden_and_keeps_its_time(
    api: Api, teacher: Person, clock: FakeClock, parts: Services
) -> None:
    session, student = api.session(teacher), api.student("obama")
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    clock.advance(minutes=10)
    marked = put(api, teacher, session, student, "late", remark="Came with the second bus")
    assert (marked["status"], marked["method"], marked["distance"]) == ("late", "manual", None)
    assert marked["marked_at"] == "2026-03-02T08:00:00.000000Z"
    line = audited(parts, "attendance.set")[0]
    assert line["actor"] == f"teacher:{teacher.row['id']}"
    assert line["subject"] == f"student:{student.row['id']}"
    assert line["reason"] == "Came with the second bus"
    assert json.loads(line["old_value"]) == {
        "session": session["id"],
        "status": "present",
        "method": "face",
        "remark": None,
    }
    assert json.loads(line["new_value"])["status"] == "late"
    again = api.mark(student, "obama2", code=session["code"])
    assert (again.json["already"], again.json["status"]) == (True, "late")


def test_the_same_mark_again_changes_and_tells_nothing(
    api: Api, teacher: Person, parts: Services
) -> None:
    session, student = api.session(teacher), api.student()
    first = put(api, teacher, session, student, "present")
    assert put(api, teacher, session, student, "present") == first
    assert len(audited(parts, "attendance.set")) == 1


def test_a_manual_mark_is_heard_by_teacher_and_student(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student()
    with (
        serving(api.app) as url,
        Listener(url, teacher.token) as board,
        Listener(url, student.token) as own,
    ):
        put(api, teacher, session, student, "late")
        heard = board.next("attendance_marked")
        assert (heard["session_id"], heard["status"]) == (session["id"], "late")
        assert board.next("attendance_summary_updated")["counts"]["late"] == 1
        assert own.next("attendance_marked")["method"] == "manual"
        assert own.next("attendance_summary_updated")["overall"]["percentage"] == 100.0


def test_an_ended_session_can_be_corrected_and_counts_follow(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course, ann = course_of(api, teacher), api.student(name="Ann")
    bob = api.student(name="Bob")
    enrol(api, teacher, course, ann, bob)
    session = hold(api, clock, teacher, course, {"present": [ann]})
    assert listed(api, teacher, session) == {"Ann": "present", "Bob": "absent"}
    put(api, teacher, session, bob, "excused")
    assert listed(api, teacher, session) == {"Ann": "present", "Bob": "excused"}


def put_call(api: Api, by: Person | None, session: object, student: object, **body: Any) -> Any:
    url = f"/session/{session}/attendance/{student}"
    return api.call("PUT", url, by, json={"status": "present", **body})


def test_who_may_mark_by_hand(api: Api, admin: Person, teacher: Person) -> None:
    session, student = api.session(teacher)["id"], renumber(api, api.student(), "2026/7")
    assert code_of(put_call(api, None, session, "2026/7")) == (401, "token_missing")
    assert code_of(put_call(api, student, session, "2026/7")) == (403, "forbidden")
    assert code_of(put_call(api, api.teacher(), session, "2026/7")) == (403, "forbidden")
    assert code_of(put_call(api, teacher, 999, "2026/7")) == (404, "session_not_found")
    assert code_of(put_call(api, teacher, 2**64, "2026/7")) == (400, "invalid_request")
    assert code_of(put_call(api, teacher, session, "nobody")) == (404, "student_not_found")
    wrong = put_call(api, teacher, session, "2026/7", status="here")
    assert code_of(wrong) == (400, "invalid_request")
    long = put_call(api, teacher, session, "2026/7", remark="x" * 201)
    assert code_of(long) == (400, "invalid_request")
    assert put_call(api, admin, session, "2026/7").status_code == 200


def test_only_students_of_the_course_are_marked(api: Api, teacher: Person) -> None:
    course, stranger = course_of(api, teacher), api.student()
    session = api.session(teacher, course_id=course["id"])
    refused = put_call(api, teacher, session["id"], stranger.row["student_id"])
    assert code_of(refused) == (403, "not_enrolled")


# -- clearing


def test_clearing_asks_first_and_can_be_undone(api: Api, teacher: Person, parts: Services) -> None:
    session, ann, bob = api.session(teacher), api.student(name="Ann"), api.student(name="Bob")
    put(api, teacher, session, ann, "present", remark="Front row")
    put(api, teacher, session, bob, "late")
    url = f"/session/{session['id']}/attendance"
    before = api.get(f"/session/attendance?session_id={session['id']}", teacher).json
    asked = api.call("DELETE", url, teacher)
    assert code_of(asked) == (409, "confirmation_required")
    assert asked.json["marks"] == 2
    assert listed(api, teacher, session) == {"Ann": "present", "Bob": "late"}
    assert api.call("DELETE", f"{url}?confirm=true", teacher).json == {"cleared": 2}
    assert listed(api, teacher, session) == {}
    put(api, teacher, session, bob, "excused")
    assert api.post(f"{url}/restore", teacher).json == {"restored": 1, "kept": 1}
    assert listed(api, teacher, session) == {"Ann": "present", "Bob": "excused"}
    after = api.get(f"/session/attendance?session_id={session['id']}", teacher).json
    assert before["attendance"][0] in after["attendance"]
    assert code_of(api.post(f"{url}/restore", teacher)) == (409, "nothing_to_undo")
    assert [line["old_value"] for line in audited(parts, "attendance.clear")] == ['{"marks": 2}']
    assert len(audited(parts, "attendance.restore")) == 1


def test_two_clearings_are_undone_one_by_one(api: Api, teacher: Person) -> None:
    session, ann, bob = api.session(teacher), api.student(name="Ann"), api.student(name="Bob")
    url = f"/session/{session['id']}/attendance"
    for student in (ann, bob):
        put(api, teacher, session, student, "present")
        api.call("DELETE", f"{url}?confirm=true", teacher)
    assert api.post(f"{url}/restore", teacher).json == {"restored": 1, "kept": 0}
    assert listed(api, teacher, session) == {"Bob": "present"}
    assert api.post(f"{url}/restore", teacher).json == {"restored": 1, "kept": 0}
    assert listed(api, teacher, session) == {"Ann": "present", "Bob": "present"}


def test_a_second_click_does_not_hide_what_the_first_can_undo(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student(name="Ann")
    put(api, teacher, session, student, "present")
    url = f"/session/{session['id']}/attendance"
    assert api.call("DELETE", f"{url}?confirm=true", teacher).json == {"cleared": 1}
    assert api.call("DELETE", f"{url}?confirm=true", teacher).json == {"cleared": 0}
    assert api.post(f"{url}/restore", teacher).json == {"restored": 1, "kept": 0}
    assert listed(api, teacher, session) == {"Ann": "present"}


def test_who_watches_sees_the_list_emptied(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student()
    put(api, teacher, session, student, "present")
    with serving(api.app) as url, Listener(url, teacher.token) as board:
        assert board.follow(session["id"]) == {"ok": True}
        assert len(board.next("attendance_snapshot")["attendance"]) == 1
        path = f"/session/{session['id']}/attendance?confirm=true"
        assert api.call("DELETE", path, teacher).status_code == 200
        assert board.next("attendance_snapshot")["attendance"] == []
        assert board.next("attendance_summary_updated")["counts"]["present"] == 0


@pytest.mark.parametrize(("method", "path"), [("DELETE", "?confirm=true"), ("POST", "/restore")])
def test_who_may_clear_and_restore(
    api: Api, admin: Person, teacher: Person, method: str, path: str
) -> None:
    session = api.session(teacher)
    put(api, teacher, session, api.student(), "present")
    if method == "POST":
        api.call("DELETE", f"/session/{session['id']}/attendance?confirm=true", teacher)
    url = f"/session/{session['id']}/attendance{path}"
    assert code_of(api.call(method, url)) == (401, "token_missing")
    assert code_of(api.call(method, url, api.student())) == (403, "forbidden")
    assert code_of(api.call(method, url, api.teacher())) == (403, "forbidden")
    missing = api.call(method, f"/session/999/attendance{path}", teacher)
    assert code_of(missing) == (404, "session_not_found")
    assert api.call(method, url, admin).status_code == 200


def test_a_number_is_found_in_any_case_where_it_is_one_students(api: Api) -> None:
    teacher = api.teacher()
    student = api.student(student_id="S-77a")
    for number in ("T-1x", "T-1X"):
        api.student(student_id=number)
    session = api.session(teacher)
    path = f"/session/{session['id']}/attendance"
    marked = api.call("PUT", f"{path}/s-77A", teacher, json={"status": "present"})
    assert marked.json["attendance"]["student_id"] == student.row["student_id"]
    exact = api.call("PUT", f"{path}/T-1X", teacher, json={"status": "present"})
    assert exact.json["attendance"]["student_id"] == "T-1X"
    both = api.call("PUT", f"{path}/t-1X", teacher, json={"status": "present"})
    assert code_of(both) == (404, "student_not_found")
